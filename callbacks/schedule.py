"""Rotations, windows and overrides turned into shifts: who is on call at an instant, who is next.

- Turns advance in wall-clock time of the rotation's zone; a month from the 31st ends on the last day.
- Outside its windows a rotation has nobody; an override holds for its whole span all the same.
- Shifts tile the asked time exactly; a gap is a shift with nobody.
"""

import itertools
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from callbacks.lib.wallclock import ends_at, starts_at
from callbacks.roster import Roster, Rotation
from callbacks.turns import Span, active_spans, handoffs, turn_numbers

INSTANT = timedelta(microseconds=1)
PERIOD = timedelta(days=16)  # a weekly window that a change of the clocks swallows comes the week after
FIRST_INSTANT, LAST_INSTANT = datetime(1, 1, 3, tzinfo=UTC), datetime(9999, 12, 29, tzinfo=UTC)
FIRST_LOOK, LAST_LOOK = timedelta(days=2), timedelta(days=800)


@dataclass(frozen=True, slots=True)
class Shift:
    """Who has a rotation from `start` up to `end`, aware UTC; `technician` None is a gap."""

    rotation: str
    technician: str | None
    start: datetime
    end: datetime
    override: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """A whole gap. `start` None: nobody had the rotation ever before; `end` None: the roster gives it to nobody."""

    rotation: str
    start: datetime | None
    end: datetime | None

    def has_begun(self, now: datetime) -> bool:
        return self.start is None or self.start <= now


class Line(tuple[Shift, ...]):
    """Shifts of one rotation in order, none overlapping."""

    __slots__ = ()


Feeds = Mapping[str, Sequence[Shift]]
NO_FEEDS: Feeds = {}
Turn = tuple[datetime, str | None]  # from when on, who; until the next one


@dataclass(frozen=True, slots=True)
class _Painted:
    """An override as instants."""

    start: datetime
    end: datetime
    technician: str | None


def shifts(
    roster: Roster, start: datetime, end: datetime, rotation: str | None = None, calendars: Feeds = NO_FEEDS
) -> list[Shift]:
    """Shifts of one rotation, or of each in turn, that tile [start, end); equal neighbours are joined."""
    names = [rotation] if rotation else list(dict.fromkeys(roster.rotation_names))
    return [shift for name in names for shift in _tile(roster, name, start, end, calendars.get(name, ()))]


def on_call(roster: Roster, at: datetime, calendars: Feeds = NO_FEEDS) -> dict[str, str | None]:
    """Who has each rotation at an instant."""
    return {s.rotation: s.technician for s in shifts(roster, at, at + INSTANT, None, calendars)}


def who_has(roster: Roster, rotation: str, at: datetime, calendars: Feeds = NO_FEEDS) -> str | None:
    """Who has one rotation at an instant; None also of one that there is not."""
    if rotation not in roster.rotation_names:
        return None
    return shifts(roster, at, at + INSTANT, rotation, calendars)[0].technician


def gaps(roster: Roster, start: datetime, end: datetime, calendars: Feeds = NO_FEEDS) -> list[Shift]:
    """The spans in which a rotation has nobody."""
    return [s for s in shifts(roster, start, end, None, calendars) if s.technician is None]


def whole_gaps(roster: Roster, start: datetime, end: datetime, rotation: str, calendars: Feeds = NO_FEEDS) -> list[Gap]:
    """The gaps that touch [start, end), each with its own beginning and end: not where one stops looking."""
    found: list[Gap] = []
    for is_gap, pieces in itertools.groupby(
        shifts(roster, start, end, rotation, calendars), lambda s: not s.technician
    ):
        part = list(pieces)
        if is_gap:
            begins: datetime | None = part[0].start
            ends: datetime | None = part[-1].end
            if begins == start:
                begins = _held_before(roster, rotation, start, calendars)
            if ends == end:
                ends = _held_from(roster, rotation, end, calendars)
            found.append(Gap(rotation, begins, ends))
    return found


def next_shift(roster: Roster, rotation: str, at: datetime, calendars: Feeds = NO_FEEDS) -> Shift | None:
    """The next shift of somebody else than who has it at `at`; also answered in a gap. Looks two years on."""
    look = FIRST_LOOK
    while look <= LAST_LOOK:
        found = shifts(roster, at, at + look, rotation, calendars)
        now = found[0].technician if found else None
        later = next((s for s in found[1:] if s.technician not in (None, now)), None)
        if later and (later.end < at + look or look * 4 > LAST_LOOK):
            return later
        if later:
            return replace(later, end=_end_of(roster, rotation, later, calendars))
        look *= 4
    return None


def next_handoff(roster: Roster, rotation: str, at: datetime, calendars: Feeds = NO_FEEDS) -> datetime | None:
    """When somebody else takes the rotation over."""
    found = next_shift(roster, rotation, at, calendars)
    return found.start if found else None


