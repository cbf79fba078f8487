"""Everything that can have happened to an emergency: facts in the past tense, never edited; some fields are private."""

import dataclasses
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Annotated, Any

from pydantic import GetPydanticSchema, TypeAdapter, ValidationError
from pydantic_core import core_schema

from callbacks.emergency.model import (
    Alert,
    AnsweredBy,
    Coverage,
    CustomerText,
    Fault,
    FoundBy,
    GivenBack,
    Kind,
    Reported,
    Resolution,
    Sign,
    Skipped,
    Terms,
    Via,
)
from callbacks.lib.sentence import Language
from callbacks.oncall.roster import Role
from callbacks.policy.model import Channel, Priority

# A word of another version stays a word, which equals no member: the fact is read all the same.
WORD = GetPydanticSchema(
    lambda closed, schema: core_schema.union_schema([schema(closed), core_schema.str_schema()], mode="left_to_right")
)


def private() -> Any:
    """A field that is kept outside the hash chain and may be erased."""
    return field(default=None, metadata={"private": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    at: datetime


# What came with a text: known, kept, or not to be had. The file is outside the chain; its hash is in it.


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentAdded(Event):
    by: str
    message_sid: str
    media_sid: str
    kind: Annotated[Kind, WORD]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentStored(Event):
    """`content_type` by its first bytes, whatever was said."""

    media_sid: str
    content_type: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentUnavailable(Event):
    """`why`: gone, not-found, too-large or erased."""

    media_sid: str
    why: str


# What happened to the call and its message.


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyOpened(Event):
    """`can_wait`: the caller chose so. Name and company are the address book's at that time."""

    ref: str
    call_sid: str | None
    found_by: Annotated[FoundBy, WORD]
    sign: Annotated[Sign, WORD]
    call_started_at: datetime
    priority: Annotated[Priority, WORD]
    drill: bool
    withheld: bool
    language: Annotated[Language, WORD]
    code: str
    terms: Terms
    can_wait: bool = False
    number: str | None = private()
    name: str | None = private()
    company: str | None = private()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerIdentified(Event):
    """The carrier told who called when the webhook that opened the emergency could not."""

    withheld: bool
    number: str | None = private()


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberGiven(Event):
    """The caller confirmed the number to call back, or keyed in another one."""

    confirmed: bool
    number: str | None = private()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerCalledAgain(Event):
    """The same caller called again while nobody had reached them; the clock is not reset."""

    call_sid: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageAdded(Event):
    """A further message of the same caller, left in a later call."""

    call_sid: str | None
    recording_sid: str
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTimed(Event):
    """The carrier's own start of the call, where it is earlier than what we saw."""

    call_started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnded(Event):
    status: str
    seconds: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLeft(Event):
    """`at` is the end of the message; `carrier_timed` when the carrier said so."""

    recording_sid: str | None
    seconds: int
    carrier_timed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageMissing(Event):
    """`why`: hung-up, silent, too-short, absent or failed."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingCompleted(Event):
    recording_sid: str
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingStored(Event):
    """The audio is ours: its SHA-256 and size in bytes."""

    recording_sid: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingUnavailable(Event):
    recording_sid: str
    why: str


# What happened to the callback: the bridge, the attempts, and what the customer is told and says.


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackRequested(Event):
    """`proven`: the technician pressed the key on a page call, so the customer is dialled at once. `set_by`: who
    had their phone rung, when it was not themselves."""

    callback: str
    by: str
    via: Annotated[Via, WORD]
    proven: bool = False
    set_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicianAnswered(Event):
    callback: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicianAccepted(Event):
    """The technician pressed 1: a person is on that leg, and the customer is dialled."""

    callback: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicianMissed(Event):
    """The technician's leg failed; the customer was never dialled, so it is no attempt."""

    callback: str
    why: Annotated[Fault, WORD]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRang(Event):
    callback: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerAnswered(Event):
    """The customer's leg was answered: the legs are joined at this instant."""

    callback: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerJudged(Event):
    callback: str
    answered_by: Annotated[AnsweredBy, WORD]


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeEnded(Event):
    callback: str
    status: str
    bridged: bool
    talk_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerLegEnded(Event):
    """The customer's leg as its own report has it; stands in when the dial's word never comes."""

    callback: str
    status: str
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackReported(Event):
    callback: str
    result: Annotated[Reported, WORD]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDeclared(Event):
    by: str
    via: Annotated[Via, WORD]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnswerDeclared(Event):
    by: str
    via: Annotated[Via, WORD]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondTrySuggested(Event):
    """Not reached: the technician is told to try once more, not before this instant; `answered` when the answer
    to their own text says it."""

    person: str
    not_before: datetime
    answered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerTextRequested(Event):
    about: Annotated[CustomerText, WORD]
    number: str | None = private()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesRelayed(Event):
    """A person, or all "supervisors", is told of the customer's notes behind the first `after`, up to `through`."""

    person: str
    after: int
    through: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactConfirmed(Event):
    """The customer says that we reached them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactContested(Event):
    """The customer says that we did not."""


# How it ended, and what people set: priority, coverage, notes, withdrawal.


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved(Event):
    by: str
    how: Resolution
    note: str | None = private()


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityChanged(Event):
    by: str
    priority: Annotated[Priority, WORD]
    reason: str | None = private()


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageSet(Event):
    by: str
    product: str | None
    coverage: Annotated[Coverage, WORD]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAdded(Event):
    by: str
    via: Annotated[Via, WORD]
    words: str | None = private()


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalAsked(Event):
    """The customer's number texted `withdraw`: it is answered with `digits`, and closed when those come back."""

    digits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalMistyped(Event):
    """The customer's number texted `withdraw` with other digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn(Event):
    by: str
    reason: str | None = private()


class Exclusion(StrEnum):
    """Why an emergency is in no figure."""

    BLOCKED = "blocked-caller"
    DECISION = "decision"


BLOCKED_CALLER = "blocked caller"


@dataclass(frozen=True, slots=True, kw_only=True)
class Excluded(Event):
    """`why` is an Exclusion; up to version 0.1.0 it was the reason's words, and these stand in the chain for good."""

    by: str
    why: str
    reason: str | None = private()


def exclusion_of(why: str) -> Exclusion:
    """What the words of an older version come to."""
    is_blocked = why.startswith((BLOCKED_CALLER, Exclusion.BLOCKED))
    return Exclusion.BLOCKED if is_blocked else Exclusion.DECISION


def reason_told(why: str, reason: str | None) -> str | None:
    """The reason as people read it; None when a decision's words are erased."""
    if why == Exclusion.BLOCKED:
        return f"{BLOCKED_CALLER}: {reason}" if reason else BLOCKED_CALLER
    return reason if why == Exclusion.DECISION else why


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageRecorded(Event):
    """We were down between these instants, seen afterwards from our own beats."""

    began_at: datetime
    ended_at: datetime


# What happened to pages: escalation steps, texts and calls, and who has it.


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTaken(Event):
    """`anchor` is the instant the steps of this round count from."""

    round: int
    step: int
    target: str
    people: tuple[str, ...]
    anchor: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSkipped(Event):
    round: int
    step: int
    target: str
    why: Annotated[Skipped, WORD]
    anchor: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequested(Event):
    page: str
    person: str
    role: Annotated[Role, WORD]
    channel: Annotated[Channel, WORD]
    round: int
    step: int
    language: Annotated[Language, WORD]
    number: str | None = private()


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSent(Event):
    """The carrier accepted the page."""

    page: str
    sid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageDelivered(Event):
    """The handset's carrier took the text, or the call was answered by something. Nobody's word."""

    page: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageFailed(Event):
    page: str
    why: Annotated[Fault, WORD]
    code: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageKeyPressed(Event):
    """A key on a page call: the proof that a person held the phone."""

    page: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledged(Event):
    """`set_by`: who said so for `by`, when it was not themselves."""

    by: str
    role: Annotated[Role, WORD]
    via: Annotated[Via, WORD]
    set_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver(Event):
    """`to` has it from now on, because `by` says so."""

    by: str
    to: str
    via: Annotated[Via, WORD]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed(Event):
    by: str
    via: Annotated[Via, WORD]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerReminded(Event):
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack(Event):
    """The owner tried nothing in time, or left: it escalates on."""

    person: str
    why: Annotated[GivenBack, WORD]


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisorsTold(Event):
    about: Annotated[Alert, WORD]
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlinePassed(Event):
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRefused(Event):
    by: str
    command: str
    why: str
    via: Annotated[Via, WORD]
    set_by: str | None = None


# Everything that can ever have happened to an emergency: facts, in the past tense, never edited.
#
# - `at` is when it happened, aware UTC; the carrier's time where the carrier gave one.
# - A field marked private (numbers, names, words) is kept outside the hash chain and may be erased:
# after that it reads None, and the story still folds.
# - A kind this version does not know, or whose fields it cannot read, is kept as `UnknownEvent` and changes
# nothing: one row written by another version never takes the rest of the story with it.


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownEvent(Event):
    """Written by another version of this software, or not readable; kept, shown, and without effect."""

    kind: str
    body: dict[str, Any]


EVENTS: dict[str, type[Event]] = {
    cls.__name__: cls for cls in Event.__subclasses__() if cls.__name__ != UnknownEvent.__name__
}


def to_record(event: Event) -> tuple[str, dict[str, Any], dict[str, Any] | None]:
    """(kind, body for the chain, private fields or None) of an event; `at` travels beside it."""
    if isinstance(event, UnknownEvent):
        return event.kind, event.body, None
    kind = type(event).__name__
    whole = _adapter(kind).dump_python(event, mode="json", exclude={"at"})
    hidden = {name: whole.pop(name) for name in _private_names(kind)}
    return kind, whole, hidden or None


def from_record(kind: str, at: datetime, body: dict[str, Any], private: dict[str, Any] | None) -> Event:
    """The event a ledger row holds; erased private fields read None, what cannot be read is unknown."""
    if kind not in EVENTS:
        return UnknownEvent(at=at, kind=kind, body=body)
    known = _names(kind)
    fields = {name: value for name, value in {**body, **(private or {})}.items() if name in known}
    try:
        return _adapter(kind).validate_python({**fields, "at": at})
    except ValidationError:
        return UnknownEvent(at=at, kind=kind, body=body)


@cache
def _adapter(kind: str) -> TypeAdapter[Event]:
    return TypeAdapter(EVENTS[kind])


@cache
def _names(kind: str) -> frozenset[str]:
    return frozenset(f.name for f in dataclasses.fields(EVENTS[kind]))


@cache
def _private_names(kind: str) -> tuple[str, ...]:
    return tuple(f.name for f in dataclasses.fields(EVENTS[kind]) if f.metadata.get("private"))
