"""What a supervisor's program may do to an emergency: the same commands as by text, refused with the same reasons.

- `by` names the person of the roster it is done for; without it, the token's role stands in the ledger.
- An `Idempotency-Key` makes a repeat harmless: the answer is the emergency as it is, and nothing is done twice.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from app.api.access import Writer
from app.deps import Here, Runtime
from callbacks.commands import Answer
from callbacks.engine.intake import Taken, take_in_row
from callbacks.engine.stories import load
from callbacks.inputs import Commanded
from callbacks.record import record
from callbacks.store import emergencies, received
from callbacks.store.database import with_retries
from callbacks.store.tables import EmergencyRow

router = APIRouter(prefix="/api/v1/emergencies", tags=["emergencies"])
Json = dict[str, Any]
Key = Annotated[str | None, Header(alias="Idempotency-Key", max_length=120)]
NAMES = {"taken": "somebody else has it", "closed": "it is closed", "callback-under-way": "a callback is under way",
         "cannot-dial": "the customer's number may not be dialled", "no-voice": "that person's phone takes no calls",
         "empty-note": "the note is empty"}  # fmt: skip


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    by: str | None = Field(None, max_length=64, description="A name of the roster; else the token's role.")


class Acknowledgement(_Body):
    """Somebody has it."""


class Handover(_Body):
    to: str = Field(max_length=64, description="Who has it from now on: a name of the roster.")


class Callback(_Body):
    """Rings `by`, who presses 1 and is connected to the customer."""

    by: str = Field(max_length=64, description="Whose phone is rung: a name of the roster.")


class Priority(_Body):
    priority: str = Field(pattern="^P[1-3]$")
    reason: str = Field("", max_length=500)


class Coverage(_Body):
    product: str | None = Field(None, max_length=64, description="One of the policy's products or dependencies.")
    coverage: str = Field(pattern="^(inside|outside|billable)$")


class Note(_Body):
    words: str = Field(min_length=1, max_length=2000)


class Resolution(_Body):
    how: str = Field("resolved", pattern="^(resolved|workaround)$")
    note: str = Field("", max_length=2000)


class Withdrawal(_Body):
    reason: str = Field(min_length=1, max_length=500)


@router.post("/{ref}/acknowledgement")
def acknowledgement(ref: str, here: Here, role: Writer, body: Acknowledgement, key: Key = None) -> Json:
    """Somebody has it: the escalation stops, the promise does not."""
    return _take(here, ref, role, body.by, key, command="acknowledge")


@router.post("/{ref}/handover")
def handover(ref: str, here: Here, role: Writer, body: Handover, key: Key = None) -> Json:
    """Another person has it from now on, and is told."""
    return _take(here, ref, role, body.by, key, command="handover", to=body.to)


@router.post("/{ref}/callback")
def callback(ref: str, here: Here, role: Writer, body: Callback, key: Key = None) -> Json:
    """Rings a person's phone and connects them to the customer from the support number."""
    return _take(here, ref, role, body.by, key, command="call")


@router.post("/{ref}/priority")
def priority(ref: str, here: Here, role: Writer, body: Priority, key: Key = None) -> Json:
    """A new priority; the original clock goes on."""
    return _take(here, ref, role, body.by, key, command="priority", priority=body.priority, words=body.reason)


@router.post("/{ref}/coverage")
def coverage(ref: str, here: Here, role: Writer, body: Coverage, key: Key = None) -> Json:
    """Which product it is about, and whether the policy covers it. The callback is owed all the same."""
    known = here.world.policy.coverage.named
    if body.product and body.product not in known:
        raise HTTPException(422, f"product is one of the policy's: {', '.join(known)}")
    return _take(here, ref, role, body.by, key, command="cover", product=body.product, coverage=body.coverage)


@router.post("/{ref}/note")
def note(ref: str, here: Here, role: Writer, body: Note, key: Key = None) -> Json:
    """Words for the story."""
    return _take(here, ref, role, body.by, key, command="note", words=body.words)


@router.post("/{ref}/resolution")
def resolution(ref: str, here: Here, role: Writer, body: Resolution, key: Key = None) -> Json:
    """Resolved, or worked around."""
    words = f"workaround {body.note}".strip() if body.how == "workaround" else body.note
    return _take(here, ref, role, body.by, key, command="done", words=words)


@router.post("/{ref}/withdrawal")
def withdrawal(ref: str, here: Here, role: Writer, body: Withdrawal, key: Key = None) -> Json:
    """Nothing more is owed."""
    return _take(here, ref, role, body.by, key, command="withdraw", words=body.reason)


def _take(here: Runtime, ref: str, role: str, by: str | None, key: str | None, **facts: Any) -> Json:
    """One command, in one transaction; the emergency after it. Raises 404, 409 with the reason, or 422."""

    def once() -> Taken | None:
        with here.world.database.write() as session:
            row = emergencies.by_ref(session, ref)
            if row is None or row.id is None:
                raise HTTPException(404, f"There is no emergency {ref}; a reference looks like E-000042")
            now = here.world.clock.now()
            name = f"{row.id}:{facts['command']}:{key}"
            if key and not received.is_new(session, "api", name, [], now):
                return None
            taken = take_in_row(here.world, session, row, _command(here, session, by, role, facts))
            if key and taken.decision.answer and taken.decision.answer.refused:
                received.forget(session, "api", name)
            return taken

    taken = with_retries(once)
    here.world.wake.set()
    answer = taken.decision.answer if taken else None
    if answer and answer.refused:
        raise HTTPException(409, _why(ref, answer))
    with here.world.database.read() as session:
        row = emergencies.by_ref(session, ref)
        assert isinstance(row, EmergencyRow)
        e = load(session, row.id or 0)
    assert e is not None
    return record(e, here.world.clock.now())


def _command(here: Runtime, session: Any, by: str | None, role: str, facts: Json) -> Commanded:
    """The command as the roster's person would have sent it. Raises 422 for a name that is not on it."""
    duty = here.world.duty(session)
    wanted = [name for name in (by, facts.get("to")) if name]
    unknown = next((name for name in wanted if duty.contact(name) is None), None)
    if unknown:
        known = ", ".join(p.name for p in duty.roster.people) or "nobody yet"
        raise HTTPException(422, f"There is no {unknown!r} on the roster; it has {known}")
    contact = duty.contact(by) if by else None
    # A supervisor's program acts: it may act for anybody, paged or not.
    return Commanded(
        at=here.world.clock.now(), by=by or role, role="supervisor", via="api",
        can_talk=contact is not None and "voice" in contact.channels, **facts,
    )  # fmt: skip


def _why(ref: str, answer: Answer) -> str:
    reason = NAMES.get(answer.about, answer.about)
    owner = answer.facts.get("owner")
    return f"{ref}: {reason}" + (f" ({owner})" if owner else "") + "; nothing was changed"
