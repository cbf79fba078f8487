"""`anchors accept`: what the ledgers hold now is taken as the truth from here on."""

from typing import Annotated

import typer

from app.cli.console import say, wrong_usage
from app.settings import load_settings
from app.wiring import build_world, open_database
from callbacks.engine.jobs import checkpoints
from callbacks.store.migrations import schema_is_current


def install(cli: typer.Typer) -> None:
    group = typer.Typer(help="The anchors: lines outside the database that prove the ledgers.", no_args_is_help=True)
    group.callback()(lambda: None)  # a group of one command is a group all the same
    group.command()(accept)
    cli.add_typer(group, name="anchors")


def accept(
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides this; stands in the audit list.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Takes what the ledgers hold now as the truth: after a restored backup, a lost file or a changed secret key.

    The file of anchors is moved aside and begun anew. What the chains themselves lack stays a fault of verify.

    Example: callbacks anchors accept --by sue
    """
    settings = load_settings()
    database = open_database(settings)
    if not schema_is_current(database):
        wrong_usage("The database schema is not current; run: callbacks migrate")
    if not yes:
        typer.confirm("From now on nothing proves what the ledgers held before. Keep the older file. Go on", abort=True)
    aside = checkpoints.accept(build_world(settings, database), by)
    if aside:
        say(f"the older anchors lie in {aside}: keep them")
    say("sealed anew; run callbacks verify. On other nodes, move anchors.jsonl away: it is written anew")
