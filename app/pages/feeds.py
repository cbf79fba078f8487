"""Everybody's shifts as iCal feeds behind secret links."""

from datetime import timedelta
from urllib.parse import urlsplit

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response

from app.deps import Here
from callbacks.oncall.schedule import shifts, write_feed
from callbacks.store import tokens, users

router = APIRouter(include_in_schema=False)
BEFORE, AFTER = timedelta(days=30), timedelta(days=180)


@router.get("/calendar/{token}.ics")
def feed(token: str, here: Here) -> Response:
    """The shifts behind a secret link, half a year ahead. It ends with the account that it was given to, and a
    technician's with their place on the roster."""
    opened = here.links.calendar_of(token)
    if opened is None:
        raise HTTPException(404, "There is no such calendar; copy its link anew from the schedule")
    kind, name, given_to = opened
    now = here.world.clock.now()
    with here.world.database.read() as session:
        duty = here.world.duty(session)
        is_over = kind == "technician" and not tokens.is_with_us(session, name)
        is_over |= given_to is not None and not users.may_log_in(session, given_to)
    if is_over:
        raise HTTPException(410, "This calendar has ended; log in and copy its link anew from the schedule")
    found = shifts(duty.roster, now - BEFORE, now + AFTER, name if kind == "rotation" else None, duty.calendars)
    mine = [s for s in found if kind == "rotation" or s.technician == name]
    names = {p.name: p.full_name for p in duty.roster.people}
    domain = urlsplit(here.settings.public_url).hostname or "callbacks"
    return Response(write_feed(f"On call: {name}", mine, names, now, domain), media_type="text/calendar; charset=utf-8")
