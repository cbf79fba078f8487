"""Support hours: open or closed, and deadlines counted in open time. All instants aware UTC.

- A span is half-open. The wall-clock rules of `wallclock.py` hold: a close that happens twice is the last.
- A business deadline is the first instant by which that much open time has passed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from callbacks.lib.wallclock import ends_at, starts_at, wall_time
from callbacks.policy.holidays import holidays
from callbacks.policy.model import END_OF_DAY, WEEKDAYS, Policy, Priority, ReactionClock, SupportHours

DAY = timedelta(days=1)
FARTHEST_DAYS = 3660
Span = tuple[datetime, datetime]


class NeverOpen(ValueError):
    """So much open time never comes within ten years."""


@dataclass(frozen=True, slots=True)
class Deadline:
    react_by: datetime
    resolve_by: datetime


def is_open(hours: SupportHours, at: datetime) -> bool:
    """Whether support is open at `at`."""
    return any(start <= at < end for start, end in _near(hours, at))


def next_open(hours: SupportHours, after: datetime) -> datetime | None:
    """The first opening strictly after `after`; None if none comes within ten years, or if support never closes."""
    return next((start for start, _ in _joined(hours, after) if start > after), None)


def next_close(hours: SupportHours, after: datetime) -> datetime | None:
    """The first closing strictly after `after`; None if none comes within ten years."""
    return next((end for _, end in _joined(hours, after) if end > after), None)


def periods(hours: SupportHours, start: datetime, end: datetime) -> list[Span]:
    """The open spans between two instants, clipped to them."""
    found: list[Span] = []
    for opens, closes in _spans(hours, start):
        if opens >= end:
            break
        if closes <= start:
            continue
        begins = found.pop()[0] if found and found[-1][1] == opens else max(opens, start)
        found.append((begins, min(closes, end)))
    return found


def open_time_deadline(hours: SupportHours, start: datetime, length: timedelta) -> datetime:
    """The first instant by which `length` of open time has passed since `start`. Raises NeverOpen."""
    if length <= timedelta():
        return start
    left = length
    for opens, closes in _spans(hours, start):
        begins = max(opens, start)
        if closes <= begins:
            continue
        if begins + left <= closes:
            return begins + left
        left -= closes - begins
    raise NeverOpen("support is never open for that long")


def deadlines(policy: Policy, start: datetime) -> dict[Priority, Deadline]:
    """By priority: the reaction on its own clock, the resolution in plain time."""
    found = {}
    for name, priority in policy.priorities.items():
        if priority.clock == ReactionClock.BUSINESS:
            react_by = open_time_deadline(policy.support_hours, start, priority.react_within)
        else:
            react_by = start + priority.react_within
        found[name] = Deadline(react_by, start + priority.resolve_within)
    return found


def _near(hours: SupportHours, at: datetime) -> Iterator[Span]:
    for opens, closes in _spans(hours, at):
        if opens > at:
            return
        yield opens, closes


def _joined(hours: SupportHours, since: datetime) -> Iterator[Span]:
    """As `_spans`, those that touch as one; what lasts as far as we look has no end, and is left out."""
    begun: Span | None = None
    for opens, closes in _spans(hours, since):
        if begun and begun[1] == opens:
            begun = (begun[0], closes)
            continue
        if begun:
            yield begun
        begun = (opens, closes)
    if begun and begun[1] < since + (FARTHEST_DAYS - 3) * DAY:
        yield begun


def _spans(hours: SupportHours, since: datetime) -> Iterator[Span]:
    """Open spans in order, from the day before `since` on; bounded. Where the clocks make two days' hours overlap,
    the later one begins where the earlier one ends."""
    zone = ZoneInfo(hours.timezone)
    day = wall_time(since, zone).date() - DAY
    last: datetime | None = None
    for _ in range(FARTHEST_DAYS):
        if _is_working_day(hours, day):
            opens = starts_at(datetime.combine(day, hours.open), zone)
            closes = ends_at(closing(hours, day), zone)
            opens = max(opens, last) if last else opens
            if opens < closes:
                last = closes
                yield opens, closes
        day += DAY


def closing(hours: SupportHours, day: date) -> datetime:
    """When a day's hours end, on the wall."""
    if hours.close == END_OF_DAY:
        return datetime.combine(day + DAY, time())
    return datetime.combine(day, hours.close)


def _is_working_day(hours: SupportHours, day: date) -> bool:
    if day in hours.open_on:
        return True
    if day in hours.closed_on or WEEKDAYS[day.weekday()] not in hours.days:
        return False
    return day not in holidays(hours.holidays, day.year)
