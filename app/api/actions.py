"""What a supervisor's program may do to an emergency: the same commands as by text, refused with the same reasons.

- `by` names the person of the roster it is done for; without it, the token's role stands in the ledger. Who has it and
  whose phone is rung are told with both: the person, and the token's role as `set_by`.
- An `Idempotency-Key` makes a repeat harmless (`idempotency.py`): the same answer again, a refusal included.
"""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Response
from pydantic import BaseModel, ConfigDict, Field, create_model

from app.api import openapi
from app.api.idempotency import Answered, Once, as_response, once_of
from app.api.limits import limited
from app.api.openapi import answers
from app.auth.guard import api, check_own
from app.auth.rights import Principal
from app.http.problems import NO_JSON, problem_text
from app.runtime import App, AppDep
from callbacks.emergency import commands
from callbacks.emergency.commands import COMMANDS, Answer, Choice, Rule, facts_of
from callbacks.emergency.inputs import Command, Commanded
from callbacks.emergency.model import Coverage, Resolution, Via
from callbacks.engine.intake.handle import Taken, handle_input_for_row
from callbacks.engine.intake.summary import load
from callbacks.oncall.roster import Role
from callbacks.reporting.record import Emergency, record
from callbacks.store.sql import emergencies
from callbacks.store.sql.transaction import Transaction

router = APIRouter(prefix="/api/v1/emergencies", tags=["emergencies"], dependencies=[Depends(limited)])
Json = dict[str, Any]
ACT = "emergency.act"
Repeats = Annotated[Once, Depends(once_of)]
TAKEN = answers(
    openapi.EMERGENCY,
    400,
    404,
    409,
    413,
    told="The emergency after the command.",
    details=openapi.DETAILS | {400: NO_JSON, 413: "The limit is 64 KiB"},
)
NAMES = {
    "taken": "somebody else has it",
    "closed": "it is closed",
    "callback-under-way": "a callback is in progress",
    "cannot-dial": "the customer's number may not be dialled",
    "no-voice": "that person's phone does not take calls",
    "too-many-calls": "the call limit for it is reached",
    "empty-note": "the note is empty",
    "already-excluded": "it is already excluded from reports",
}


PATTERNS = {
    Choice.PRIORITY: "^P[1-3]$",
    Choice.COVERAGE: f"^({'|'.join(Coverage)})$",
    Choice.HOW: f"^({'|'.join(Resolution)})$",
}


class Body(BaseModel):
    """What a command is sent with: `by`, and the fields of the command (`body_of`)."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    by: str | None = Field(None, max_length=64)


def body_of(rule: Rule) -> type[Body]:
    example: Json = {field.api or field.name: field.example for field in rule.fields} or {"by": "ana"}
    fields: dict[str, Any] = {field.api or field.name: _field(field) for field in rule.fields}
    fields["by"] = (str | None, Field(None, max_length=64, description=rule.by))
    made = create_model(rule.noun.title(), __base__=Body, __doc__=rule.help, **fields)
    made.model_config["json_schema_extra"] = {"examples": [example]}
    return made


def _field(field: commands.Field) -> tuple[Any, Any]:
    pattern = PATTERNS.get(field.choice) if field.choice else None
    bounds: dict[str, Any] = {"pattern": pattern} if pattern else {"max_length": field.most}
    if field.optional:
        kind = str | None if field.default is None else str
        return kind, Field(field.default, description=field.told or None, **bounds)
    shortest: Json = {} if field.choice else {"min_length": 1}
    return str, Field(description=field.told or None, **shortest, **bounds)


def _offer(command: Command, rule: Rule) -> None:
    """The command's address."""
    Given, Actor = body_of(rule), Annotated[Principal, Depends(api(rule.right))]
    default: Any = Given() if all(field.optional for field in rule.fields) else ...

    def act(ref: str, app: AppDep, who: Actor, once: Repeats, body: Given = default) -> Response:  # type: ignore[valid-type]
        return _take(app, ref, who, body, once, command, _facts(app, who, rule, body))

    act.__name__, act.__doc__ = rule.noun, rule.help
    router.post(f"/{{ref}}/{rule.noun}", response_model=Emergency, responses=TAKEN)(act)


for one, its_rule in COMMANDS.items():
    if its_rule.in_api:
        _offer(one, its_rule)


def _facts(app: App, who: Principal, rule: Rule, body: Body) -> Json:
    """What the command is given. Raises 422 for a product that the policy does not know, and where nobody is named."""
    if rule.by_needed and body.by is None and not who.only_own(ACT):
        raise HTTPException(422, rule.by_needed)
    given = {field: getattr(body, field.api or field.name) for field in rule.fields}
    known = app.context.policy.coverage.named
    if any(value and value not in known for field, value in given.items() if field.choice == Choice.PRODUCT):
        raise HTTPException(422, f"product is one of the policy's: {', '.join(known)}")
    return facts_of(given)


def _take(app: App, ref: str, who: Principal, body: Body, once: Once, command: Command, facts: Json) -> Response:
    """One command, in one transaction; the emergency after it, or 409 with the reason. Raises 404 or 422."""

    def act(session: Transaction) -> tuple[Answered, bool]:
        row = emergencies.by_ref(session, ref)
        if row is None:
            raise HTTPException(404, f"There is no emergency {ref}; a reference looks like E-000042")
        e = load(session, row.id) if who.only_own(ACT) else None
        if e:
            check_own(who, ACT, e)
        now = app.context.clock.now()

        def work() -> Answered:
            said = _command(app, session, body.by, who, command, facts)
            return _answered(handle_input_for_row(app.context, session, row, said), said)

        return once.act(session, now, f"{row.id}:{command}", body, work)

    answered, is_repeat = app.commit(act)
    return as_response(answered, is_repeat)


def _answered(taken: Taken, said: Commanded) -> Answered:
    answer = taken.decision.answer
    if answer and answer.refused:
        return 409, problem_text(409, _why(taken.ref, answer))
    return 200, json.dumps(record(taken.emergency, said.at).shown(), ensure_ascii=False)


def _command(app: App, session: Any, by: str | None, who: Principal, command: Command, facts: Json) -> Commanded:
    """The command as the roster's person would have sent it. Raises 422 for a name that is not on it."""
    duty, is_own = app.context.duty(session), who.only_own(ACT)
    if is_own and by not in (None, who.person):
        raise HTTPException(422, f"A technician's token acts for its own person, {who.person}; leave out `by`")
    by = who.person if is_own else by
    wanted = [name for name in (by, facts.get("to")) if name]
    unknown = next((name for name in wanted if duty.contact(name) is None), None)
    if unknown:
        known = ", ".join(p.name for p in duty.roster.people) or "nobody yet"
        raise HTTPException(422, f"There is no {unknown!r} on the roster; it has {known}")
    contact = duty.contact(by) if by else None
    # A supervisor's program may act for anybody, paged or not; a technician's as the technician's own text would.
    role = contact.role if is_own and contact else Role.SUPERVISOR
    return Commanded(
        at=app.context.clock.now(),
        by=by or who.role,
        role=role,
        command=command,
        via=Via.API,
        can_talk=contact is not None and contact.takes_calls,
        set_by=who.role if by and not is_own else None,
        **facts,
    )


def _why(ref: str, answer: Answer) -> str:
    reason = NAMES.get(answer.about, answer.about)
    owner = answer.facts.get("owner")
    return f"{ref}: {reason}" + (f" ({owner})" if owner else "") + "; nothing was changed"
