"""One emergency: verdict, message, pages, attempts, times, and every fact in order."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse, HTMLResponse

from app.api.attachments import attachment_file
from app.api.emergencies import recording_file
from app.auth.guard import page
from app.auth.rights import Principal
from app.deps import Here, Runtime
from app.pages.answers import DONE
from app.pages.emergency_view import read_story, state_of, view
from app.pages.language import language_of, say
from app.pages.shell import show

router = APIRouter(include_in_schema=False)
Viewer = Annotated[Principal, Depends(page("emergency.read"))]
COVERAGES = ("inside", "outside", "billable")


@router.get("/emergencies/{ref}")
def one(ref: str, request: Request, here: Here, who: Viewer, done: str = "") -> HTMLResponse:
    """The whole story; `done` says what has just been noted."""
    told = say(language_of(request, who.language), DONE[done]) if done in DONE else ""
    return room(request, here, who, ref, told=told)


@router.get("/emergencies/{ref}/recording")
def recording(ref: str, here: Here, who: Viewer, message: Annotated[int, Query(ge=0, le=99)] = 0) -> FileResponse:
    """A message, for the players on the page."""
    with here.world.database.read() as session:
        read_story(session, who, "emergency.read", ref)
    return recording_file(here, ref, who, message)


@router.get("/emergencies/{ref}/attachments/{sid}")
def attachment(ref: str, sid: str, here: Here, who: Viewer) -> FileResponse:
    """A picture for the page, or a file to take along."""
    with here.world.database.read() as session:
        read_story(session, who, "emergency.read", ref)
    return attachment_file(here, ref, who, sid)


def room(
    request: Request, here: Runtime, who: Principal, ref: str, *, told: str = "", refusal: str = "",
    typed: dict[str, str] | None = None, noun: str = "", status: int = 200,
) -> HTMLResponse:  # fmt: skip
    """The page. `refusal` says why `noun` could not be, with what was `typed` still in its form. Raises 404."""
    language = language_of(request, who.language)
    with here.world.database.read() as session:
        story = read_story(session, who, "emergency.read", ref)
        context: dict[str, Any] = view(session, here, who, story, language)
    context |= {
        "done": told, "refusal": refusal, "typed": typed or {}, "noun": noun, "coverages": COVERAGES,
        "state_of": state_of, "ref_of": lambda row: f"E-{row.id:06d}",
        "may_act": who.may("emergency.act"), "may_change": who.may("emergency.change"),
        "may_export": who.may("emergency.export"), "may_edit_caller": who.may("customer.change"),
        "own_name": who.person or "",
    }  # fmt: skip
    return show(request, here, who, "emergency.html", context, status)
