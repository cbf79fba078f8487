"""Rotations, windows and overrides turned into shifts: who is on call at an instant, who is next.

- Turns advance in wall-clock time of the rotation's zone; a month from the 31st ends on the last day.
- Outside its windows a rotation has nobody; an override holds for its whole span all the same.
- Shifts tile the asked time exactly; a gap is a shift with nobody.
"""

import itertools
import math
from bisect import bisect_right
from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from callbacks.lib.wallclock import ends_at, is_steady, rfc3339, starts_at, wall_time
from callbacks.oncall.roster import Every, Override, Roster, Rotation, Turns, Unit, Window

# The turns of one rotation: when each begins, which number it has, and when the rotation is active.
#
# A turn that a change of the clocks leaves without length is used up: its number passes with it.

UNITS = {Unit.HOURS: timedelta(hours=1), Unit.DAYS: timedelta(days=1), Unit.WEEKS: timedelta(weeks=1)}
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
NEAR = timedelta(days=4)  # a day's look for changes, and a window that begins on the day before
CHUNK = 512


@dataclass(frozen=True, slots=True)
class Turn:
    """The `number`-th turn (from 0) begins at the instant `at`."""

    number: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Span:
    start: datetime
    end: datetime


def handoffs(rule: Rotation, start: datetime, end: datetime) -> list[Turn]:
    """The turns that have a part in [start, end), oldest first; empty before the first handoff."""
    number = _turn_at(rule, start)
    turns = [] if number < 0 else [Turn(number, begins(rule, number))]
    number = max(number, -1) + 1
    while (at := begins(rule, number)) < end:
        if turns and turns[-1].at == at:
            turns.pop()
        turns.append(Turn(number, at))
        number += 1
    return turns


