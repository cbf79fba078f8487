"""`doctor`: everything that would stop a page tonight."""

from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated

import typer

from app.cli.console import say, say_json
from app.doctor import local
from app.doctor.carrier import fallback
from app.doctor.examination import examine, fix_number, keep, result
from app.doctor.finding import Finding
from app.settings import Settings, load_settings
from app.wiring import build_context, open_database
from callbacks.engine.context import EngineContext, SystemClock
from callbacks.store.errors import DatabaseError
from callbacks.store.sql.database import sql_store
from callbacks.store.sql.transaction import Transaction

BY = "command line"


def install(cli: typer.Typer) -> None:
    cli.command()(doctor)


def doctor(
    json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
    fix: Annotated[bool, typer.Option("--fix", help="Set the number's webhook URLs at the carrier.")] = False,
    print_fallback: Annotated[
        bool, typer.Option("--print-fallback", help="Print only the fallback TwiML to host at the carrier.")
    ] = False,
) -> None:
    """Checks everything that would stop a page tonight, and says how to fix each fault.

    Example: callbacks doctor --fix
    """
    settings = load_settings()
    with closing(open_database(settings, checked=False)) as database:
        context = build_context(settings, database, SystemClock())
        if print_fallback:
            return say(fallback(context))
        found: list[Finding] = []
        if fix:
            found = list(fix_number(context, settings))
        now = datetime.now(UTC)
        found += examine(settings, context, now)
        _keep(context, settings, now, found, "carrier.addresses-set" if fix else "carrier.checked")
    healthy = all(f.ok is not False for f in found)
    if json:
        say_json({"ok": healthy, "checks": [f.record() for f in found]})
    else:
        for finding in found:
            say("\n".join(finding.lines()))
        say("ready for tonight" if healthy else "NOT ready for tonight")
    raise typer.Exit(0 if healthy else 1)


def _keep(context: EngineContext, settings: Settings, now: datetime, found: list[Finding], action: str) -> None:
    """For the page of the carrier to show. A database that takes nothing is among the findings, or is told here."""
    if not all(f.ok for f in local.database(sql_store(context.database))):
        return
    kept = result(context, settings, found)

    def once(session: Transaction) -> None:
        keep(session, now, BY, "command", action, found, kept)

    try:
        sql_store(context.database).transact(once)
    except DatabaseError as error:
        typer.echo(f"The result could not be saved for the Carrier check page ({type(error).__name__}).", err=True)
