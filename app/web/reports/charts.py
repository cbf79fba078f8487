"""Three pictures of a period as geometry: dots against the promise's line, nights, and the time to a human.

Numbers only; `templates/charts.html` draws them. Every shape has a meaning beside its colour: a circle was met, a
cross missed, a diamond void, a ring is pending.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from math import log, log2
from zoneinfo import ZoneInfo

from callbacks.emergency.model import Outcome
from callbacks.emergency.promise import EmergencyOutcome
from callbacks.lib.wallclock import Wall
from callbacks.policy.model import Priority

SHOWN = (Outcome.MET, Outcome.MISSED, Outcome.VOID, Outcome.PENDING)
WORST = (Outcome.MISSED, Outcome.PENDING, Outcome.VOID, Outcome.MET)
WIDTH = 720
LEFT = 64
RIGHT = 708
TOP = 8
NEVER = 24
LATEST = 44
LINE = 116
BOTTOM = 256
FARTHEST = 8
MANY = 600
FINE = 2
COARSE = 10
DAY = timedelta(days=1)
MOST_NIGHTS = 400


@dataclass(frozen=True, slots=True)
class Mark:
    """`count` emergencies at one place."""

    x: int
    y: int
    size: float
    outcome: str
    count: int


@dataclass(frozen=True, slots=True)
class Dots:
    """`lines` are (y, seconds), `days` are (x, day). `promised` is the length of the promise drawn; `aside` how many
    have another clock or none of its outcomes."""

    marks: tuple[Mark, ...]
    lines: tuple[tuple[int, int], ...]
    days: tuple[tuple[int, date], ...]
    promised: int
    n: int
    aside: int


@dataclass(frozen=True, slots=True)
class Night:
    """From noon to noon: `day` is the evening's. `worst` is the gravest outcome, "" of a night without a case."""

    day: date
    x: int
    y: int
    counts: dict[str, int]
    worst: str

    @property
    def n(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Nights:
    nights: tuple[Night, ...]
    cell: int
    width: int
    height: int
    heads: tuple[tuple[int, int, int], ...]
    """(x, y, weekday) of each head, Monday being 0."""


@dataclass(frozen=True, slots=True)
class Bar:
    """From `start` seconds to `end`, None being without end; both None: never reached."""

    start: int | None
    end: int | None
    count: int
    x: int
    y: int
    width: int


@dataclass(frozen=True, slots=True)
class Histogram:
    bars: tuple[Bar, ...]
    line: int
    promised: int
    n: int


# --- dots ---


def promised_to(found: Sequence[EmergencyOutcome], otherwise: timedelta) -> int:
    """The length in seconds of the promise that most of the first priority were given."""
    given = Counter(j.promised for j in found if j.priority == Priority.P1)
    return given.most_common(1)[0][0] if given else int(otherwise.total_seconds())


def dots(found: Sequence[EmergencyOutcome], first: date, last: date, zone: ZoneInfo, promised: int) -> Dots:
    """A dot per emergency of the first priority that was met, missed or void, or has been reached."""
    shown = [j for j in found if _is_shown(j)]
    grain = FINE if len(shown) <= MANY else COARSE
    begins = datetime.combine(first, datetime.min.time())
    length = (last - first + DAY).total_seconds()
    wall, places = Wall(zone), Counter[tuple[int, int, str]]()
    for j in shown:
        along = (wall.time(j.started_at) - begins).total_seconds() / length
        x = LEFT + 6 + along * (RIGHT - LEFT - 12)
        places[_to(x, grain), _to(height(j.to_human, promised), grain), j.outcome] += 1
    marks = [Mark(x, y, round(4 + min(4.0, log2(n)), 1), what, n) for (x, y, what), n in sorted(places.items())]
    marks.sort(key=lambda m: -SHOWN.index(m.outcome))
    scale = [promised * k // 3 for k in (0, 1, 2, 3)] + [2 * promised, FARTHEST * promised]
    lines = tuple((round(height(s, promised)), s) for s in scale)
    return Dots(tuple(marks), lines, _days(first, last), promised, len(shown), len(found) - len(shown))


def _is_shown(j: EmergencyOutcome) -> bool:
    return j.priority == Priority.P1 and j.outcome in SHOWN and (j.outcome != Outcome.PENDING or j.to_human is not None)


def height(seconds: int | None, promised: int) -> float:
    """Where a time stands: even up to the promise, squeezed beyond it, at the edge from eight promises on; above all
    others what was never reached."""
    if seconds is None:
        return NEVER
    if seconds <= promised:
        return BOTTOM - (BOTTOM - LINE) * max(0, seconds) / promised
    return max(LATEST, LINE - (LINE - LATEST) * log(seconds / promised) / log(FARTHEST))


def _to(value: float, grain: int) -> int:
    return round(value / grain) * grain


def _days(first: date, last: date) -> tuple[tuple[int, date], ...]:
    """At most eight days along the bottom."""
    length = (last - first).days + 1
    step = max(1, -(-length // 8))
    wide = (RIGHT - LEFT - 12) / length
    return tuple((round(LEFT + 6 + n * wide), first + n * DAY) for n in range(0, length, step))


# --- nights ---


def nights(found: Sequence[EmergencyOutcome], first: date, last: date, zone: ZoneInfo) -> Nights | None:
    """A square per night, weeks below each other for up to two months, else side by side. None of very many."""
    evenings = [first - DAY + n * DAY for n in range((last - first).days + 2)]
    if len(evenings) > MOST_NIGHTS:
        return None
    wall, by_night = Wall(zone), dict[date, Counter[str]]()
    for j in found:
        if j.outcome in SHOWN:
            by_night.setdefault(night_of(wall.time(j.started_at)), Counter())[j.outcome] += 1
    is_tall = len(evenings) <= 64
    cell, monday = (64 if is_tall else 26), evenings[0] - evenings[0].weekday() * DAY
    squares = tuple(_night(day, by_night.get(day, Counter()), monday, cell, is_tall) for day in evenings)
    heads = tuple((n * cell, 0, n) if is_tall else (0, n * cell, n) for n in range(7))
    width = max(n.x for n in squares) + cell
    return Nights(squares, cell, max(width, 7 * cell) if is_tall else width, max(n.y for n in squares) + cell, heads)


def night_of(wall: datetime) -> date:
    """The evening of the night, noon to noon, that a time on the wall falls into."""
    return (wall - timedelta(hours=12)).date()


def _night(day: date, counts: Counter[str], monday: date, cell: int, is_tall: bool) -> Night:
    week, weekday = divmod((day - monday).days, 7)
    x, y = (weekday * cell, 20 + week * cell) if is_tall else (36 + week * cell, weekday * cell)
    worst = next((outcome for outcome in WORST if counts[outcome]), "")
    return Night(day, x, y, {outcome: counts[outcome] for outcome in SHOWN}, worst)


# --- time to a human ---


def histogram(found: Sequence[EmergencyOutcome], promised: int) -> Histogram:
    """How many were reached within each sixth of the promise, within twice and eight times it, later and never."""
    shown = [j for j in found if _is_shown(j)]
    edges = [*(promised * k // 6 for k in range(7)), 2 * promised, FARTHEST * promised]
    spans: list[tuple[int | None, int | None]] = [*pairwise(edges), (edges[-1], None), (None, None)]
    places = Counter([len(spans) - 1 if j.to_human is None else _bar_of(j.to_human, edges) for j in shown])
    counts = [places[place] for place in range(len(spans))]
    most, wide = max([*counts, 1]), (RIGHT - LEFT) // len(spans)
    bars = []
    for place, ((start, end), count) in enumerate(zip(spans, counts, strict=True)):
        y = BOTTOM - round((BOTTOM - NEVER - TOP) * count / most)
        bars.append(Bar(start, end, count, LEFT + place * wide, y, wide - 6))
    return Histogram(tuple(bars), LEFT + 6 * wide - 3, promised, len(shown))


def _bar_of(seconds: int, edges: Sequence[int]) -> int:
    """A time at an edge belongs to the bar before: at exactly the promise it is in time."""
    return max(0, bisect_left(edges, seconds) - 1)