def turn_numbers(rule: Rotation, turns: Sequence[Turn]) -> list[int]:
    """The place of each turn in the order of members: its own number, or the count of active turns before."""
    if rule.turns == Turns.CALENDAR or not rule.active:
        return [t.number for t in turns]
    return [_counts(rule, t.number // CHUNK)[t.number % CHUNK] for t in turns]


def begins(rule: Rotation, number: int) -> datetime:
    """The instant of the `number`-th handoff."""
    return starts_at(_add(rule.starts, rule.every, number), ZoneInfo(rule.timezone))


def active_spans(rule: Rotation, start: datetime, end: datetime) -> list[Span] | None:
    """Active time that touches [start, end), merged and in order; None when it is always active."""
    if not rule.active:
        return None
    zone = ZoneInfo(rule.timezone)
    day = (wall_time(start, zone) - 2 * DAY).replace(hour=0, minute=0, second=0, microsecond=0)
    last, found = wall_time(end, zone) + DAY, []
    while day <= last:
        found += [_window(w, day, zone) for w in rule.active if day.weekday() in w.days]
        day += DAY
    return _merged([s for s in found if s.start < s.end and s.end > start and s.start < end])


def _window(window: Window, day: datetime, zone: ZoneInfo) -> Span:
    begin = datetime.combine(day, window.start)
    finish = datetime.combine(day if window.end > window.start else day + DAY, window.end)
    return Span(starts_at(begin, zone), ends_at(finish, zone))


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(spans, key=lambda s: s.start):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def _turn_at(rule: Rotation, at: datetime) -> int:
    """The number of the last turn that has begun at `at`; -1 before the first. Estimated, then corrected."""
    number = max(0, _estimate(rule, wall_time(at, ZoneInfo(rule.timezone))))
    while number > 0 and begins(rule, number) > at:
        number -= 1
    while begins(rule, number + 1) <= at:
        number += 1
    return number if begins(rule, number) <= at else -1


def _estimate(rule: Rotation, wall: datetime) -> int:
    if rule.every.unit == Unit.MONTHS:
        months = (wall.year - rule.starts.year) * 12 + wall.month - rule.starts.month
        return months // rule.every.count
    return (wall - rule.starts) // (UNITS[rule.every.unit] * rule.every.count)


def _add(wall: datetime, every: Every, times: int) -> datetime:
    if every.unit != Unit.MONTHS:
        return wall + UNITS[every.unit] * every.count * times
    months = wall.month - 1 + every.count * times
    year, month = wall.year + months // 12, months % 12 + 1
    return wall.replace(year=year, month=month, day=min(wall.day, monthrange(year, month)[1]))


@lru_cache(maxsize=256)
def _counts(rule: Rotation, chunk: int) -> list[int]:
    """How many of the turns before each number of a chunk had active time."""
    first = chunk * CHUNK
    flags = _walked(rule, first, first + CHUNK)
    return list(itertools.accumulate(flags, initial=_active_before(rule, first)))


def _active_before(rule: Rotation, number: int) -> int:
    """How many of the turns before a number had active time. In weeks without a change of the clocks they come round
    with the week, so that only the turns near a change are looked at one by one: hourly turns since 1970 are half a
    million."""
    if rule.every.unit == Unit.MONTHS or number <= CHUNK:
        return sum(_walked(rule, 0, number))
    around, count, at = list(itertools.accumulate(_plain_round(rule), initial=0)), 0, 0
    for first, last in [*_near_changes(rule, number), (number, number)]:
        count += _in_rounds(around, first) - _in_rounds(around, at) + sum(_walked(rule, first, last))
        at = last
    return count


def _walked(rule: Rotation, first: int, last: int) -> list[bool]:
    """Of each turn of [first, last), whether it had active time."""
    if first >= last:
        return []
    edges = [begins(rule, number) for number in range(first, last + 1)]
    spans = active_spans(rule, edges[0], edges[-1]) or []
    flags, i = [], 0
    for start, end in itertools.pairwise(edges):
        while i < len(spans) and spans[i].end <= start:
            i += 1
        flags.append(i < len(spans) and max(start, spans[i].start) < min(end, spans[i].end))
    return flags


def _in_rounds(around: Sequence[int], number: int) -> int:
    """Active turns before a number, if the clocks never changed; `around`: those before each turn of one round."""
    rounds, rest = divmod(number, len(around) - 1)
    return rounds * around[-1] + around[rest]


def _plain_round(rule: Rotation) -> list[bool]:
    """Of each turn until they begin at the same time of the week again, whether it has active time by the wall
    clock."""
    length = UNITS[rule.every.unit] * rule.every.count
    if length >= WEEK:
        return [True]
    return [
        _is_active_by_the_wall(rule, rule.starts + n * length, rule.starts + (n + 1) * length)
        for n in range(WEEK // timedelta(hours=math.gcd(length // HOUR, WEEK // HOUR)))
    ]


def _is_active_by_the_wall(rule: Rotation, start: datetime, end: datetime) -> bool:
    day = datetime.combine(start.date() - DAY, time())
    while day < end:
        for window in (w for w in rule.active if day.weekday() in w.days):
            close = day if window.end > window.start else day + DAY
            if max(start, datetime.combine(day, window.start)) < min(end, datetime.combine(close, window.end)):
                return True
        day += DAY
    return False


def _near_changes(rule: Rotation, number: int) -> list[tuple[int, int]]:
    """The turns before a number that a change of the clocks may touch, as [first, last) in order, none twice."""
    length, zone = UNITS[rule.every.unit] * rule.every.count, ZoneInfo(rule.timezone)
    found: list[tuple[int, int]] = []
    day, last = rule.starts.date() - 3 * DAY, (rule.starts + number * length).date() + 3 * DAY
    while day <= last:
        if not is_steady(day, zone):
            noon = datetime.combine(day, time(12))
            first = max(0, (noon - NEAR - rule.starts) // length - 1)
            until = min(number, (noon + NEAR - rule.starts) // length + 2)
            if found and first <= found[-1][1]:
                found[-1] = (found[-1][0], max(until, found[-1][1]))
            elif first < until:
                found.append((first, until))
        day += DAY
    return found


INSTANT = timedelta(microseconds=1)
PERIOD = timedelta(days=16)  # a weekly window that a change of the clocks swallows comes the week after
FIRST_INSTANT = datetime(1, 1, 3, tzinfo=UTC)
LAST_INSTANT = datetime(9999, 12, 29, tzinfo=UTC)
FIRST_LOOK = timedelta(days=2)
LAST_LOOK = timedelta(days=800)


@dataclass(frozen=True, slots=True)
class Shift:
    """Who has a rotation from `start` up to `end`, aware UTC; `technician` None is a gap."""

    rotation: str
    technician: str | None
    start: datetime
    end: datetime
    override: bool = False


def shift_record(s: Shift) -> dict[str, str | bool | None]:
    """A shift as the command line and the API show it; `technician` null is a gap."""
    return {
        "rotation": s.rotation,
        "technician": s.technician,
        "from": rfc3339(s.start),
        "to": rfc3339(s.end),
        "override": s.override,
    }


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
Change = tuple[datetime, str | None]  # from when on, who; until the next one


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
    painted = _overrides(roster, rotation)
    found = {at for p in painted for at in (p.start, p.end)}
    if rule:
        found.add(starts_at(rule.starts, ZoneInfo(rule.timezone)))
    return found | {at for shift in calendars.get(rotation, ()) for at in (shift.start, shift.end)}


def _end_of(roster: Roster, rotation: str, shift: Shift, calendars: Feeds) -> datetime:
    return shifts(roster, shift.start, shift.start + LAST_LOOK, rotation, calendars)[0].end


def _tile(roster: Roster, name: str, start: datetime, end: datetime, feed: Sequence[Shift]) -> list[Shift]:
    rule = roster.rotation(name)
    painted = _overrides(roster, name)
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


def override_span(roster: Roster, o: Override) -> tuple[datetime, datetime]:
    """From when to when an override holds, as instants."""
    rule = roster.rotation(o.rotation)
    zone = ZoneInfo(rule.timezone if rule else roster.timezone)
    return starts_at(o.start, zone), ends_at(o.end, zone)


def _overrides(roster: Roster, name: str) -> list[_Painted]:
    return [_Painted(*override_span(roster, o), o.technician or None) for o in roster.overrides if o.rotation == name]


def _by_feed(feed: Sequence[Shift], start: datetime, end: datetime) -> list[Change]:
    """A feed's shifts with the gaps between them, over [start, end). Of a Line one instant is found without looking
    at all of it: this is asked in every transaction."""
    if isinstance(feed, Line):
        near: Iterable[Shift] = itertools.islice(feed, bisect_right(feed, start, key=lambda s: s.end), None)
    else:
        near = sorted(feed, key=lambda s: s.start)
    turns: list[Change] = []
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


def _by_rule(rule: Rotation, start: datetime, end: datetime) -> list[Change]:
    """Turns cut by the active windows, over [start, end)."""
    turns = handoffs(rule, start, end)
    numbers = turn_numbers(rule, turns)
    begins = [t.at for t in turns]
    active = active_spans(rule, start, end)
    cuts = {start, end, *begins, *(x for span in active or () for x in (span.start, span.end))}
    points = sorted(c for c in cuts if start <= c <= end)
    found: list[Change] = []
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


# Shifts as an iCal feed for people's own calendars (RFC 5545). Gaps are left out; times are UTC.

LONGEST_LINE = 75
PIECE = 36
HEAD = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//callbacks//rota//EN", "REFRESH-INTERVAL;VALUE=DURATION:PT1H")


def write_feed(title: str, shifts: Iterable[Shift], name: Callable[[str], str], now: datetime, domain: str) -> bytes:
    """The feed's bytes; `name` writes a technician's short one in full."""
    lines = [*HEAD, f"X-WR-CALNAME:{_text(title)}"]
    for shift in shifts:
        lines += _event(shift, name, now, domain)
    folded = [piece for line in [*lines, "END:VCALENDAR"] for piece in _folded(line)]
    return "".join(f"{piece}\r\n" for piece in folded).encode()


def _event(shift: Shift, name: Callable[[str], str], now: datetime, domain: str) -> list[str]:
    if shift.technician is None:
        return []
    return [
        "BEGIN:VEVENT",
        f"UID:{shift.rotation}-{shift.technician}-{_stamp(shift.start)}@{domain}",
        f"DTSTAMP:{_stamp(now)}",
        f"DTSTART:{_stamp(shift.start)}",
        f"DTEND:{_stamp(shift.end)}",
        f"SUMMARY:{_text(name(shift.technician))}",
        f"CATEGORIES:{_text(shift.rotation)}",
        "END:VEVENT",
    ]


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(words: str) -> str:
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        words = words.replace(plain, escaped)
    return words


def _folded(line: str) -> list[str]:
    """No line is longer than 75 octets; section 3.1. A letter takes two at most in our names."""
    if len(line.encode()) <= LONGEST_LINE:
        return [line]
    first, *more = (line[n : n + PIECE] for n in range(0, len(line), PIECE))
    return [first, *(f" {piece}" for piece in more)]
