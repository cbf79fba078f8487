"""`customers …` and `erase`: the address book of callers, who is blocked, and who asks to be forgotten."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from app.cli.console import (
    current_database,
    current_database_of,
    not_right,
    read_file,
    say,
    say_json,
    table,
    told,
    wrong_usage,
)
from callbacks.emergency.model import ref_of
from callbacks.lib.phone import NoNumber, kept, read_number
from callbacks.lib.toml import FaultyFile
from callbacks.lib.wallclock import rfc3339
from callbacks.oncall.contacts import (
    LONGEST_REASON,
    LONGEST_SIGNER,
    WORKS_OF_A_BLOCK,
    compare,
    entry_of,
    read_book,
    said,
    write_book,
)
from callbacks.store.rows import CustomerRow, EmergencyRow
from callbacks.store.sql import customers
from callbacks.store.sql.transaction import Transaction

T = TypeVar("T")
BY = "command line"
VIA = "command"
FIELDS = ("number", "name", "company", "language", "notes", "blocked", "texts_refused", "updated_at")
book = typer.Typer(help="The customers' address book, and blocked callers.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Number = Annotated[str, typer.Argument(help="Such as +15145550142 or 514-555-0142.")]


def install(cli: typer.Typer) -> None:
    cli.add_typer(book, name="customers")
    cli.command()(erase)


@book.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV in UTF-8: number, name, company, language, notes.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change; change nothing.")] = False,
) -> None:
    """Imports a CSV file, all rows or none, and shows what changes; removes nobody.

    Example: callbacks customers import customers.csv --dry-run
    """
    try:
        given = read_book(read_file(file))
    except FaultyFile as faulty:
        not_right("\n".join(told(file, faulty)))
    if dry_run:
        with current_database().read() as session:
            changes = compare(customers.book(session), given)
    else:
        changes = _write(lambda session, now: customers.take_file(session, given, BY, VIA, now))
    for line in changes:
        say(line)
    say(f"{len(changes)} of {len(given)} " + ("would change; nothing was changed" if dry_run else "changed"))


@book.command()
def export() -> None:
    """Prints the address book as CSV, without blocks.

    Example: callbacks customers export > customers.csv
    """
    with current_database().read() as session:
        rows = customers.everybody(session)
    typer.echo(write_book(map(customers.as_entry, rows)), nl=False)


@book.command("list")
def list_(json: Json = False) -> None:
    """Lists the address book by number.

    Example: callbacks customers list
    """
    with current_database().read() as session:
        rows = customers.everybody(session)
    if json:
        return say_json({"items": [_record(row) for row in rows]})
    if not rows:
        return say("nobody yet; run: callbacks customers import FILE")
    head = ["number", "name", "company", "language", "texts", "blocked"]
    return table([head, *(_line(row) for row in rows)])


@book.command()
def show(number: Number, json: Json = False) -> None:
    """Shows one caller: the entry, whether blocked, and recent emergencies.

    Example: callbacks customers show +15145550142
    """
    number = _number(number, known=True)
    with current_database().read() as session:
        row, past = session.customers.known(number), customers.emergencies_of(session, number)
    if row is None and not past:
        not_right(f"{number} is not in the address book and has never called; see: callbacks customers list")
    if json:
        entry = _record(row) if row else dict.fromkeys(FIELDS) | {"number": number}
        return say_json({**entry, "in_book": row is not None, "emergencies": [_past(e) for e in past]})
    _say_caller(number, row)
    return _say_past(past)


@book.command("set")
def set_(
    number: Number,
    name: Annotated[str | None, typer.Option("--name")] = None,
    company: Annotated[str | None, typer.Option("--company")] = None,
    language: Annotated[str | None, typer.Option("--language", help='en, fr, or "" for unknown.')] = None,
    notes: Annotated[str | None, typer.Option("--notes")] = None,
) -> None:
    """Sets a caller's details; options not given stay as they are, "" clears one.

    Example: callbacks customers set +15145550142 --name "Priya Shah" --language en
    """
    options = {"name": name, "company": company, "language": language, "notes": notes}
    given = {column: text for column, text in options.items() if text is not None}
    if not given:
        wrong_usage("Give at least one of --name, --company, --language and --notes.")
    try:
        entry = entry_of({"number": number, **given})
    except FaultyFile as faulty:
        wrong_usage(str(faulty))
    for line in _write(lambda session, now: customers.save(session, entry, BY, VIA, now)) or ["nothing changed"]:
        say(line)


@book.command()
def block(
    number: Number,
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who decided this.")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="The reason, shown to supervisors.")],
) -> None:
    """Blocks a caller: their calls are ended politely and page nobody.

    Example: callbacks customers block +15145550142 --by sue --reason "Sells roofs at night"
    """
    number = _number(number)
    try:
        who, why = said("--by", by, LONGEST_SIGNER), said("--reason", reason, LONGEST_REASON)
    except FaultyFile as faulty:
        wrong_usage(str(faulty))
    _write(lambda session, now: customers.block(session, number, who, why, VIA, now))
    say(f"{number} is blocked. {WORKS_OF_A_BLOCK}")
    say(f"To undo it: callbacks customers unblock {number}")


@book.command()
def unblock(number: Number) -> None:
    """Unblocks a caller.

    Example: callbacks customers unblock +15145550142
    """
    number = _number(number, known=True)
    if not _write(lambda session, now: customers.unblock(session, number, BY, VIA, now)):
        not_right(f"{number} is not blocked")
    say(f"{number} is unblocked; their next call is answered as usual")


@book.command()
def forget(number: Number) -> None:
    """Removes a caller from the address book, and any block; emergencies are kept.

    Example: callbacks customers forget +15145550142
    """
    number = _number(number, known=True)
    row = _write(lambda session, now: customers.take_out(session, number, BY, VIA, now))
    if row is None:
        not_right(f"{number} is not in the address book")
    say(f"{number} removed from the address book" + ("; the block is gone with it" if row.blocked_at else ""))


def _number(text: str, known: bool = False) -> str:
    """`known`: of somebody who may be in the address book from before a number had to exist."""
    number = (kept(text) if known else None) or read_number(text)
    if isinstance(number, NoNumber):
        wrong_usage(f"{text!r} {number.problem}; {number.fix}")
    return number


def _write(work: Callable[[Transaction, datetime], T]) -> T:
    """One transaction; tried again when somebody else was first."""
    database = current_database()

    return database.transact(lambda session: work(session, datetime.now(UTC)))


def _record(row: CustomerRow) -> dict[str, Any]:
    blocked = {"at": rfc3339(row.blocked_at), "by": row.blocked_by, "why": row.blocked_why}
    refused = {"at": rfc3339(row.sms_dead_at), "why": row.sms_dead_why}
    facts = {
        "blocked": blocked if row.blocked_at else None,
        "texts_refused": refused if row.sms_dead_at else None,
        "updated_at": rfc3339(row.updated_at),
    }
    return {field: facts[field] if field in facts else getattr(row, field) for field in FIELDS}


def _line(row: CustomerRow) -> list[str]:
    return [
        row.number,
        row.name or "",
        row.company or "",
        row.language or "",
        "refused" if row.sms_dead_at else "",
        f"since {rfc3339(row.blocked_at)} by {row.blocked_by}: {row.blocked_why}" if row.blocked_at else "",
    ]


def _say_caller(number: str, row: CustomerRow | None) -> None:
    if row is None:
        return say(f"{number}  not in the address book")
    say("  ".join(words for words in (number, row.name, row.company, row.language) if words))
    for line in (row.notes or "").splitlines():
        say(f"  {line}")
    say(f"blocked {_line(row)[-1]}" if row.blocked_at else "not blocked")
    if row.sms_dead_at:
        say(f"texts are refused since {rfc3339(row.sms_dead_at)}: {row.sms_dead_why}")
    return None


def _past(e: EmergencyRow) -> dict[str, Any]:
    assert e.id is not None
    return {
        "ref": ref_of(e.id),
        "call_started_at": rfc3339(e.call_started_at),
        "state": e.state,
        "outcome": e.outcome,
        "open": e.is_open,
    }


def _say_past(past: Sequence[EmergencyRow]) -> None:
    if not past:
        return say("no emergency")
    rows = [[str(f[k]) for k in ("ref", "call_started_at", "state", "outcome")] for f in map(_past, past)]
    return table([["emergency", "called", "state", "verdict"], *rows])


def erase(
    customer: Annotated[str, typer.Argument(help="The customer's number, such as +15145550142.")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who decided this; recorded in the audit log.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
) -> None:
    """Erases a customer's audio, number, name and words, here and at the carrier; keeps the ledger.

    Example: callbacks erase +15145550142 --by sue
    """
    from app.settings import load_settings
    from app.wiring import build_context
    from callbacks.engine.jobs import erasure

    number = kept(customer)
    if number is None:
        wrong_usage(f"{customer!r} is not a phone number; use a form such as +15145550142 or 514-555-0142")
    settings = load_settings()
    database = current_database_of(settings)
    if not yes:
        typer.confirm(
            f"Erase everything that {number} said, here and at the carrier? This cannot be undone", abort=True
        )
    try:
        done = erasure.customer(build_context(settings, database), number, by)
    except erasure.StillOwed as owed:
        not_right(
            f"{', '.join(owed.refs)} is still open, and a callback is owed to that number; resolve or withdraw it"
        )
    say(f"emergencies made anonymous: {', '.join(done.emergencies) or 'none'}")
    say(f"recordings deleted here: {done.recordings}; records deleted at the carrier: {done.carrier_records}")
    say("removed from the address book" if done.was_in_book else "was not in the address book")
    if done.kept_at_carrier:
        not_right(f"the carrier kept {len(done.kept_at_carrier)} records; run the command again later")
    if done.in_pages:
        not_right("the database was in use, so its files may still contain the words; run the command again later")
