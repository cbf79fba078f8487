"""The one place that asks what time it is."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware UTC."""
        ...


class SystemClock:
    """This machine's wall clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


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
