"""What may be done to an emergency on its page. Each is a command like any other: a fact with the person's name, or
refused with the reason, on the same page and with nothing lost of what was typed.

The grave ones (hand over, ring somebody's phone, withdraw, exclude) first show what would happen (`preview`), and
are done once that page says so (`sure`).
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import Session
from starlette.datastructures import FormData

from app.auth.guard import page
from app.auth.rights import Principal
from app.runtime import App, AppDep
from app.web.base.command_results import refused
from app.web.base.language import language_of, say
from app.web.base.language import said as said_in
from app.web.base.shell import own_form, show
from app.web.emergency.detail import COVERAGES, Viewer, read_story, room
from app.web.emergency.story import line
from callbacks.delivery.outbox_row import OutboxKind
from callbacks.emergency import promise
from callbacks.emergency.commands import LONGEST_WHY, Answer
from callbacks.emergency.decide import decide
from callbacks.emergency.events import Event, to_record
from callbacks.emergency.inputs import Command, Commanded
from callbacks.emergency.model import Emergency
from callbacks.engine.intake.handle import handle_input
from callbacks.lib.sentence import sentence
from callbacks.messages.effects import Effect, effects_of
from callbacks.oncall.roster import Role
from callbacks.store.ledger import Entry
from callbacks.store.received import storable

# What a command would come to, decided by the core and written nowhere: facts, texts and calls, and the verdict.

EFFECTS = {
    OutboxKind.PAGE: "%(who)s is paged by text",
    OutboxKind.TEXT: "%(who)s gets a text",
    OutboxKind.PAGE_CALL: "%(who)s is paged by phone",
    OutboxKind.BRIDGE: "%(who)s's phone rings from the support number; when they press 1, the customer is called",
    OutboxKind.CUSTOMER_TEXT: "The customer gets a text",
    OutboxKind.ALARM: "The notification channels are told",
}


@dataclass(frozen=True, slots=True)
class Foresight:
    """`facts` and `effects` are sentences; outcomes are the verdict's, before and after."""

    answer: Answer
    facts: tuple[str, ...]
    effects: tuple[tuple[str, str], ...]
    before: str
    after: str


def preview(session: Session, app: App, e: Emergency, said: Commanded, language: str) -> Foresight:
    """What `said` would do now. The ledger may move on before it is really said; then it is decided anew."""
    now, duty = app.context.clock.now(), app.context.duty(session)
    decision = decide(e, said, now, duty)
    after = decision.after or e
    effects = [x for event in decision.events for x in effects_of(event, after, duty)]
    zone = duty.roster.timezone
    return Foresight(
        answer=decision.answer or Answer("done"),
        facts=tuple(_told(event, now, zone, language) for event in decision.events),
        effects=tuple((_effect(x, language), x.text or "") for x in effects if x.kind in EFFECTS),
        before=promise.judge(e, now).outcome,
        after=promise.judge(after, now).outcome,
    )


def _told(event: Event, now: datetime, zone: str, language: str) -> str:
    kind, body, private = to_record(event)
    return line(Entry(0, kind, event.at, now, body, private, ""), event, zone, language)


def _effect(effect: Effect, language: str) -> str:
    words = EFFECTS[effect.kind]
    return say(language, words, who=effect.person) if "%" in words else say(language, words)


router = APIRouter(include_in_schema=False)
Actor = Annotated[Principal, Depends(page("emergency.act"))]
Supervisor = Annotated[Principal, Depends(page("emergency.change"))]
OwnForm = Annotated[FormData, Depends(own_form())]
LONGEST = 2000
LONGEST_REASON = 500
NOUNS = (
    "acknowledgement",
    "pass",
    "callback",
    "contact",
    "no-answer",
    "note",
    "resolution",
    "handover",
    "priority",
    "coverage",
    "withdrawal",
    "exclusion",
)
CHOOSE = "Choose somebody from the roster."


@dataclass(frozen=True, slots=True)
class Wish:
    """What a form asks for. `person`: for whom it is done, when that is not the visitor; `fault`: what the form lacks;
    `grave`: asked once more."""

    noun: str
    command: Command
    facts: dict[str, Any] = field(default_factory=dict)
    person: str | None = None
    fault: str = ""
    grave: bool = False


