"""`drill` and `reconcile`: test that pages wake people, and find calls at the carrier that we do not know."""

import time
from datetime import timedelta
from typing import Annotated

import typer

from app.cli.console import instant, not_right, say, wrong_usage
from app.settings import load_settings
from app.wiring import build_context, open_database
from callbacks.engine.context import EngineContext
from callbacks.engine.jobs import drills
from callbacks.engine.reconcile import reconcile
from callbacks.engine.sweeps import last_sweep
from callbacks.store.sql import nodes
from callbacks.store.sql.migrations import schema_is_current

PATIENCE = timedelta(minutes=10)
LOOK_EVERY = 0.5


def install(cli: typer.Typer) -> None:
    cli.command()(drill)
    cli.command("reconcile")(reconcile_now)


def drill(
    technician: Annotated[
        str | None,
        typer.Option("--technician", metavar="NAME", help="Whom to page; default: the first on call."),
    ] = None,
) -> None:
    """Sends a real page marked DRILL and waits up to 10 minutes for the acknowledgement.

    The engine must be running. Exit 0: acknowledged; 1: not in time. Drills are excluded from reports.

    Example: callbacks drill --technician ana
    """
    context = _context()
    name = _whom(context, technician)
    _refuse_without_engine(context)
    started = context.clock.now()
    emergency = drills.begin(context, name)
    say(f"{name} has been paged; waiting for an answer (Ctrl-C to give up).")
    try:
        while context.clock.now() - started < PATIENCE:
            found = drills.answered(context, emergency)
            if found:
                say(f"{found[0]} acknowledged after {(found[1] - started).total_seconds():.0f} s")
                return
            time.sleep(LOOK_EVERY)
    except KeyboardInterrupt:
        say("Given up.")
    drills.end(context, emergency)
    not_right(f"{name} did not acknowledge; check their phone before tonight")


def reconcile_now(
    since: Annotated[
        str | None, typer.Option("--since", metavar="T", help="Start of the comparison; default: the last one.")
    ] = None,
) -> None:
    """Compares with the carrier's records now: opens and pages calls whose webhook was lost.

    Example: callbacks reconcile --since 2026-11-24T00:00:00-05:00
    """
    context = _context()
    begin = instant(since, "--since")
    found = reconcile.sweep(context, begin)
    error = last_sweep(context, reconcile.NAME).error
    if error:
        not_right(f"The carrier could not be reached: {error}")
    say(f"{found} lost call{'' if found == 1 else 's'} found")


def _context() -> EngineContext:
    settings = load_settings()
    database = open_database(settings)
    if not schema_is_current(database):
        wrong_usage("The database schema is not current; run: callbacks migrate")
    return build_context(settings, database)


def _whom(context: EngineContext, wanted: str | None) -> str:
    with context.database.read() as session:
        duty = context.duty(session)
    if wanted:
        if duty.contact(wanted) is None:
            known = ", ".join(p.name for p in duty.roster.people) or "nobody yet: callbacks roster load FILE"
            wrong_usage(f"--technician: {wanted!r} is not on the roster; it has {known}")
        return wanted
    for step in context.policy.escalation:
        found = duty.people(step.page, context.clock.now())
        if found:
            return found[0].name
    not_right("Nobody is on call, so nobody can be paged")


def _refuse_without_engine(context: EngineContext) -> None:
    with context.database.read() as session:
        beat = session.nodes.last_beat()
    if beat is None or context.clock.now() - beat > nodes.SILENCE:
        not_right("No engine is running, so nothing would be sent; start one: callbacks serve")
