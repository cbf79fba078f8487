"""Builds database, carrier, policy, context and engine from the settings."""

import os
import secrets
import socket
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

import structlog

from app.http.metrics import spans
from app.notify import notifier, pinger
from app.settings import CARRIER_URL, SANDBOX_ACCOUNT, Settings, SettingsFault
from callbacks.engine.context import Clock, DatabaseClock, EngineContext, monotonic_clock, untraced
from callbacks.lib.toml import FaultyFile
from callbacks.oncall.calendar_feed import MOST_BYTES
from callbacks.policy.lint import lint
from callbacks.policy.model import PUBLISHED, Policy, read_policy
from callbacks.store.sql import checks, live_mode, sealing, sessions
from callbacks.store.sql.database import Database, sql_store
from callbacks.store.sql.transaction import Transaction
from callbacks.telephony.outgoing import CalendarClient, HookClient
from callbacks.telephony.twilio import TwilioGateway

log = structlog.get_logger()


def remember_policy(context: EngineContext) -> None:
    """Writes down which policy is in force from now on, if it is another one than before."""

    def once(session: Transaction) -> None:
        checks.remember_policy(session, context.policy_text, context.clock.now())

    sql_store(context.database).transact(once)


def remember_live(settings: Settings, context: EngineContext) -> None:
    """Writes down that this is a live system's database, for a demo to keep away from."""
    if not settings.is_demo:
        sql_store(context.database).transact(lambda session: live_mode.remember(session, context.clock.now()))


def refuse_demo_of_live_system(settings: Settings, database: Database) -> None:
    """Its engine would take the system's pages out of the database and send them to a sandbox. Raises SettingsFault."""
    if not settings.is_demo:
        return
    with database.read() as session:
        is_live = live_mode.is_live(session, SANDBOX_ACCOUNT)
    if is_live:
        raise SettingsFault(
            [
                "CALLBACKS_DATABASE_URL: belongs to a live system, and the demo opens it to everybody on this machine "
                "and pages nobody; name a database of the demo's own, or set CALLBACKS_MODE=live"
            ]
        )


def seal_secrets(context: EngineContext) -> None:
    """Seals second factors and webhook secrets that are not sealed with the present key; what cannot be read is told in
    the log, and is no reason to page nobody."""

    found = sql_store(context.database).transact(lambda session: sealing.seal_all(session, context.secrets))
    if found[sealing.PLAIN] or found[sealing.PREVIOUS]:
        log.info("secrets.sealed", plain=found[sealing.PLAIN], previous=found[sealing.PREVIOUS])
    if found[sealing.LOST]:
        log.error("secrets.unreadable", n=found[sealing.LOST])


def end_sessions_without_factor(context: EngineContext, roles: Sequence[str]) -> None:
    """Ends what a version let pass with a password alone, of these roles: who logs in again is asked to enrol."""

    def once(session: Transaction) -> int:
        return sessions.end_without_factor(session, roles, context.clock.now())

    if ended := sql_store(context.database).transact(once):
        log.info("sessions.ended", n=ended)


def software_version() -> str:
    try:
        return version("callbacks")
    except PackageNotFoundError:
        return "unpackaged"


def load_policy(settings: Settings) -> Policy:
    """The policy in force. Raises SettingsFault with one line per fault."""
    if settings.policy_file is None:
        return PUBLISHED
    name = f"CALLBACKS_POLICY_FILE: {settings.policy_file}"
    try:
        policy = read_policy(settings.policy_file.read_text("utf-8-sig"))
    except FaultyFile as error:
        raise SettingsFault([f"{name}: {fault}" for fault in error.faults]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsFault([f"{name}: cannot be read ({error}); save it as UTF-8 text"]) from None
    faults = lint(policy, None)
    if faults:
        raise SettingsFault([f"{name}: {fault}" for fault in faults])
    return policy


def policy_text(settings: Settings) -> str:
    """The policy's file as it stands; "" for the published one."""
    return settings.policy_file.read_text("utf-8-sig") if settings.policy_file else ""


def open_database(settings: Settings, *, web: bool = False, checked: bool = True) -> Database:
    """Opened and, unless told otherwise, looked at. Raises DatabaseFault, one line that says what to do."""
    database = Database(settings.database_url, web=web)
    if checked:
        database.check()
    return database


def node_name() -> str:
    """Tells this process apart from every other, also after a restart with the same pid."""
    return f"{socket.gethostname()[:32]}-{os.getpid()}-{secrets.token_hex(3)}"


def build_context(settings: Settings, database: Database, clock: Clock | None = None) -> EngineContext:
    """The context of one process. In a cluster the time is the database's. Raises SettingsFault."""
    username, password = settings.rest_credentials
    base = None if settings.api_url == CARRIER_URL else settings.api_url
    return EngineContext(
        database=database,
        gateway=TwilioGateway(
            settings.account_sid, username, password, settings.support_number, base, settings.webhook_tokens
        ),
        clock=clock or (monotonic_clock() if database.is_sqlite else DatabaseClock(database.now)),
        policy=load_policy(settings),
        url=settings.url,
        support_number=settings.support_number,
        data_dir=settings.data_dir,
        node=node_name(),
        alarm=notifier(settings.notify_urls),
        heartbeat=pinger(settings.heartbeat_url),
        hook=HookClient(settings.is_demo),
        calendar=CalendarClient(settings.is_demo, MOST_BYTES + 1),
        policy_text=policy_text(settings),
        seal=settings.seal,
        secrets=settings.secret_box,
        segments_per_second=settings.segments_per_second,
        span=spans(software_version()) or untraced,
    )
