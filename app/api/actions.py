"""What a supervisor's program may do to an emergency: the same commands as by text, refused with the same reasons.

- `by` names the person of the roster it is done for; without it, the token's role stands in the ledger. Who has it and
  whose phone is rung are told with both: the person, and the token's role as `set_by`.
- An `Idempotency-Key` makes a repeat harmless (`idempotency.py`): the same answer again, a refusal included.
"""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api import openapi, schemas
from app.api.idempotency import Answered, Once, as_response, once_of
from app.api.limits import limited
from app.api.openapi import answers
from app.auth.guard import api, check_own
from app.auth.rights import Principal
from app.http.problems import NO_JSON, problem_text
from app.runtime import App, AppDep
from callbacks.emergency.commands import Answer
from callbacks.emergency.inputs import Command, Commanded
from callbacks.engine.intake.handle import Taken, handle_input_for_row
from callbacks.engine.intake.summary import load
from callbacks.oncall.roster import Role
from callbacks.reporting.record import record
from callbacks.store import emergencies
from callbacks.store.database import with_retries

router = APIRouter(prefix="/api/v1/emergencies", tags=["emergencies"], dependencies=[Depends(limited)])
Json = dict[str, Any]
ACT = "emergency.act"
Actor = Annotated[Principal, Depends(api(ACT))]
Writer = Annotated[Principal, Depends(api("emergency.change"))]
Repeats = Annotated[Once, Depends(once_of)]
TAKEN = answers(
    schemas.Emergency,
    openapi.EMERGENCY,
    400,
    404,
    409,
    413,
    told="The emergency as it is after that.",
    details=openapi.DETAILS | {400: NO_JSON, 413: "The limit here is 64 KiB"},
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


def _shown(**example: Any) -> ConfigDict:
    return ConfigDict(extra="forbid", str_strip_whitespace=True, json_schema_extra={"examples": [example]})


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    by: str | None = Field(None, max_length=64, description="A name of the roster; else the token's role.")


class Acknowledgement(_Body):
    """Somebody has it."""

    model_config = _shown(by="ana")


class Handover(_Body):
    model_config = _shown(to="bob")
    to: str = Field(max_length=64, description="Who has it from now on: a name of the roster.")


class Callback(_Body):
    """Rings `by`, who presses 1 and is connected to the customer."""

    model_config = _shown(by="ana")
    by: str | None = Field(
        None, max_length=64, description="Whose phone is rung: a name of the roster; left out, the technician's own."
    )


class Priority(_Body):
    model_config = _shown(priority="P2", reason="Only the digests are late")
    priority: str = Field(pattern="^P[1-3]$")
    reason: str = Field("", max_length=500)


class Coverage(_Body):
    model_config = _shown(product="modusMail", coverage="inside")
    product: str | None = Field(None, max_length=64, description="One of the policy's products or dependencies.")
    coverage: str = Field(pattern="^(inside|outside|billable)$")


class Note(_Body):
    model_config = _shown(words="Their relay was down since midnight")
    words: str = Field(min_length=1, max_length=2000)


class Resolution(_Body):
    model_config = _shown(how="workaround", note="Mail is routed around the relay")
    how: str = Field("resolved", pattern="^(resolved|workaround)$")
    note: str = Field("", max_length=2000)


class Withdrawal(_Body):
    model_config = _shown(reason="A test call of our own")
    reason: str = Field(min_length=1, max_length=500)


class Exclusion(_Body):
    model_config = _shown(reason="A test call of our own")
    reason: str = Field(min_length=1, max_length=200, description="Kept in the chain for good: no numbers, no names.")


@router.post("/{ref}/acknowledgement", responses=TAKEN)
def acknowledgement(
    ref: str, app: AppDep, who: Actor, once: Repeats, body: Acknowledgement = Acknowledgement()
) -> Response:
    """Somebody has it: the escalation stops, the promise does not."""
    return _take(app, ref, who, body, once, command=Command.ACKNOWLEDGE)


@router.post("/{ref}/handover", responses=TAKEN)
def handover(ref: str, app: AppDep, who: Writer, body: Handover, once: Repeats) -> Response:
    """Another person has it from now on, and is told."""
    return _take(app, ref, who, body, once, command=Command.HANDOVER, to=body.to)


@router.post("/{ref}/callback", responses=TAKEN)
def callback(ref: str, app: AppDep, who: Actor, once: Repeats, body: Callback = Callback()) -> Response:
    """Rings a person's phone and connects them to the customer from the support number."""
    if body.by is None and not who.only_own(ACT):
        raise HTTPException(422, "body.by: whose phone is rung? Give a name of the roster")
    return _take(app, ref, who, body, once, command=Command.CALL)


@router.post("/{ref}/priority", responses=TAKEN)
def priority(ref: str, app: AppDep, who: Writer, body: Priority, once: Repeats) -> Response:
    """A new priority; the original clock goes on."""
    return _take(app, ref, who, body, once, command=Command.PRIORITY, priority=body.priority, words=body.reason)


@router.post("/{ref}/coverage", responses=TAKEN)
def coverage(ref: str, app: AppDep, who: Writer, body: Coverage, once: Repeats) -> Response:
    """Which product it is about, and whether the policy covers it. The callback is owed all the same."""
    known = app.context.policy.coverage.named
    if body.product and body.product not in known:
        raise HTTPException(422, f"product is one of the policy's: {', '.join(known)}")
    return _take(app, ref, who, body, once, command=Command.COVERAGE, product=body.product, coverage=body.coverage)


@router.post("/{ref}/note", responses=TAKEN)
def note(ref: str, app: AppDep, who: Actor, body: Note, once: Repeats) -> Response:
    """Words for the story."""
    return _take(app, ref, who, body, once, command=Command.NOTE, words=body.words)


@router.post("/{ref}/resolution", responses=TAKEN)
def resolution(ref: str, app: AppDep, who: Actor, once: Repeats, body: Resolution = Resolution()) -> Response:
    """Resolved, or worked around."""
    words = f"workaround {body.note}".strip() if body.how == "workaround" else body.note
    return _take(app, ref, who, body, once, command=Command.DONE, words=words)


@router.post("/{ref}/withdrawal", responses=TAKEN)
def withdrawal(ref: str, app: AppDep, who: Writer, body: Withdrawal, once: Repeats) -> Response:
    """Nothing more is owed."""
    return _take(app, ref, who, body, once, command=Command.WITHDRAW, words=body.reason)


@router.post("/{ref}/exclusion", responses=TAKEN)
def exclusion(ref: str, app: AppDep, who: Writer, body: Exclusion, once: Repeats) -> Response:
    """Outside every figure from now on, whatever the verdict was; nobody is paged for it any more."""
    return _take(app, ref, who, body, once, command=Command.EXCLUDE, words=body.reason)


def _take(app: App, ref: str, who: Principal, body: _Body, once: Once, **facts: Any) -> Response:
    """One command, in one transaction; the emergency after it, or 409 with the reason. Raises 404 or 422."""

    def act() -> tuple[Answered, bool]:
        with app.context.database.write() as session:
            row = emergencies.by_ref(session, ref)
            if row is None or row.id is None:
                raise HTTPException(404, f"There is no emergency {ref}; a reference looks like E-000042")
            e = load(session, row.id) if who.only_own(ACT) else None
            if e:
                check_own(who, ACT, e)
            now = app.context.clock.now()

            def deed() -> Answered:
                said = _command(app, session, body.by, who, facts)
                return _answered(handle_input_for_row(app.context, session, row, said), said)

            return once.act(session, now, f"{row.id}:{facts['command']}", body, deed)

    answered, is_repeat = with_retries(act)
    app.context.wake.set()
    return as_response(answered, is_repeat)


def _answered(taken: Taken, said: Commanded) -> Answered:
    answer = taken.decision.answer
    if answer and answer.refused:
        return 409, problem_text(409, _why(taken.ref, answer))
    return 200, json.dumps(record(taken.emergency, said.at), ensure_ascii=False)


def _command(app: App, session: Any, by: str | None, who: Principal, facts: Json) -> Commanded:
    """The command as the roster's person would have sent it. Raises 422 for a name that is not on it."""
    duty, is_own = app.context.duty(session), who.only_own(ACT)
    if is_own and by not in (None, who.person):
        raise HTTPException(422, f"A technician's token acts for its own person, {who.person}; leave by out")
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
        via="api",
        can_talk=contact is not None and contact.takes_calls,
        set_by=who.role if by and not is_own else None,
        **facts,
    )


def _why(ref: str, answer: Answer) -> str:
    reason = NAMES.get(answer.about, answer.about)
    owner = answer.facts.get("owner")
    return f"{ref}: {reason}" + (f" ({owner})" if owner else "") + "; nothing was changed"
