"""Support hours: open or closed, and deadlines counted in open time. All instants aware UTC.

- A span is half-open. The wall-clock rules of `wallclock.py` hold: a close that happens twice is the last.
- A business deadline is the first instant by which that much open time has passed.
"""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from callbacks.lib.wallclock import ends_at, starts_at, wall_time
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


# Days on which support is closed by law, by calendar name.
#
# `CA-QC` is the statutory list of Quebec's labour standards act and national holiday act; only 24 June and
# 1 July move, from a Sunday to the Monday. Other names come from the `holidays` package, if installed.

SUNDAY = 6


class UnknownCalendar(ValueError):
    """There is no such calendar here; the message says how to get it."""


@cache
def holidays(calendar: str, year: int) -> frozenset[date]:
    """The closed days of a year; none for "". Raises UnknownCalendar."""
    if calendar == "":
        return frozenset()
    if calendar == "CA-QC":
        return _quebec(year)
    return _from_package(calendar, year)


def easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar (the anonymous computus of 1876)."""
    century, of_century = divmod(year, 100)
    golden = year % 19
    leaps, rest = divmod(century, 4)
    moon = (19 * golden + century - leaps - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * rest + 2 * (of_century // 4) - moon - of_century % 4) % 7
    shift = (golden + 11 * moon + 22 * week) // 451
    month, day = divmod(moon + week - 7 * shift + 114, 31)
    return date(year, month, day + 1)


def _quebec(year: int) -> frozenset[date]:
    before_25_may = date(year, 5, 24)
    return frozenset(
        {
            date(year, 1, 1),
            easter(year) - timedelta(days=2),
            before_25_may - timedelta(days=before_25_may.weekday()),
            _from_sunday(date(year, 6, 24)),
            _from_sunday(date(year, 7, 1)),
            _nth_monday(year, 9, 1),
            _nth_monday(year, 10, 2),
            date(year, 12, 25),
        }
    )


def _from_sunday(day: date) -> date:
    return day + timedelta(days=1) if day.weekday() == SUNDAY else day


def _nth_monday(year: int, month: int, n: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(-first.weekday()) % 7 + 7 * (n - 1))


def _from_package(calendar: str, year: int) -> frozenset[date]:
    try:
        package = importlib.import_module("holidays")
    except ImportError:
        raise UnknownCalendar('use "CA-QC" or "", or install the calendars: pip install ".[calendars]"') from None
    country, _, region = calendar.partition("-")
    try:
        return frozenset(package.country_holidays(country, subdiv=region or None, years=year))
    except (NotImplementedError, KeyError):
        raise UnknownCalendar('use "CA-QC", "" or a code such as "CA-ON" or "FR"') from None