@router.post("/emergencies/{ref}/acknowledgement")
def acknowledgement(ref: str, request: Request, app: AppDep, who: Actor, form: OwnForm) -> Response:
    """Somebody has it: a technician themselves, a supervisor for whoever said so."""
    return _do(request, app, who, ref, form, _for_somebody(who, form, Wish("acknowledgement", Command.ACKNOWLEDGE)))


@router.post("/emergencies/{ref}/pass")
def pass_on(ref: str, request: Request, app: AppDep, who: Actor, form: OwnForm) -> Response:
    """Not me: the next person now."""
    fault = "" if who.person else "Only somebody on the roster can pass; hand it over instead."
    return _do(request, app, who, ref, form, Wish("pass", Command.PASS, person=who.person, fault=fault))


@router.post("/emergencies/{ref}/callback")
def callback(ref: str, request: Request, app: AppDep, who: Actor, form: OwnForm) -> Response:
    """Rings a phone and connects it to the customer from the support number: one's own, or somebody's."""
    wish = _for_somebody(who, form, Wish("callback", Command.CALL))
    return _do(request, app, who, ref, form, replace(wish, grave=wish.person != who.person))


@router.post("/emergencies/{ref}/contact")
def contact(ref: str, request: Request, app: AppDep, who: Actor, form: OwnForm) -> Response:
    """I have spoken with the customer, from my own phone."""
    return _do(request, app, who, ref, form, Wish("contact", Command.REACHED, person=who.person))


@router.post("/emergencies/{ref}/no-answer")
def no_answer(ref: str, request: Request, app: AppDep, who: Actor, form: OwnForm) -> Response:
    """I tried, and the customer could not be reached."""
    return _do(request, app, who, ref, form, Wish("no-answer", Command.NO_ANSWER, person=who.person))


@router.post("/emergencies/{ref}/note")
def note(ref: str, request: Request, app: AppDep, who: Actor, form: OwnForm) -> Response:
    """Words for the story."""
    words, fault = _words(form, "words", LONGEST)
    return _do(request, app, who, ref, form, Wish("note", Command.NOTE, {"words": words}, who.person, fault))


@router.post("/emergencies/{ref}/resolution")
def resolution(ref: str, request: Request, app: AppDep, who: Actor, form: OwnForm) -> Response:
    """Resolved, or worked around."""
    how = str(form.get("how") or "")
    words, fault = _words(form, "words", LONGEST)
    words = f"workaround {words}".strip() if how == "workaround" else words
    fault = fault if how in ("resolved", "workaround") else "Choose resolved or workaround."
    return _do(request, app, who, ref, form, Wish("resolution", Command.DONE, {"words": words}, who.person, fault))


@router.post("/emergencies/{ref}/handover")
def handover(ref: str, request: Request, app: AppDep, who: Supervisor, form: OwnForm) -> Response:
    """Another person has it from now on, and is told."""
    to = str(form.get("to") or "")
    fault = "" if _is_on_roster(app, to) else CHOOSE
    return _do(request, app, who, ref, form, Wish("handover", Command.HANDOVER, {"to": to}, fault=fault, grave=True))


@router.post("/emergencies/{ref}/priority")
def priority(ref: str, request: Request, app: AppDep, who: Supervisor, form: OwnForm) -> Response:
    """A new priority, with its reason. The original clock goes on."""
    wanted = str(form.get("priority") or "")
    reason, fault = _words(form, "reason", LONGEST_REASON, "Give a reason for the change of priority.")
    fault = fault if wanted in app.context.policy.priorities else "Choose one of the policy's priorities."
    facts = {"priority": wanted, "words": reason}
    return _do(request, app, who, ref, form, Wish("priority", Command.PRIORITY, facts, fault=fault))


@router.post("/emergencies/{ref}/coverage")
def coverage(ref: str, request: Request, app: AppDep, who: Supervisor, form: OwnForm) -> Response:
    """Which product it is about, and whether the policy covers it. The callback is owed all the same."""
    product, covered = str(form.get("product") or "") or None, str(form.get("coverage") or "")
    fault = "" if covered in COVERAGES else "Choose inside, outside or billable."
    if product and product not in app.context.policy.coverage.named:
        fault = "Choose one of the policy's products."
    facts = {"product": product, "coverage": covered}
    return _do(request, app, who, ref, form, Wish("coverage", Command.COVERAGE, facts, fault=fault))


