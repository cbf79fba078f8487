"""Ends the process when something in it that must move has not moved: whoever started it starts it again.

- It counts its own seconds: a machine that slept, or a process that was paused, is not ended for that.
- What holds Python's own lock for ever holds the watchdog too; a look from outside (`/healthz`) sees that.
"""

import faulthandler
import os
import sys
import threading
from collections.abc import Callable, Mapping

import structlog

log = structlog.get_logger()
LIMIT_SECONDS = 30
LOOK_SECONDS = 1.0


class Pulse:
    """Whoever must move beats it each time they move; written by one thread, read by another."""

    def __init__(self) -> None:
        self.count = 0

    def beat(self) -> None:
        self.count += 1


class Watchdog:
    """Looks once a second. `pulses` by name: each must have beaten within `limit` of its own looks."""

    def __init__(self, pulses: Mapping[str, Pulse], limit: int = LIMIT_SECONDS) -> None:
        self._pulses, self._limit = pulses, limit
        self._seen = dict.fromkeys(pulses, (-1, 0))

    def look(self) -> str | None:
        """The name of what has stood still for too long."""
        for name, pulse in self._pulses.items():
            count, still = self._seen[name]
            self._seen[name] = (pulse.count, still + 1 if pulse.count == count else 0)
            if self._seen[name][1] >= self._limit:
                return name
        return None

    def start(self, stopping: threading.Event, end: Callable[[str], None] | None = None) -> None:
        """Looks until `stopping`; `end` is what happens to a process that stands still."""
        threading.Thread(target=self._run, args=(stopping, end or _end), name="watchdog", daemon=True).start()

    def _run(self, stopping: threading.Event, end: Callable[[str], None]) -> None:
        while not stopping.wait(LOOK_SECONDS):
            stuck = self.look()
            if stuck:
                return end(stuck)


def _end(name: str) -> None:
    """No clean stop: whoever is stuck would not take part. What is in hand is recovered as after a kill."""
    log.critical("watchdog.ends_the_process", stuck=name, seconds=LIMIT_SECONDS)
    faulthandler.dump_traceback(sys.__stderr__ or 2)
    os._exit(1)
