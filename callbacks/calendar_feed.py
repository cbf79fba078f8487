"""A rotation read from an iCal feed: events become shifts.

- An event names a technician by summary: short name, full name or e-mail, case ignored.
- Floating and all-day events are wall-clock time in the rotation's zone; CANCELLED is no event.
- Of overlapping events the later start wins; RECURRENCE-ID replaces its instance.
- The libraries are the extra "calendars": without it a feed is unavailable, and says how to get it.
"""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from callbacks.roster import Roster
from callbacks.schedule import Shift
from callbacks.wallclock import ends_at, starts_at

MOST_BYTES = 1024 * 1024
MOST_EVENTS = 20_000
DAY = timedelta(days=1)


class BrokenFeed(ValueError):
    """The feed cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Feed:
    """Shifts in order, none overlapping; `unknown`: summaries that name nobody of the roster."""

    shifts: tuple[Shift, ...]
    unknown: tuple[str, ...]


def read_feed(content: bytes, rotation: str, roster: Roster, start: datetime, end: datetime, zone: str) -> Feed:
    """The shifts in [start, end). Raises BrokenFeed."""
    if len(content) > MOST_BYTES:
        raise BrokenFeed("larger than 1 MB")
    names, unknown = _names(roster), set[str]()
    pieces: list[tuple[datetime, datetime, str]] = []
    for event in _events(content, start, end):
        summary = str(event.get("SUMMARY", "")).strip()
        who = names.get(summary.casefold())
        if who is None:
            unknown.add(summary)
            continue
        pieces.append((*_span(event, ZoneInfo(zone)), who))
    shifts = _painted(pieces, rotation, start, end)
    return Feed(tuple(shifts), tuple(sorted(unknown)))


def _names(roster: Roster) -> dict[str, str]:
    found = {}
    for person in roster.people:
        for name in (person.name, person.full_name, getattr(person, "email", "")):
            if name:
                found[name.casefold()] = person.name
    return found


def _events(content: bytes, start: datetime, end: datetime) -> list[Any]:
    """Occurrences that touch the span, cancelled ones left out."""
    calendars, recurring = _libraries()
    try:
        calendar = calendars.Calendar.from_ical(content)
        found = recurring.of(calendar, skip_bad_series=False).between(start - DAY, end + DAY)
    except Exception as error:
        # The libraries raise many kinds of errors for broken bytes; all of them mean the same to us.
        raise BrokenFeed(f"not a calendar that can be read ({type(error).__name__})") from None
    if len(found) > MOST_EVENTS:
        raise BrokenFeed(f"more than {MOST_EVENTS} events")
    return [event for event in found if str(event.get("STATUS", "")).upper() != "CANCELLED"]


def _libraries() -> tuple[Any, Any]:
    try:
        return importlib.import_module("icalendar"), importlib.import_module("recurring_ical_events")
    except ImportError:
        raise BrokenFeed('the calendars extra is not installed; run: pip install ".[calendars]"') from None


def _span(event: Any, zone: ZoneInfo) -> tuple[datetime, datetime]:
    begin, until = event["DTSTART"].dt, event["DTEND"].dt if "DTEND" in event else None
    if until is None:
        until = begin + (event["DURATION"].dt if "DURATION" in event else DAY)
    return _instant(begin, zone, is_end=False), _instant(until, zone, is_end=True)


def _instant(at: date | datetime, zone: ZoneInfo, *, is_end: bool) -> datetime:
    wall = at if isinstance(at, datetime) else datetime.combine(at, time())
    if wall.tzinfo is not None:
        return wall.astimezone(UTC)
    return ends_at(wall, zone) if is_end else starts_at(wall, zone)


def _painted(
    pieces: Sequence[tuple[datetime, datetime, str]], rotation: str, start: datetime, end: datetime
) -> list[Shift]:
    """Later starts painted over earlier ones; equal neighbours joined; clipped to [start, end)."""
    ordered = sorted((p for p in pieces if p[0] < p[1]), key=lambda p: p[0])
    cuts = sorted({start, end, *(at for p in ordered for at in p[:2] if start < at < end)})
    found: list[Shift] = []
    active: list[tuple[datetime, datetime, str]] = []
    position = 0
    for left, right in pairwise(cuts):
        while position < len(ordered) and ordered[position][0] <= left:
            active.append(ordered[position])
            position += 1
        active = [p for p in active if p[1] > left]
        if active:
            _add(found, Shift(rotation, active[-1][2], left, right))
    return found


def _add(found: list[Shift], shift: Shift) -> None:
    if found and found[-1].end == shift.start and found[-1].technician == shift.technician:
        found[-1] = Shift(shift.rotation, shift.technician, found[-1].start, shift.end)
    else:
        found.append(shift)
