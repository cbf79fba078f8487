"""Hears from other nodes that something became due: PostgreSQL's NOTIFY, on a connection of its own."""

import threading
from collections.abc import Callable

import structlog
from sqlalchemy.exc import DBAPIError, OperationalError

from callbacks.store.database import CHANNEL, Database

log = structlog.get_logger()
LISTEN_SECONDS = 1.0
RECONNECT_SECONDS = 1.0


def listen(database: Database, heard: Callable[[], None], stopping: threading.Event) -> None:
    """Calls `heard` for every notification until `stopping` is set; a lost connection is made again. The
    engine's own tick covers what was missed meanwhile."""
    while not stopping.is_set():
        try:
            _listen_once(database, heard, stopping)
        except (DBAPIError, OperationalError, OSError) as error:
            log.warning("listener.lost", error=type(error).__name__)
            stopping.wait(RECONNECT_SECONDS)


def _listen_once(database: Database, heard: Callable[[], None], stopping: threading.Event) -> None:
    with database.connect() as connection:
        connection.detach()
        connection.execution_options(isolation_level="AUTOCOMMIT")
        raw = connection.connection.driver_connection
        raw.rollback()
        raw.autocommit = True
        raw.execute(f"LISTEN {CHANNEL}")
        while not stopping.is_set():
            for _ in raw.notifies(timeout=LISTEN_SECONDS, stop_after=1):
                heard()
