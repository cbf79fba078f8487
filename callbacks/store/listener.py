"""Hears from other nodes that something became due: PostgreSQL's NOTIFY, on a connection of its own."""

import threading
from collections.abc import Callable
from contextlib import closing

import structlog

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
        except Exception:
            log.warning("listener.lost", exc_info=True)
            stopping.wait(RECONNECT_SECONDS)


def _listen_once(database: Database, heard: Callable[[], None], stopping: threading.Event) -> None:
    with closing(database.own_connection()) as connection:
        connection.rollback()
        connection.autocommit = True
        connection.execute(f"LISTEN {CHANNEL}")
        while not stopping.is_set():
            for _ in connection.notifies(timeout=LISTEN_SECONDS, stop_after=1):
                heard()
