"""The page behind the link in a text: made for 03:00 and one thumb. No login, no script.

- A GET shows; only a button's POST acts, by the core's rules and in the person's name (`via` is link). Seeing the page
  is no acknowledgement, and is not written down.
- `no-referrer`: the address is the secret, so not even our own style sheet is told it. Browsers then write
  `Origin: null` on our own forms; another site cannot send one, because it does not know the address.
- Nothing is kept by browsers or found by search engines. The redirect after a POST goes to this page alone.
"""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from app.api.attachments import attachment_file
from app.api.emergencies import recording_file
from app.auth.magic_links import Door, Opened, Shut, link_door
from app.auth.rights import Principal
from app.deps import Here, Runtime
from app.pages.language import LANGUAGES
from app.pages.same_site import no_other_site, own_form
from app.pages.shell import show
from app.pages.technician_view import ANSWERS, COMMANDS, REFUSALS, commanded, view
from callbacks.engine.intake.handle import take_in_row
from callbacks.store import magic_links, received
from callbacks.store.database import with_retries
from callbacks.store.tables import EmergencyRow

PATH = "/t/"
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
LONGEST, LONGEST_ONCE = 2000, 32
router = APIRouter(prefix="/t/{token}", include_in_schema=False)
Through = Annotated[Door, Depends(link_door)]
OwnForm = Annotated[FormData, Depends(own_form(check=no_other_site))]
Lang = Annotated[str, Query(max_length=2)]


@router.get("")
def look(
    token: str, request: Request, here: Here, door: Through, lang: Lang = "",
    said: Annotated[str, Query(max_length=40)] = "",
) -> HTMLResponse:  # fmt: skip
    """The emergency as it is, and what the person may do about it. `said` is what the last button was answered."""
    if isinstance(door, Shut):
        return _shut(request, here, door, lang, said)
    language = lang if lang in LANGUAGES else door.contact.language
    context = {
        **view(door, language, here.world.clock.now(), said),
        "address": f"{PATH}{token}",
        "lang": lang if lang in LANGUAGES else "",
        "once": secrets.token_hex(8),
        "zone": door.duty.roster.timezone,
    }
    return show(request, here, None, "technician.html", context, language=language)


@router.get("/recording", response_class=FileResponse)
def recording(request: Request, here: Here, door: Through, message: Annotated[int, Query(ge=0, le=99)] = 0) -> Response:
    """The message's audio; `message` counts the ones that later calls added."""
    if isinstance(door, Shut):
        return _shut(request, here, door)
    who = Principal(door.contact.role, door.contact.name, "link", door.contact.name)
    return recording_file(here, door.emergency.ref, who, message)


@router.get("/attachments/{sid}", response_class=FileResponse)
def attachment(sid: str, request: Request, here: Here, door: Through) -> Response:
    """A picture, or a file to take along."""
    if isinstance(door, Shut):
        return _shut(request, here, door)
    who = Principal(door.contact.role, door.contact.name, "link", door.contact.name)
    return attachment_file(here, door.emergency.ref, who, sid)


@router.post("/{noun}")
def act(token: str, noun: str, request: Request, here: Here, door: Through, form: OwnForm, lang: Lang = "") -> Response:
    """One button: a command like a text's. Answers 303 to the page, which says what came of it."""
    if noun not in COMMANDS:
        raise HTTPException(404)
    if isinstance(door, Shut):
        return _shut(request, here, door, lang)
    words = received.storable(str(form.get("words") or "")).strip()[:LONGEST]
    sent = str(form.get("once") or "")[:LONGEST_ONCE]
    once = f"{magic_links.digest(token)}:{noun}:{sent}" if sent else ""
    said = _take(here, door, COMMANDS[noun], magic_links.masked(words), once)
    back = f"?said={said}" + (f"&lang={lang}" if lang in LANGUAGES else "")
    return RedirectResponse(f"{PATH}{token}{back}", 303)


def _take(here: Runtime, door: Opened, command: str, words: str, once: str) -> str:
    """What the command was answered. The same button of the same page, sent twice, acts once."""

    def step() -> str:
        with here.world.database.write() as session:
            now = here.world.clock.now()
            if once and not received.is_new(session, "link", once, [], now):
                return received.answer(session, "link", once) or ""
            row = session.get(EmergencyRow, door.id)
            if row is None or not row.is_open:  # closed since the door was opened
                return "closed"
            taken = take_in_row(here.world, session, row, commanded(door.contact, command, now, words))
            said = taken.decision.answer.about if taken.decision.answer else ""
            received.answered(session, "link", once, said)
            return said

    said = with_retries(step)
    here.world.wake.set()
    return said


def _shut(request: Request, here: Runtime, door: Shut, lang: str = "", said: str = "") -> HTMLResponse:
    """Says only that it is over, or unknown: nothing of anybody. Whose button ended it is told that it counted."""
    context = {"over": door.status == 410, "noted": said in ANSWERS - REFUSALS}
    language = lang if lang in LANGUAGES else None
    return show(request, here, None, "technician_over.html", context, door.status, language)
