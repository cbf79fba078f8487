"""A rotation's days as people read them: who has it when, by local day, gaps, overrides and support hours included.

Days are those of the rotation's zone. A gap in support hours is the desk's time: nobody is missed then.
"""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from app.runtime import AppDep
from callbacks.lib.wallclock import starts_at
from callbacks.oncall.coverage import Duty
from callbacks.oncall.schedule import Shift, shifts, write_feed
from callbacks.policy.hours import Span, periods
from callbacks.policy.model import Policy
from callbacks.store.sql import tokens, users

DAY = timedelta(days=1)
FIRST_YEAR = 2000
LAST_YEAR = 2099


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of one day. `kind`: turn, gap, or desk (nobody, in support hours). `start` and `end` are HH:MM, with
    the zone's letters where a time comes twice; 24:00 is the day's end. `shift` is the whole of it."""

    kind: str
    name: str | None
    start: str
    end: str
    is_whole: bool
    override: bool
    shift: Shift


@dataclass(frozen=True, slots=True)
class Day:
    """`open` are the support hours; `clocks` is back or forward on the day they change, else ""."""

    at: date
    is_outside: bool
    is_today: bool
    parts: tuple[Part, ...]
    open: tuple[str, ...]
    clocks: str


@dataclass(frozen=True, slots=True)
class Month:
    """A rotation's calendar: one week or a month of them."""

    rotation: str
    zone: str
    weeks: tuple[tuple[Day, ...], ...]


def month_of(policy: Policy, duty: Duty, rotation: str, view: str, at: date, now: datetime) -> Month:
    """The weeks of a month, Monday first, or the one week of `at`."""
    zone = duty.zone(rotation)
    rows = _dates(view, at)
    first, after = _midnight(rows[0][0], zone), _midnight(rows[-1][-1] + DAY, zone)
    hours = periods(policy.support_hours, first, after)
    line = shifts(duty.roster, first, after, rotation, duty.calendars)
    pieces = [piece for s in line for piece in _pieces(s, hours)]
    today = now.astimezone(zone).date()
    weeks = tuple(
        tuple(_day(pieces, hours, d, zone, view == "month" and d.month != at.month, today) for d in row) for row in rows
    )
    return Month(rotation, zone.key, weeks)


def neighbours(view: str, at: date) -> tuple[date | None, date | None]:
    """The same view before and after; None past the ends of the calendar."""
    if view == "week":
        around = at - 7 * DAY, at + 7 * DAY
    else:
        around = (at.replace(day=1) - DAY).replace(day=1), (at.replace(day=28) + 7 * DAY).replace(day=1)
    before, after = (d if FIRST_YEAR <= d.year <= LAST_YEAR else None for d in around)
    return before, after


def date_of(text: str, today: date) -> date | None:
    """`2026-11` or `2026-11-24`, today for nothing; None for anything else."""
    try:
        found = date.fromisoformat(f"{text}-01" if len(text) == 7 else text) if text else today
    except ValueError:
        return None
    return found if FIRST_YEAR <= found.year <= LAST_YEAR else None


def _dates(view: str, at: date) -> list[list[date]]:
    if view == "week":
        monday = at - at.weekday() * DAY
        return [[monday + n * DAY for n in range(7)]]
    return calendar.Calendar().monthdatescalendar(at.year, at.month)


def _pieces(shift: Shift, hours: Sequence[Span]) -> list[tuple[str, Shift]]:
    """A gap cut by the support hours; anything else whole."""
    if shift.technician:
        return [("turn", shift)]
    found, at = [], shift.start
    for opens, closes in hours:
        if closes <= at or opens >= shift.end:
            continue
        if opens > at:
            found.append(("gap", replace(shift, start=at, end=opens)))
        at = min(closes, shift.end)
        found.append(("desk", replace(shift, start=max(opens, shift.start), end=at)))
    return found + ([("gap", replace(shift, start=at))] if at < shift.end else [])


def _day(
    pieces: Sequence[tuple[str, Shift]], hours: Sequence[Span], day: date, zone: ZoneInfo, outside: bool, today: date
) -> Day:
    start, end = _midnight(day, zone), _midnight(day + DAY, zone)
    parts = tuple(_part(kind, s, start, end, zone) for kind, s in pieces if s.start < end and s.end > start)
    open_ = tuple(f"{_clock(max(a, start), zone)}–{_ends(b, end, zone)}" for a, b in hours if a < end and b > start)
    change = (end - start) - DAY
    clocks = "back" if change > timedelta() else "forward" if change < timedelta() else ""
    return Day(day, outside, day == today, parts, open_, clocks)


def _part(kind: str, shift: Shift, start: datetime, end: datetime, zone: ZoneInfo) -> Part:
    is_whole = shift.start <= start and shift.end >= end
    begins = "00:00" if shift.start <= start else _clock(shift.start, zone)
    return Part(kind, shift.technician, begins, _ends(shift.end, end, zone), is_whole, shift.override, shift)


def _ends(at: datetime, end: datetime, zone: ZoneInfo) -> str:
    return "24:00" if at >= end else _clock(at, zone)


def _clock(at: datetime, zone: ZoneInfo) -> str:
    """HH:MM on the wall; a time that comes twice says which one it is."""
    local = at.astimezone(zone)
    is_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return f"{local:%H:%M} {local.tzname()}" if is_twice else f"{local:%H:%M}"


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return starts_at(datetime.combine(day, time()), zone)


# Everybody's shifts as iCal feeds behind secret links.

router = APIRouter(include_in_schema=False)
BEFORE = timedelta(days=30)
AFTER = timedelta(days=180)


@router.get("/calendar/{token}.ics")
def feed(token: str, app: AppDep) -> Response:
    """The shifts behind a secret link, half a year ahead. It ends with the account that it was given to, and a
    technician's with their place on the roster."""
    opened = app.links.calendar_of(token)
    if opened is None:
        raise HTTPException(404, "There is no such calendar; copy the link again from the schedule")
    kind, name, given_to = opened
    now = app.context.clock.now()
    with app.database.read() as session:
        duty = app.context.duty(session)
        is_over = kind == "technician" and not tokens.is_with_us(session, name)
        is_over |= given_to is not None and not users.may_log_in(session, given_to)
    if is_over:
        raise HTTPException(410, "This calendar has ended; log in and copy its link anew from the schedule")
    found = shifts(duty.roster, now - BEFORE, now + AFTER, name if kind == "rotation" else None, duty.calendars)
    mine = [s for s in found if kind == "rotation" or s.technician == name]
    domain = urlsplit(app.settings.public_url).hostname or "callbacks"
    feed = write_feed(f"On call: {name}", mine, duty.roster.display_name, now, domain)
    return Response(feed, media_type="text/calendar; charset=utf-8")
