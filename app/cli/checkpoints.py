"""`checkpoints accept`: what the ledgers hold now is taken as the truth from here on."""

from typing import Annotated

import typer

from app.cli.console import current_database_of, say
from app.settings import load_settings
from app.wiring import build_context
from callbacks.engine.jobs import checkpoints


def install(cli: typer.Typer) -> None:
    group = typer.Typer(help="Checkpoints that prove the ledgers complete.", no_args_is_help=True)
    group.callback()(lambda: None)  # a group of one command is a group all the same
    group.command()(accept)
    cli.add_typer(group, name="checkpoints")


def accept(
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides this; recorded in the audit log.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
) -> None:
    """Accepts the ledgers as they are now, after a restored backup, a lost checkpoint file or a changed secret key.

    The checkpoint file is moved aside and a new one is started. `verify` still reports faults within the chains.

    Example: callbacks checkpoints accept --by sue
    """
    settings = load_settings()
    database = current_database_of(settings)
    if not yes:
        typer.confirm("From now on nothing proves what the ledgers held before. Keep the older file. Go on", abort=True)
    aside = checkpoints.accept(build_context(settings, database), by)
    if aside:
        say(f"the older checkpoints lie in {aside}: keep them")
    say("sealed anew; run callbacks verify. On other nodes, move anchors.jsonl away: it is written anew")
