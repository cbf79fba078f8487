"""What may be done to an emergency on its page. Each is a command like any other: a fact with the person's name, or
refused with the reason, on the same page and with nothing lost of what was typed.

Those that ask (hand over, ring somebody's phone, withdraw, exclude) first show what would happen (`preview`), and
are done once that page says so (`sure`).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, assert_never
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from app.auth.guard import page
from app.auth.rights import Principal
from app.runtime import App, AppDep
from app.web.base.command_results import refused
from app.web.base.language import language_of, say
from app.web.base.language import said as said_in
from app.web.base.shell import own_form, show
from app.web.emergency.detail import Viewer, emergency_page, form_of, read_story
from app.web.emergency.story import line
from callbacks.delivery.outbox_row import OutboxKind
from callbacks.emergency import promise
from callbacks.emergency.commands import COMMANDS, Answer, Choice, Field, Form, Rule, facts_of
from callbacks.emergency.decide import decide
from callbacks.emergency.events import Event, to_record
from callbacks.emergency.inputs import Command, Commanded
from callbacks.emergency.model import Coverage, Emergency, Resolution, Via
from callbacks.engine.intake.handle import handle_input
from callbacks.lib.sentence import sentence
from callbacks.messages.effects import Effect, effects_of
from callbacks.store.received_form import storable
from callbacks.store.rows import Entry
from callbacks.store.sql.transaction import Transaction

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
class Preview:
    """`facts` and `effects` are sentences; outcomes are the verdict's, before and after."""

    answer: Answer
    facts: tuple[str, ...]
    effects: tuple[tuple[str, str], ...]
    before: str
    after: str


