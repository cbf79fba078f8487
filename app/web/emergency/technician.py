"""The page behind the link in a text: made for 03:00 and one thumb. No login, no script.

- A GET shows; only a button's POST acts, by the core's rules and in the person's name (`via` is link). Seeing the page
  is no acknowledgement, and is not written down.
- `no-referrer`: the address is the secret, so not even our own style sheet is told it. Browsers then write
  `Origin: null` on our own forms; another site cannot send one, because it does not know the address.
- Nothing is kept by browsers or found by search engines. The redirect after a POST goes to this page alone.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from app.api.emergencies import attachment_file, recording_file
from app.auth.guard import Expired, MagicLink, Valid, magic_link
from app.auth.rights import Principal
from app.runtime import App, AppDep
from app.web.base.command_results import DONE, REFUSED
from app.web.base.language import say
from app.web.base.shell import no_other_site, own_form, show
from callbacks.delivery.delivery_policy import Source
from callbacks.emergency import promise
from callbacks.emergency.commands import BY_NOUN, COMMANDS, Answer, Form, offer
from callbacks.emergency.inputs import Command, Commanded
from callbacks.emergency.model import Emergency, Via
from callbacks.engine.intake.handle import handle_input_for_row
from callbacks.engine.intake.recordings import SHOWN
from callbacks.lib import magic_links
from callbacks.lib.phone import why_not_dialled, written
from callbacks.messages import wording
from callbacks.messages.catalog import LANGUAGES, slugs
from callbacks.oncall.coverage import Contact
from callbacks.store.received_form import storable
from callbacks.store.sql import received
from callbacks.store.sql.transaction import Transaction

# What the technician's page shows: the state in a line, the deadline, and the buttons that would do something now.
#
# Whether a button is shown is asked of the core: the command is tried on the emergency as it is, and nothing is
# written.

OFFERED = [command for command, rule in COMMANDS.items() if rule.link]
# Of an address that anybody could write: only what a button here is answered.
ANSWERS = (DONE.keys() | REFUSED.keys()) & slugs() - {
    "handed-over",
    "priority",
    "priority-same",
    "priority-reached",
    "withdrawn",
    "covered",
}
INSTEAD = ("cannot-dial", "no-voice", "too-many-calls")


@dataclass(frozen=True, slots=True)
class Button:
    """`noun` ends its address; `key` is the digit that does the same by text, so that an answer's "send 3" means that
    button; `main` is what is wanted now."""

    noun: str
    key: str
    form: Form
    main: bool = False


def commanded(contact: Contact, command: Command, now: datetime, words: str = "") -> Commanded:
    """The command as the person of the roster gives it."""
    return Commanded(
        at=now,
        by=contact.name,
        role=contact.role,
        command=command,
        via=Via.LINK,
        words=words,
        can_talk=contact.takes_calls,
    )


def view(link: Valid, language: str, now: datetime, said: str) -> dict[str, Any]:
    """Everything the template needs, in this language."""
    e, zone = link.emergency, link.duty.roster.timezone
    offers = {command: offer(e, commanded(link.contact, command, now, "-"), now) for command in OFFERED}
    due = promise.due_at(e)
    return {
        "e": e,
        "pictures": SHOWN,
        "state": state_line(link, language, now, zone),
        "mine": e.owner == link.contact.name,
        "reached": promise.first_contact(e),
        "due": due,
        "due_text": wording.due_text(e, language, zone),
        "left": wording.time_left(due, now).lstrip("-"),
        "late": now > due,
        "now": now,
        "number": written(e.number) if e.number else "",
        "buttons": _buttons(e, {command for command, (does, _) in offers.items() if does}),
        "instead": None if e.drill else _instead(link, offers[Command.CALL][1], language, now),
        "answer": answer(link, said, language, now),
        "refused": said in REFUSED,
        "forms": [(rule.noun, rule.link) for rule in COMMANDS.values() if rule.link and not rule.key],
        "added": list(e.added.values()),
    }


def state_line(link: Valid, language: str, now: datetime, zone: str) -> str:
    """Where it stands, in a few words."""
    e, me = link.emergency, link.contact.name
    reached, under_way = promise.first_contact(e), promise.live_callback(e, now)
    if reached:
        return say(language, "Customer reached at %(at)s", at=wording.local_time(reached, zone))
    if under_way and under_way.by == me and under_way.accepted_at is None:
        return say(language, "Your phone rings: press 1")
    if under_way:
        return say(language, "%(name)s is calling the customer", name=link.duty.roster.display_name(under_way.by))
    if e.owner == me:
        return say(language, "You have it")
    return (
        say(language, "%(name)s has it", name=link.duty.roster.display_name(e.owner))
        if e.owner
        else say(language, "Nobody has it")
    )


def answer(link: Valid, said: str, language: str, now: datetime) -> str:
    """What the last button was answered, in the words of a text; nothing for a word that is none of ours."""
    e = link.emergency
    if said not in ANSWERS or (said == "taken" and e.owner is None):
        return ""
    facts: dict[str, Any] = {}
    if said == "taken":
        facts["since"] = e.owned_since
    if said == "cannot-dial":
        hidden = e.withheld and e.number is None
        facts["why"] = "withheld" if hidden else why_not_dialled(e.number, e.terms.bridge_prefixes) or "unknown"
    return _worded(link, Answer(said, facts), language, _when(e, said) or now)


def _buttons(e: Emergency, does: set[Command]) -> list[Button]:
    """A drill asks for one thing only; whoever was reached needs no second word about it: it is solved or goes on."""
    reached = promise.first_contact(e) is not None
    left_out = {Command.NO_ANSWER} if reached else {Command.DONE}
    shown = does & {Command.ACKNOWLEDGE} if e.drill else does - left_out
    wanted = (Command.DONE,) if reached else (Command.ACKNOWLEDGE, Command.CALL)
    main = next((command for command in wanted if command in shown), None)
    buttons = [
        Button(rule.noun, rule.key, rule.link, main=command == main)
        for command, rule in COMMANDS.items()
        if command in shown and rule.link and rule.key
    ]
    return sorted(buttons, key=lambda b: not b.main)


def _instead(link: Valid, call: Answer, language: str, now: datetime) -> str | None:
    """Why no phone would be rung, and what to do instead."""
    return _worded(link, call, language, now) if call.about in INSTEAD else None


def _worded(link: Valid, said: Answer, language: str, now: datetime) -> str:
    e, zone = link.emergency, link.duty.roster.timezone
    return wording.answer(said, e, language, zone, now, link.duty.roster.display_name(e.owner))


def _when(e: Emergency, said: str) -> datetime | None:
    """When that happened: a page may be looked at again later."""
    if said in ("reached", "no-answer") and e.declarations:
        return e.declarations[-1].at
    return e.acknowledged_at if said == "drill-done" else None


PATH = "/t/"
HEADERS = {
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
LONGEST = 2000
LONGEST_ONCE = 32
router = APIRouter(prefix="/t/{token}", include_in_schema=False)
Link = Annotated[MagicLink, Depends(magic_link)]
OwnForm = Annotated[FormData, Depends(own_form(check=no_other_site))]
Lang = Annotated[str, Query(max_length=2)]


@router.get("")
def look(
    token: str,
    request: Request,
    app: AppDep,
    link: Link,
    lang: Lang = "",
    said: Annotated[str, Query(max_length=40)] = "",
) -> HTMLResponse:
    """The emergency as it is, and what the person may do about it. `said` is what the last button was answered."""
    if isinstance(link, Expired):
        return _ended(request, app, link, lang, said)
    language = lang if lang in LANGUAGES else link.contact.language
    context = {
        **view(link, language, app.context.clock.now(), said),
        "address": f"{PATH}{token}",
        "lang": lang if lang in LANGUAGES else "",
        "once": secrets.token_hex(8),
        "zone": link.duty.roster.timezone,
    }
    return show(request, app, None, "technician.html", context, language=language)


@router.get("/recording", response_class=FileResponse)
def recording(request: Request, app: AppDep, link: Link, message: Annotated[int, Query(ge=0, le=99)] = 0) -> Response:
    """The message's audio; `message` counts the ones that later calls added."""
    if isinstance(link, Expired):
        return _ended(request, app, link)
    who = Principal(link.contact.role, link.contact.name, "link", link.contact.name)
    return recording_file(app, link.emergency.ref, who, message)


