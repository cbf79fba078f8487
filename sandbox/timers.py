"""What happens later: a heap of actions by due time, run by whoever turns the clock."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from sandbox.config import SandboxClock

Action = Callable[[], None]


@dataclass(order=True, slots=True)
class Timer:
    due: datetime
    number: int
    action: Action = field(compare=False)
    cancelled: bool = field(default=False, compare=False)


class Timers:
    """Not safe for threads by itself: the network's lock guards it."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock, self._heap, self._numbers = clock, list[Timer](), count()

    def after(self, seconds: float, action: Action) -> Timer:
        timer = Timer(self._clock.now() + timedelta(seconds=seconds), next(self._numbers), action)
        heapq.heappush(self._heap, timer)
        return timer

    def pop_due(self) -> Action | None:
        """The next action whose time has come, in order of time and of setting."""
        while self._heap and (self._heap[0].cancelled or self._heap[0].due <= self._clock.now()):
            timer = heapq.heappop(self._heap)
            if not timer.cancelled:
                return timer.action
        return None

    def next_due(self) -> datetime | None:
        while self._heap and self._heap[0].cancelled:
            heapq.heappop(self._heap)
        return self._heap[0].due if self._heap else None