def preview(session: Transaction, app: App, e: Emergency, said: Commanded, language: str) -> Preview:
    """What `said` would do now. The ledger may move on before it is really said; then it is decided anew."""
    now, duty = app.context.clock.now(), app.context.duty(session)
    decision = decide(e, said, now, duty)
    after = decision.after or e
    effects = [x for event in decision.events for x in effects_of(event, after, duty)]
    zone = duty.roster.timezone
    return Preview(
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
OwnForm = Annotated[FormData, Depends(own_form())]
CHOOSE = "Choose somebody from the roster."


@dataclass(frozen=True, slots=True)
class Wish:
    """What a form asks for. `person`: for whom it is done, when that is not the visitor; `fault`: what the form lacks;
    `asks`: what would happen is shown first."""

    command: Command
    facts: dict[str, Any]
    person: str | None
    fault: str
    asks: bool


def _offer(command: Command, rule: Rule) -> None:
    """The address of a command's form; opened anew, it leads back to the form."""
    Actor = Annotated[Principal, Depends(page(rule.right))]

    def act(ref: str, request: Request, app: AppDep, who: Actor, form: OwnForm) -> Response:
        return _do(request, app, who, ref, form, _wish(app, who, form, command))

    address = f"/emergencies/{{ref}}/{rule.noun}"
    router.post(address)(act)
    router.get(address)(back)


def back(ref: str, request: Request, app: AppDep, who: Viewer) -> RedirectResponse:
    """A page that a form made has no address of its own: whoever opens it anew comes to the form. Raises 404."""
    with app.database.read() as session:
        read_story(session, who, "emergency.read", ref)
    return RedirectResponse(f"/emergencies/{quote(ref)}#do-{request.url.path.rpartition('/')[2]}", 303)


for one, its_rule in COMMANDS.items():
    if its_rule.form:
        _offer(one, its_rule)


def _wish(app: App, who: Principal, form: FormData, command: Command) -> Wish:
    rule, chosen = COMMANDS[command], form_of(COMMANDS[command], who)
    given = {field: _value(form, field) for field in rule.fields}
    faults = [_fault(app, field, value or "") for field, value in given.items()]
    person, lacks = _for_whom(who, form, rule, chosen)
    asks = chosen.asks and not (chosen.whose and person == who.person)
    fault = next((x for x in (lacks, *faults) if x), "")
    return Wish(command, {} if fault else facts_of(given), person, fault, asks)


def _for_whom(who: Principal, form: FormData, rule: Rule, chosen: Form) -> tuple[str | None, str]:
    """Whose command it is, and what is wrong with that: a supervisor names the person where the form asks for one, and
    changes an emergency in their own name."""
    if chosen.whose:
        person = str(form.get("person") or "")
        return person or None, "" if person else CHOOSE
    needed = rule.alone or (CHOOSE if rule.form_for else "")
    return (who.person if rule.right == "emergency.act" else None), "" if who.person else needed


def _value(form: FormData, field: Field) -> str | None:
    value = storable(str(form.get(field.name) or "")).strip()
    return value or None if field.choice == Choice.PRODUCT else value


def _fault(app: App, field: Field, value: str) -> str:
    """What is wrong with what was typed or chosen."""
    if field.choice is None and len(value) > field.most:
        return sentence("Use at most %(n)s characters; nothing was changed.", n=field.most)
    if not value or field.choice is None:
        return "" if value else field.needed
    match field.choice:
        case Choice.PERSON:
            known = _is_on_roster(app, value)
        case Choice.PRIORITY:
            known = value in app.context.policy.priorities
        case Choice.PRODUCT:
            known = value in app.context.policy.coverage.named
        case Choice.COVERAGE:
            known = value in tuple(Coverage)
        case Choice.HOW:
            known = value in tuple(Resolution)
        case never:
            assert_never(never)
    return "" if known else field.needed or "Choose one of the policy's products."


def _is_on_roster(app: App, name: str) -> bool:
    with app.database.read() as session:
        return app.context.duty(session).contact(name) is not None


def _do(request: Request, app: App, who: Principal, ref: str, form: FormData, wish: Wish) -> Response:
    """One wish: shown first if it is grave, else done. Raises 404."""
    rule, language = COMMANDS[wish.command], language_of(request, who.language)
    typed = {name: storable(value) for name, value in form.items() if isinstance(value, str)}
    with app.database.read() as session:
        story = read_story(session, who, "emergency.act", ref)
        said, fault = _command(session, app, who, wish)
        zone = app.context.duty(session).roster.timezone
        seen = preview(session, app, story.e, said, language) if wish.asks and not fault else None

    def turned_down(words: str, status: int) -> Response:
        return emergency_page(request, app, who, ref, refusal=words, typed=typed, noun=rule.noun, status=status)

    def not_possible(answer: Answer) -> Response:
        return turned_down(refused(answer, said.by, language, zone), 409)

    if fault:
        return turned_down(said_in(language, fault), 422)
    if seen and typed.get("sure") != "yes":
        context = {
            "e": story.e,
            "seen": seen,
            "noun": rule.noun,
            "kind": rule.form and rule.form.kind,
            "typed": typed,
            "zone": zone,
        }
        return not_possible(seen.answer) if seen.answer.refused else show(request, app, who, "sure.html", context)
    taken = handle_input(app.context, story.id, said)
    answer = taken.decision.answer if taken else None
    assert answer is not None
    return (
        not_possible(answer)
        if answer.refused
        else RedirectResponse(f"/emergencies/{story.e.ref}?done={answer.about}", 303)
    )


def _command(session: Transaction, app: App, who: Principal, wish: Wish) -> tuple[Commanded, str]:
    """The command as the person's own, or as the supervisor's for them; and what is wrong with the form."""
    by = wish.person or who.name
    contact = app.context.duty(session).contact(by)
    fault = wish.fault or (CHOOSE if wish.person and contact is None else "")
    said = Commanded(
        at=app.context.clock.now(),
        by=by,
        role=who.role,
        command=wish.command,
        via=Via.PAGE,
        can_talk=contact is not None and contact.takes_calls,
        set_by=who.name if wish.person and wish.person != who.person else None,
        **wish.facts,
    )
    return said, fault