def _held_from(roster: Roster, rotation: str, at: datetime, calendars: Feeds) -> datetime | None:
    """The first instant from `at` on at which somebody has the rotation. Between two of the instants that are looked
    at nothing changes but by the week's windows, which come round within PERIOD."""
    for instant in sorted({at, *(i for i in _turning_points(roster, rotation, calendars) if i > at)}):
        until = min(instant, LAST_INSTANT - PERIOD) + PERIOD
        for shift in shifts(roster, min(instant, until - INSTANT), until, rotation, calendars):
            if shift.technician:
                return shift.start
    return None


def _held_before(roster: Roster, rotation: str, at: datetime, calendars: Feeds) -> datetime | None:
    """The end of the last time before `at` for which somebody had the rotation."""
    points = {at, *(i for i in _turning_points(roster, rotation, calendars) if i < at)}
    for instant in sorted(points, reverse=True):
        since = max(instant, FIRST_INSTANT + PERIOD) - PERIOD
        for shift in reversed(shifts(roster, since, max(instant, since + INSTANT), rotation, calendars)):
            if shift.technician and shift.end <= at:
                return shift.end
    return None


def _turning_points(roster: Roster, rotation: str, calendars: Feeds) -> set[datetime]:
    """Where a rotation's rule, calendar or overrides begin or end anything."""
    rule = roster.rotation(rotation)
    painted = _overrides(roster, rotation, rule.timezone if rule else roster.timezone)
    found = {at for p in painted for at in (p.start, p.end)}
    if rule:
        found.add(starts_at(rule.starts, ZoneInfo(rule.timezone)))
    return found | {at for shift in calendars.get(rotation, ()) for at in (shift.start, shift.end)}


def _end_of(roster: Roster, rotation: str, shift: Shift, calendars: Feeds) -> datetime:
    return shifts(roster, shift.start, shift.start + LAST_LOOK, rotation, calendars)[0].end


def _tile(roster: Roster, name: str, start: datetime, end: datetime, feed: Sequence[Shift]) -> list[Shift]:
    rule = roster.rotation(name)
    painted = _overrides(roster, name, rule.timezone if rule else roster.timezone)
    base = _by_rule(rule, start, end) if rule else _by_feed(feed, start, end)
    starts = [at for at, _ in base]
    cuts = {start, end, *starts, *(p.start for p in painted), *(p.end for p in painted)}
    points = sorted(c for c in cuts if start <= c <= end)
    pieces = []
    for a, b in itertools.pairwise(points):
        over = next((p for p in reversed(painted) if p.start <= a < p.end), None)
        who = over.technician if over else base[bisect_right(starts, a) - 1][1]
        pieces.append(Shift(name, who, a, b, over is not None))
    return _joined(pieces)


def _overrides(roster: Roster, name: str, zone_name: str) -> list[_Painted]:
    zone = ZoneInfo(zone_name)
    return [
        _Painted(starts_at(o.start, zone), ends_at(o.end, zone), o.technician or None)
        for o in roster.overrides
        if o.rotation == name
    ]


def _by_feed(feed: Sequence[Shift], start: datetime, end: datetime) -> list[Turn]:
    """A feed's shifts with the gaps between them, over [start, end). Of a Line one instant is found without looking
    at all of it: this is asked in every transaction."""
    if isinstance(feed, Line):
        near: Iterable[Shift] = itertools.islice(feed, bisect_right(feed, start, key=lambda s: s.end), None)
    else:
        near = sorted(feed, key=lambda s: s.start)
    turns: list[Turn] = []
    at = start
    for shift in near:
        if shift.start >= end:
            break
        if shift.end <= at:
            continue
        if shift.start > at:
            turns.append((at, None))
        turns.append((max(at, shift.start), shift.technician))
        at = shift.end
    return [*turns, (at, None)]


def _by_rule(rule: Rotation, start: datetime, end: datetime) -> list[Turn]:
    """Turns cut by the active windows, over [start, end)."""
    turns = handoffs(rule, start, end)
    numbers = turn_numbers(rule, turns)
    begins = [t.at for t in turns]
    active = active_spans(rule, start, end)
    cuts = {start, end, *begins, *(x for span in active or () for x in (span.start, span.end))}
    points = sorted(c for c in cuts if start <= c <= end)
    found: list[Turn] = []
    for a in points[:-1]:
        i = bisect_right(begins, a) - 1
        is_on = i >= 0 and (active is None or _covers(active, a))
        found.append((a, rule.members[numbers[i] % len(rule.members)] if is_on else None))
    return found


def _covers(active: Sequence[Span], at: datetime) -> bool:
    i = bisect_right(active, at, key=lambda s: s.start) - 1
    return i >= 0 and at < active[i].end


def _joined(pieces: Sequence[Shift]) -> list[Shift]:
    joined: list[Shift] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if last and (last.technician, last.override) == (piece.technician, piece.override):
            joined[-1] = replace(last, end=piece.end)
        else:
            joined.append(piece)
    return joined
