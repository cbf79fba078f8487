"""`demo`, `serve`, `engine`, `migrate` and `sandbox`: long-running processes and their setup.

Pages, API and sandbox are imported by the command that serves them: `migrate` and `engine` start without.
"""

import contextlib
import signal
import socket
import threading
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from app.auth.rights import WITH_FACTOR
from app.cli.console import announce, read_file, wrong_usage
from app.http.logs import set_up
from app.settings import (
    Mode,
    Settings,
    check_listening,
    load_local_settings,
    load_sandbox_settings,
    load_settings,
)
from app.wiring import (
    build_context,
    end_sessions_without_factor,
    open_database,
    refuse_demo_of_live_system,
    remember_live,
    remember_policy,
    seal_secrets,
    software_version,
)
from callbacks.engine.context import EngineContext
from callbacks.engine.reconcile.tokens import look_at_start
from callbacks.engine.runtime.loop import Engine
from callbacks.oncall.roster import read_roster
from callbacks.store.sql.database import Database
from callbacks.store.sql.migrations import migrate as migrate_database
from callbacks.store.sql.migrations import schema_is_current

LOCAL = "127.0.0.1"
Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="0 picks a free port.")]


def install(cli: typer.Typer) -> None:
    for command in (demo, serve, engine, migrate, sandbox):
        cli.command()(command)


def demo(port: Port = 8000) -> None:
    """Runs a whole night on this machine: web, engine and phone sandbox on one port.

    Example: callbacks demo --port 8000
    """
    from app import demo as desk
    from app.main import create_app
    from app.server import Server

    set_up()
    listener = _listener(LOCAL, port)
    address = f"http://{LOCAL}:{listener.getsockname()[1]}"
    settings = load_settings(mode=Mode.DEMO, public_url=address, api_url=address)
    database = open_database(settings)
    refuse_demo_of_live_system(settings, database)
    migrate_database(database)
    roster = desk.load_sample_roster(database)
    context = build_context(settings, database)
    sandbox = desk.sandbox_for(settings, desk.phones_of(roster), address)
    running = Engine(context, software_version())
    running.acquire()
    remember_policy(context)
    seal_secrets(context)
    end_sessions_without_factor(context, WITH_FACTOR)

    def when_listening() -> None:
        sandbox.state.network.start()
        running.start()
        announce(f"Customer phone     {address}/sandbox/")
        announce(f"Technician phones  {address}/sandbox/#phones")
        announce(f"Supervisor board   {address}/")
        announce("For doctor, drill and reconcile in another terminal:")
        announce(f"  export CALLBACKS_MODE=demo TWILIO_API_URL={address} CALLBACKS_PUBLIC_URL={address}")
        announce("Ready. Stop with Ctrl-C.")

    Server(desk.OnePort(create_app(settings, context), sandbox), listener).run(when_listening)
    running.stop()
    sandbox.state.network.close()


def serve(
    host: Annotated[str, typer.Option("--host")] = LOCAL,
    port: Port = 8000,
    no_engine: Annotated[bool, typer.Option("--no-engine", help="Serve the web only, without the engine.")] = False,
) -> None:
    """Serves webhooks, pages and the API, and runs the engine.

    Example: callbacks serve --host 0.0.0.0 --port 8000
    """
    from app.main import create_app
    from app.server import Server, at

    set_up()
    settings = load_settings()
    database = _ready_database(settings, web=no_engine)
    context = build_context(settings, database)
    listener = _listener(host, port)
    check_listening(settings, listener.getsockname()[0])
    running = None if no_engine else Engine(context, software_version())
    if running:
        running.acquire()
    remember_policy(context)
    remember_live(settings, context)
    seal_secrets(context)
    end_sessions_without_factor(context, WITH_FACTOR)
    announce(f"Serving on http://{at(*listener.getsockname()[:2])}")
    pages = context if no_engine or database.is_sqlite else replace(context, database=open_database(settings, web=True))
    Server(create_app(settings, pages), listener).run(lambda: _begin(context, running))
    if running:
        running.stop()


def engine() -> None:
    """Runs the engine alone: any number on PostgreSQL, one on SQLite.

    Example: callbacks engine
    """
    set_up()
    settings = load_settings()
    context = build_context(settings, _ready_database(settings))
    running = Engine(context, software_version())
    running.acquire()
    remember_policy(context)
    seal_secrets(context)
    end_sessions_without_factor(context, WITH_FACTOR)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    announce("Engine running. Stop with Ctrl-C.")
    _begin(context, running)
    stopped.wait()
    running.stop()


def migrate() -> None:
    """Upgrades the database schema.

    Example: callbacks migrate
    """
    set_up()
    migrate_database(open_database(load_local_settings()))
    announce("The schema is current.")


def sandbox(
    port: Port = 8001,
    roster: Annotated[
        Path | None, typer.Option("--roster", metavar="F", help="Roster with the phones; default: the sample.")
    ] = None,
    product: Annotated[
        str | None, typer.Option("--product", metavar="URL", help="Base URL to set on the support number.")
    ] = None,
) -> None:
    """Runs the phone sandbox alone: the carrier's REST API and the phones page.

    Example: callbacks sandbox --port 8001
    """
    from app import demo as desk
    from app.server import Server

    listener = _listener(LOCAL, port)
    address = f"http://{LOCAL}:{listener.getsockname()[1]}"
    settings = load_sandbox_settings(address)
    people = read_roster(read_file(roster or desk.SAMPLE_ROSTER))
    app = desk.sandbox_for(settings, desk.phones_of(people), product or settings.public_url)

    def when_listening() -> None:
        announce(f"Carrier  {address}  (set TWILIO_API_URL to it)")
        announce(f"Phones   {address}/sandbox/")

    Server(app, listener).run(when_listening)


def _begin(context: EngineContext, running: Engine | None) -> None:
    """Starts working first: what is wrong with a token is said beside it."""
    if running:
        running.start()
    fault = look_at_start(context)
    if fault:
        with contextlib.suppress(OSError):
            typer.echo(fault, err=True)


def _listener(host: str, port: int) -> socket.socket:
    from app.server import CannotListen, listen_on

    try:
        return listen_on(host, port)
    except CannotListen as why:
        wrong_usage(str(why))


def _ready_database(settings: Settings, *, web: bool = False) -> Database:
    """A database on the newest schema; leaves with exit 2 otherwise."""
    database = open_database(settings, web=web)
    refuse_demo_of_live_system(settings, database)
    if not schema_is_current(database):
        wrong_usage("The database schema is not current; run: callbacks migrate")
    return database