@router.get("/attachments/{sid}", response_class=FileResponse)
def attachment(sid: str, request: Request, app: AppDep, link: Link) -> Response:
    """A picture, or a file to take along."""
    if isinstance(link, Expired):
        return _ended(request, app, link)
    who = Principal(link.contact.role, link.contact.name, "link", link.contact.name)
    return attachment_file(app, link.emergency.ref, who, sid)


@router.post("/{noun}")
def act(token: str, noun: str, request: Request, app: AppDep, link: Link, form: OwnForm, lang: Lang = "") -> Response:
    """One button: a command like a text's. Answers 303 to the page, which says what came of it."""
    command = BY_NOUN.get(noun)
    if command not in OFFERED:
        raise HTTPException(404)
    if isinstance(link, Expired):
        return _ended(request, app, link, lang)
    words = storable(str(form.get("words") or "")).strip()[:LONGEST]
    sent = str(form.get("once") or "")[:LONGEST_ONCE]
    once = f"{magic_links.digest(token)}:{noun}:{sent}" if sent else ""
    said = _take(app, link, command, magic_links.masked(words), once)
    back = f"?said={said}" + (f"&lang={lang}" if lang in LANGUAGES else "")
    return RedirectResponse(f"{PATH}{token}{back}", 303)


def _take(app: App, link: Valid, command: Command, words: str, once: str) -> str:
    """What the command was answered. The same button of the same page, sent twice, acts once."""

    def step(session: Transaction) -> str:
        now = app.context.clock.now()
        if once and not session.received.is_new(Source.LINK, once, [], now):
            return received.answer(session, Source.LINK, once) or ""
        row = session.emergencies.find(link.id)
        if row is None or not row.is_open:  # closed since the link was opened
            return "closed"
        taken = handle_input_for_row(app.context, session, row, commanded(link.contact, command, now, words))
        said = taken.decision.answer.about if taken.decision.answer else ""
        received.answered(session, Source.LINK, once, said)
        return said

    return app.commit(step)


def _ended(request: Request, app: App, link: Expired, lang: str = "", said: str = "") -> HTMLResponse:
    """Says only that it is over, or unknown: nothing of anybody. Whose button ended it is told that it counted."""
    context = {"over": link.status == 410, "noted": said in ANSWERS - REFUSED.keys()}
    language = lang if lang in LANGUAGES else None
    return show(request, app, None, "technician_over.html", context, link.status, language)