@router.post("/emergencies/{ref}/withdrawal")
def withdrawal(ref: str, request: Request, app: AppDep, who: Supervisor, form: OwnForm) -> Response:
    """Nothing more is owed, for this reason."""
    reason, fault = _words(form, "reason", LONGEST_REASON, "Give a reason for the withdrawal.")
    return _do(
        request, app, who, ref, form, Wish("withdrawal", Command.WITHDRAW, {"words": reason}, None, fault, grave=True)
    )


@router.post("/emergencies/{ref}/exclusion")
def exclusion(ref: str, request: Request, app: AppDep, who: Supervisor, form: OwnForm) -> Response:
    """In no figure from now on, for this reason."""
    reason, fault = _words(form, "reason", LONGEST_WHY, "Give a reason for the exclusion.")
    return _do(
        request, app, who, ref, form, Wish("exclusion", Command.EXCLUDE, {"words": reason}, None, fault, grave=True)
    )


def back(ref: str, request: Request, app: AppDep, who: Viewer) -> RedirectResponse:
    """A page that a form made has no address of its own: whoever opens it anew comes to the form. Raises 404."""
    with app.context.database.read() as session:
        read_story(session, who, "emergency.read", ref)
    return RedirectResponse(f"/emergencies/{quote(ref)}#do-{request.url.path.rpartition('/')[2]}", 303)


for _noun in NOUNS:
    router.get(f"/emergencies/{{ref}}/{_noun}")(back)


def _for_somebody(who: Principal, form: FormData, wish: Wish) -> Wish:
    """A technician acts for themselves; a supervisor names the person."""
    if who.role != Role.SUPERVISOR:
        return replace(wish, person=who.person, fault="" if who.person else CHOOSE)
    person = str(form.get("person") or "")
    return replace(wish, person=person or None, fault="" if person else CHOOSE)


def _is_on_roster(app: App, name: str) -> bool:
    with app.context.database.read() as session:
        return app.context.duty(session).contact(name) is not None


def _words(form: FormData, name: str, most: int, needed: str = "") -> tuple[str, str]:
    """What was typed, and what is wrong with it; `needed` is what to say when it is empty."""
    words = storable(str(form.get(name) or "")).strip()
    if len(words) > most:
        return words, sentence("Use at most %(n)s characters; nothing was changed.", n=most)
    return words, "" if words else needed


def _do(request: Request, app: App, who: Principal, ref: str, form: FormData, wish: Wish) -> Response:
    """One wish: shown first if it is grave, else done. Raises 404."""
    language = language_of(request, who.language)
    typed = {name: storable(value) for name, value in form.items() if isinstance(value, str)}
    with app.context.database.read() as session:
        story = read_story(session, who, "emergency.act", ref)
        said, fault = _command(session, app, who, wish)
        zone = app.context.duty(session).roster.timezone
        seen = preview(session, app, story.e, said, language) if wish.grave and not fault else None

    def turned_down(words: str, status: int) -> Response:
        return room(request, app, who, ref, refusal=words, typed=typed, noun=wish.noun, status=status)

    def not_possible(answer: Answer) -> Response:
        return turned_down(refused(answer, said.by, language, zone), 409)

    if fault:
        return turned_down(said_in(language, fault), 422)
    if seen and typed.get("sure") != "yes":
        context = {"e": story.e, "seen": seen, "noun": wish.noun, "typed": typed, "zone": zone}
        return not_possible(seen.answer) if seen.answer.refused else show(request, app, who, "sure.html", context)
    taken = handle_input(app.context, story.id, said)
    answer = taken.decision.answer if taken else None
    assert answer is not None
    return (
        not_possible(answer)
        if answer.refused
        else RedirectResponse(f"/emergencies/{story.e.ref}?done={answer.about}", 303)
    )


def _command(session: Session, app: App, who: Principal, wish: Wish) -> tuple[Commanded, str]:
    """The command as the person's own, or as the supervisor's for them; and what is wrong with the form."""
    by = wish.person or who.name
    contact = app.context.duty(session).contact(by)
    fault = wish.fault or (CHOOSE if wish.person and contact is None else "")
    said = Commanded(
        at=app.context.clock.now(),
        by=by,
        role=who.role,
        command=wish.command,
        via="page",
        can_talk=contact is not None and contact.takes_calls,
        set_by=who.name if wish.person and wish.person != who.person else None,
        **wish.facts,
    )
    return said, fault
