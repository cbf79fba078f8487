"""The turns of one rotation: when each begins, which number it has, and when the rotation is active.

A turn that a change of the clocks leaves without length is used up: its number passes with it.
"""

import itertools
import math
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from callbacks.lib.wallclock import ends_at, is_steady, starts_at, wall_time
from callbacks.roster import Every, Rotation, Window

UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
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
    if rule.turns == "calendar" or not rule.active:
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
    """The number of the last turn that has begun at `at`; -1 before the first. Estimated, then mended."""
    number = max(0, _estimate(rule, wall_time(at, ZoneInfo(rule.timezone))))
    while number > 0 and begins(rule, number) > at:
        number -= 1
    while begins(rule, number + 1) <= at:
        number += 1
    return number if begins(rule, number) <= at else -1


def _estimate(rule: Rotation, wall: datetime) -> int:
    if rule.every.unit == "mo":
        months = (wall.year - rule.starts.year) * 12 + wall.month - rule.starts.month
        return months // rule.every.count
    return (wall - rule.starts) // (UNITS[rule.every.unit] * rule.every.count)


def _add(wall: datetime, every: Every, times: int) -> datetime:
    if every.unit != "mo":
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
    if rule.every.unit == "mo" or number <= CHUNK:
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
