"""The supervisor's plain board: open emergencies by deadline, and the story of each."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from app.api.emergencies import recording_file, story
from app.deps import Here
from app.pages.access import keep, viewer
from app.pages.actions import COVERAGES
from app.pages.story import chapter
from callbacks import promise, wording
from callbacks.engine.stories import events_of
from callbacks.folding import fold
from callbacks.record import record
from callbacks.store import customers, emergencies, ledger
from callbacks.store.emergencies import id_of
from callbacks.store.tokens import role_of

router = APIRouter(include_in_schema=False)
Viewer = Annotated[str, Depends(viewer)]
MOST_CLOSED = 25


@router.get("/")
def board(request: Request, here: Here, role: Viewer) -> HTMLResponse:
    """Open emergencies, nearest deadline first, and the last closed ones."""
    now = here.world.clock.now()
    with here.world.database.read() as session:
        rows = emergencies.listed(session, is_open=True)
        closed = emergencies.latest_closed(session, MOST_CLOSED)
        zone = here.world.duty(session).roster.timezone
    context = {
        "open": sorted(rows, key=lambda r: r.due_at),
        "closed": closed,
        "now": now,
        "local": lambda at: wording.local_time(at, zone) if at else "",
        "ref": lambda row: f"E-{row.id:06d}",
        "left": lambda row: wording.time_left(row.due_at, now),
        "zone": zone,
        "sandbox": here.settings.in_sandbox,
        "role": role,
    }
    return here.templates.TemplateResponse(request, "board.html", context)


@router.get("/emergencies/{ref}")
def one(ref: str, request: Request, here: Here, role: Viewer) -> HTMLResponse:
    """One emergency: verdict, recording, and every fact in order."""
    entries: list[ledger.Entry] = story(here, ref)
    events = events_of(entries)
    e = fold(events)
    assert e is not None
    now = here.world.clock.now()
    with here.world.database.read() as session:
        zone = here.world.duty(session).roster.timezone
        caller = customers.known(session, e.number)
        past = customers.past_emergencies(session, e.number, id_of(ref) or 0) if e.number else ()
    context = {
        "e": e,
        "role": role,
        "caller": caller,
        "past": past,
        "added": list(e.added.values()),
        "products": here.world.policy.coverage.named,
        "priorities": tuple(here.world.policy.priorities),
        "coverages": COVERAGES,
        "ref": lambda row: f"E-{row.id:06d}",
        "local_day": lambda at: wording.local_date(at, zone) if at else "",
        "resolve_by": promise.resolve_by(e),
        "by_day": lambda text: wording.local_date(datetime.fromisoformat(text), zone) if text else "",
        "record": record(e, now),
        "due": promise.due_at(e),
        "chapters": [chapter(entry, event, zone) for entry, event in zip(entries, events, strict=True)],
        "local": lambda at: wording.local_time(at, zone) if at else "",
        "local_text": lambda text: wording.local_clock(datetime.fromisoformat(text), zone),
        "left": wording.time_left(promise.due_at(e), now),
        "zone": zone,
    }
    return here.templates.TemplateResponse(request, "emergency.html", context)


@router.get("/emergencies/{ref}/recording")
def recording(ref: str, here: Here, role: Viewer, message: Annotated[int, Query(ge=0, le=99)] = 0) -> FileResponse:
    """A message, for the players on the story page."""
    return recording_file(here, ref, message)


@router.get("/token")
def token_form(request: Request, here: Here) -> HTMLResponse:
    """Asks for an API token."""
    return here.templates.TemplateResponse(request, "token.html", {"wrong": False})


@router.post("/token")
def take_token(request: Request, here: Here, token: Annotated[str, Form(max_length=200)]) -> Response:
    """Keeps a valid token for this browser."""
    with here.world.database.read() as session:
        role = role_of(session, token.strip(), here.world.clock.now())
    if role is None:
        return here.templates.TemplateResponse(request, "token.html", {"wrong": True}, status_code=403)
    secure = here.settings.public_url.startswith("https")
    return keep(RedirectResponse("/", 303), token.strip(), secure)
