"""Everybody's shifts as iCal feeds behind secret links."""

from datetime import timedelta
from urllib.parse import urlsplit

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from app.deps import Here
from callbacks.calendar_export import write_feed
from callbacks.schedule import shifts

router = APIRouter(include_in_schema=False)
BEFORE, AFTER = timedelta(days=30), timedelta(days=180)


@router.get("/calendar/{token}.ics")
def feed(token: str, here: Here) -> Response:
    """The shifts behind a secret link, half a year ahead."""
    opened = here.links.calendar_of(token)
    if opened is None:
        raise HTTPException(404, "There is no such calendar; copy its link anew from the schedule")
    kind, name = opened
    now = here.world.clock.now()
    with here.world.database.read() as session:
        duty = here.world.duty(session)
    found = shifts(duty.roster, now - BEFORE, now + AFTER, name if kind == "rotation" else None, duty.calendars)
    mine = [s for s in found if kind == "rotation" or s.technician == name]
    names = {p.name: p.full_name for p in duty.roster.people}
    domain = urlsplit(here.settings.public_url).hostname or "callbacks"
    return Response(write_feed(f"On call: {name}", mine, names, now, domain), media_type="text/calendar; charset=utf-8")
