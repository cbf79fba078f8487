"""`erase`: a customer asks to be forgotten."""

from typing import Annotated

import typer

from app.cli.console import current_database_of, not_right, say, wrong_usage
from app.settings import load_settings
from app.wiring import build_context
from callbacks.engine.jobs import erasure
from callbacks.lib.phone import kept


def install(cli: typer.Typer) -> None:
    cli.command()(erase)


def erase(
    customer: Annotated[str, typer.Argument(help="The customer's number, such as +15145550142.")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides this; recorded in the audit log.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
) -> None:
    """Erases a customer's audio, number, name and words, here and at the carrier; keeps the ledger.

    Example: callbacks erase +15145550142 --by sue
    """
    number = kept(customer)
    if number is None:
        wrong_usage(f"{customer!r} is not a phone number; use a form such as +15145550142 or 514-555-0142")
    settings = load_settings()
    database = current_database_of(settings)
    if not yes:
        typer.confirm(f"Erase everything that {number} said, here and at the carrier? It cannot be undone", abort=True)
    try:
        done = erasure.customer(build_context(settings, database), number, by)
    except erasure.StillOwed as owed:
        not_right(
            f"{', '.join(owed.refs)} is still open, and a callback is owed to that number; resolve or withdraw it"
        )
    say(f"emergencies without a name now: {', '.join(done.emergencies) or 'none'}")
    say(f"recordings deleted here: {done.recordings}; records deleted at the carrier: {done.carrier_records}")
    say("taken out of the address book" if done.was_in_book else "was not in the address book")
    if done.kept_at_carrier:
        not_right(f"the carrier kept {len(done.kept_at_carrier)} records; give the command again later")
    if done.in_pages:
        not_right("the database was being read: old pages of it may still hold the words; give the command again later")
