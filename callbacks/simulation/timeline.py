"""Virtual time: whole microseconds, a heap of what comes next, and instants for the core."""

from collections.abc import Callable
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import Any

from callbacks.simulation.chance import Chance

MILLISECOND, SECOND, MINUTE = 1_000, 1_000_000, 60_000_000
MICROSECOND = timedelta(microseconds=1)


class Timeline:
    """What happens when. Things due at the same microsecond happen in an order that the schedule stream chooses."""

    def __init__(self, epoch: datetime, schedule: Chance) -> None:
        self.epoch, self.now, self.steps = epoch, 0, 0
        self._heap: list[tuple[int, int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._bits, self._count = schedule.bits, 0
        self._read_at, self._read = 0, epoch

    def at(self, when: int, act: Callable[..., None], *facts: Any) -> None:
        """`act` happens at `when`, or now if that is over."""
        self.put(when if when > self.now else self.now, act, facts)

    def after(self, span: int, act: Callable[..., None], *facts: Any) -> None:
        self.put(self.now + span, act, facts)

    def put(self, when: int, act: Callable[..., None], facts: tuple[Any, ...]) -> None:
        """The same for a `when` that is not over. Called for everything that ever happens, so it is short."""
        self._count = count = self._count + 1
        heappush(self._heap, (when, self._bits(16), count, act, facts))

    def step(self, until: int) -> bool:
        """One thing happens; False when nothing more does before `until`."""
        if not self._heap or self._heap[0][0] > until:
            return False
        self.now, _, _, act, facts = heappop(self._heap)
        self.steps += 1
        act(*facts)
        return True

    def jump(self, when: int) -> None:
        self.now = max(self.now, when)

    def instant(self, when: int | None = None) -> datetime:
        """`when`, or now, which is asked for again and again before it changes."""
        if when is not None:
            return self.epoch + timedelta(0, 0, when)
        if self._read_at != self.now:
            self._read_at, self._read = self.now, self.epoch + timedelta(0, 0, self.now)
        return self._read

    def micros(self, at: datetime) -> int:
        return (at - self.epoch) // MICROSECOND
