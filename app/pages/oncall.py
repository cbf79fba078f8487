"""Who is on call, as a page; and everybody's shifts as iCal feeds behind secret links."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, Response

from app.deps import Here
from app.pages.access import viewer
from callbacks import wording
from callbacks.calendar_export import write_feed
from callbacks.duty import Duty
from callbacks.readiness import by_hour, targets, uncovered
from callbacks.schedule import next_shift, on_call, shifts

router = APIRouter(include_in_schema=False)
WEEK = timedelta(days=7)
BEFORE, AFTER = timedelta(days=30), timedelta(days=180)


@dataclass(frozen=True, slots=True)
class Turn:
    """One rotation now: names in full, `then` and `at` for the next one."""

    rotation: str
    person: str
    then: str
    at: str
    link: str


@router.get("/oncall")
def page(request: Request, here: Here, role: Annotated[str, Depends(viewer)]) -> HTMLResponse:
    """Each rotation now and next, and the links to subscribe to."""
    now = here.world.clock.now()
    with here.world.database.read() as session:
        duty = here.world.duty(session)
    turns = [_turn(duty, name, now, here.links.calendar("rotation", name)) for name in duty.roster.rotation_names]
    people = [(_name(duty, p.name), here.links.calendar("technician", p.name)) for p in duty.roster.technicians]
    zone = duty.roster.timezone
    hours = [
        (
            wording.local_day(hour.start, zone, "en"),
            [", ".join(_name(duty, n) for n in names) for names in hour.paged.values()],
        )
        for hour in by_hour(here.world.policy, duty, now)
    ]
    context = {
        "turns": turns, "people": people, "zone": zone, "hours": hours, "targets": targets(here.world.policy),
        "gaps": [
            (g.rotation, wording.local_day(g.start, zone, "en"), wording.local_day(g.end, zone, "en"))
            for g in uncovered(here.world.policy, duty, now, now + WEEK)
        ],
    }  # fmt: skip
    return here.templates.TemplateResponse(request, "oncall.html", context)


@router.get("/calendar/{token}.ics")
def feed(token: str, here: Here) -> Response:
    """The shifts behind a secret link, half a year ahead."""
    opened = here.links.calendar_of(token)
    if opened is None:
        raise HTTPException(404, "There is no such calendar; copy its link anew from the on-call page")
    kind, name = opened
    now = here.world.clock.now()
    with here.world.database.read() as session:
        duty = here.world.duty(session)
    found = shifts(duty.roster, now - BEFORE, now + AFTER, name if kind == "rotation" else None, duty.calendars)
    mine = [s for s in found if kind == "rotation" or s.technician == name]
    names = {p.name: p.full_name for p in duty.roster.people}
    domain = urlsplit(here.settings.public_url).hostname or "callbacks"
    return Response(write_feed(f"On call: {name}", mine, names, now, domain), media_type="text/calendar; charset=utf-8")


def _turn(duty: Duty, rotation: str, now: datetime, link: str) -> Turn:
    current = on_call(duty.roster, now, duty.calendars).get(rotation)
    later = next_shift(duty.roster, rotation, now, duty.calendars)
    at = wording.local_day(later.start, duty.roster.timezone, "en") if later else ""
    then = _name(duty, later.technician) if later else ""
    return Turn(rotation, _name(duty, current), then, at, link)


def _name(duty: Duty, name: str | None) -> str:
    person = duty.roster.person(name) if name else None
    return (person.full_name or person.name) if person else "nobody"
