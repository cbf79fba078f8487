"""Tells open pages that something changed, on whatever node it happened.

One watcher thread per process asks the database for a cheap stamp while somebody listens, and never holds a connection
while it waits. A database that does not answer for a while is asked again; the pages keep what they show.
"""

import asyncio
import threading
import time
import weakref
from collections.abc import AsyncIterator

import structlog

from callbacks.store.sql import live
from callbacks.store.sql.database import Database
from callbacks.store.sql.transaction import Transaction

log = structlog.get_logger()
EVERY_SECONDS = 0.3
KEEP_ALIVE_SECONDS = 15.0
MOST_STREAMS = 200
MOST_EACH = 20
FRESH_SECONDS = 15


class Full(Exception):
    """As many pages listen as this process takes, of this person or of all."""


class Hub:
    """The pages of one process that listen."""

    def __init__(self, database: Database) -> None:
        self._database, self._lock = database, threading.RLock()  # a signal may come while we hold it
        self._listeners: set[_Listener] = set()
        self._stamp = ""
        self._watcher: threading.Thread | None = None
        self._stopped = threading.Event()
        _HUBS.add(self)

    def stop(self) -> None:
        """Every stream ends now."""
        self._stopped.set()
        self._tell("")

    @property
    def is_stopped(self) -> bool:
        return self._stopped.is_set()

    async def changes(self, who: str) -> AsyncIterator[str | None]:
        """None at once, a stamp whenever something changed, None after a quiet while; ends when the server stops.
        Raises Full."""
        listener = _Listener(asyncio.get_running_loop(), who)
        with self._lock:
            theirs = sum(other.who == who for other in self._listeners)
            if len(self._listeners) >= MOST_STREAMS or theirs >= MOST_EACH:
                raise Full
            self._listeners.add(listener)
            self._watch()
        try:
            yield None
            while not self.is_stopped:
                yield await listener.next()
        finally:
            with self._lock:
                self._listeners.discard(listener)

    def _watch(self) -> None:
        if self._watcher is None or not self._watcher.is_alive():
            self._watcher = threading.Thread(target=self._look_on, name="live", daemon=True)
            self._watcher.start()

    def _look_on(self) -> None:
        while not self._stopped.wait(EVERY_SECONDS):
            with self._lock:
                if not self._listeners:
                    self._watcher = None
                    return
            try:
                with self._database.read() as session:
                    found = stamp(session)
            except Exception:
                log.warning("live.unreadable", exc_info=True)
                continue
            if found != self._stamp:
                self._stamp = found
                self._tell(found)

    def _tell(self, found: str) -> None:
        with self._lock:
            for listener in self._listeners:
                listener.tell(found)


class _Listener:
    """One open page: woken from the watcher's thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, who: str) -> None:
        self.who = who
        self._loop, self._event, self._found = loop, asyncio.Event(), ""

    def tell(self, found: str) -> None:
        self._found = found
        self._loop.call_soon_threadsafe(self._event.set)

    async def next(self) -> str | None:
        try:
            async with asyncio.timeout(KEEP_ALIVE_SECONDS):
                await self._event.wait()
        except TimeoutError:
            return None
        self._event.clear()
        return self._found


def stamp(session: Transaction) -> str:
    """Differs from what it was when anything changed that a page shows."""
    now, lengths = live.shown(session), (FRESH_SECONDS, 8 * FRESH_SECONDS)
    ages = zip((now.beat_at, now.swept_at), lengths, strict=True)
    fresh = [at is not None and time.time() - at.timestamp() < seconds for at, seconds in ages]
    return f"{now.facts}.{now.open}.{'.'.join(map(str, now.newest))}.{fresh}"


_HUBS: "weakref.WeakSet[Hub]" = weakref.WeakSet()


def stop_all() -> None:
    """A server waits for its streams: they end when it is told to stop."""
    for hub in list(_HUBS):
        hub.stop()
