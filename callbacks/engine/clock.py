"""The one place that asks what time it is."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from callbacks.lib.monotonic import reading

BOOTTIME = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware UTC."""
        ...


class SystemClock:
    """This machine's wall clock, as it is."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SteadyClock:
    """This machine's wall clock, steadied: it is put right now and then, and a step back must not stop time.
    `wall` and `ticks` (seconds that only ever grow, asleep or not) are asked at each reading."""

    def __init__(self, wall: Callable[[], datetime], ticks: Callable[[], float]) -> None:
        self._wall, self._ticks, self._lock = wall, ticks, threading.Lock()
        self._at, self._tick = wall(), ticks()

    def now(self) -> datetime:
        with self._lock:
            tick = self._ticks()
            self._at = reading(self._at, timedelta(seconds=tick - self._tick), self._wall())
            self._tick = tick
            return self._at

    def not_before(self, at: datetime | None) -> None:
        """Goes on from there, if that is later: what an engine before us had read."""
        with self._lock:
            self._at = max(self._at, at) if at else self._at


def steady_clock() -> SteadyClock:
    return SteadyClock(SystemClock().now, lambda: time.clock_gettime(BOOTTIME))


class DatabaseClock:
    """The database's clock, read once per `refresh` and carried on by the monotonic clock between:
    nodes whose own clocks differ agree on what is due."""

    def __init__(self, ask: Callable[[], datetime]) -> None:
        self._ask, self._lock = ask, threading.Lock()
        self.refresh()

    def refresh(self) -> None:
        """Asks again. Raises what the database raises; the old reading then stays."""
        before = time.monotonic()
        read = self._ask()
        after = time.monotonic()
        with self._lock:
            self._anchor, self._at = read, (before + after) / 2

    def now(self) -> datetime:
        with self._lock:
            return self._anchor + timedelta(seconds=time.monotonic() - self._at)
