"""Virtual time: whole microseconds, a heap of what comes next, and instants for the core."""

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from callbacks.simulation.chance import Chance

MILLISECOND, SECOND, MINUTE = 1_000, 1_000_000, 60_000_000


class Timeline:
    """What happens when. Things due at the same microsecond happen in an order that the schedule stream chooses."""

    def __init__(self, epoch: datetime, schedule: Chance) -> None:
        self.epoch, self.now, self.steps = epoch, 0, 0
        self._heap: list[tuple[int, int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._schedule, self._count = schedule, 0

    def at(self, when: int, act: Callable[..., None], *facts: Any) -> None:
        """`act` happens at `when`, or now if that is over."""
        self._count += 1
        tie = self._schedule.below(1 << 16)
        heapq.heappush(self._heap, (max(when, self.now), tie, self._count, act, facts))

    def after(self, span: int, act: Callable[..., None], *facts: Any) -> None:
        self.at(self.now + span, act, *facts)

    def step(self, until: int) -> bool:
        """One thing happens; False when nothing more does before `until`."""
        if not self._heap or self._heap[0][0] > until:
            return False
        self.now, _, _, act, facts = heapq.heappop(self._heap)
        self.steps += 1
        act(*facts)
        return True

    def jump(self, when: int) -> None:
        self.now = max(self.now, when)

    def instant(self, when: int | None = None) -> datetime:
        return self.epoch + timedelta(microseconds=self.now if when is None else when)

    def micros(self, at: datetime) -> int:
        return (at - self.epoch) // timedelta(microseconds=1)
