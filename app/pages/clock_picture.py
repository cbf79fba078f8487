"""The seven times against both clocks, as geometry: a bar from each clock's start to its deadline, and numbered marks.

Numbers only; `templates/emergency_pictures.html` draws them, and a table below says the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from callbacks.emergency.promise import Moment

WIDTH, LEFT, RIGHT = 360, 12, 348
MARKS_TOP, ROW, TOUCH = 12, 18, 17


@dataclass(frozen=True, slots=True)
class Mark:
    """The `n`th of the seven times, at `x`; `y` is a row in which it touches no other."""

    n: int
    x: float
    y: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One clock: call or message, from its start to its deadline."""

    clock: str
    x: float
    width: float
    y: int
    outcome: str
    decides: bool


@dataclass(frozen=True, slots=True)
class ClockPicture:
    marks: tuple[Mark, ...]
    bars: tuple[Bar, ...]
    height: int


def clock_picture(
    times: Mapping[str, Moment], clocks: Mapping[str, tuple[datetime, datetime, str]], decides: str
) -> ClockPicture:
    """`clocks`: by name, (start, deadline, outcome)."""
    known = [(n, m.at) for n, m in enumerate(times.values(), 1) if m.at]
    instants = [at for _, at in known] + [x for start, due, _ in clocks.values() for x in (start, due)]
    first, last = min(instants), max(instants)
    length = max((last - first).total_seconds(), 1)

    def x(at: datetime) -> float:
        return round(LEFT + (RIGHT - LEFT) * (at - first).total_seconds() / length, 1)

    marks = _in_rows([(n, x(at)) for n, at in sorted(known, key=lambda one: (round(x(one[1])), one[0]))])
    below = max((m.y for m in marks), default=MARKS_TOP) + 18
    bars = [
        Bar(name, x(start), round(max(x(due) - x(start), 2), 1), below + 24 * row, outcome, name == decides)
        for row, (name, (start, due, outcome)) in enumerate(clocks.items())
    ]
    return ClockPicture(tuple(marks), tuple(bars), below + 24 * len(bars) + 2)


def _in_rows(found: Sequence[tuple[int, float]]) -> list[Mark]:
    """Marks from left to right, each in the first row where it touches no earlier one."""
    ends: list[float] = []
    marks = []
    for n, x in found:
        row = next((r for r, end in enumerate(ends) if x - end >= TOUCH), len(ends))
        ends[row : row + 1] = [x]
        marks.append(Mark(n, x, MARKS_TOP + ROW * row))
    return marks
