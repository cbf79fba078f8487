"""Everything that can ever have happened to an emergency: facts, in the past tense, never edited.

- `at` is when it happened, aware UTC; the carrier's time where the carrier gave one.
- A field marked private (numbers, names, words) is kept outside the hash chain and may be erased:
  after that it reads None, and the story still folds.
- A kind this version does not know, or whose fields it cannot read, is kept as `UnknownEvent` and changes
  nothing: one row written by another version never takes the rest of the story with it.
"""

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from callbacks.event import Event
from callbacks.events_attachment import AttachmentAdded, AttachmentStored, AttachmentUnavailable
from callbacks.events_call import (
    CallEnded,
    CallerCalledAgain,
    CallerIdentified,
    CallTimed,
    EmergencyOpened,
    MessageAdded,
    MessageLeft,
    MessageMissing,
    NumberGiven,
    RecordingCompleted,
    RecordingStored,
    RecordingUnavailable,
)
from callbacks.events_callback import (
    BridgeEnded,
    CallbackReported,
    CallbackRequested,
    ContactConfirmed,
    ContactContested,
    ContactDeclared,
    CustomerAnswered,
    CustomerJudged,
    CustomerLegEnded,
    CustomerRang,
    CustomerTextRequested,
    NoAnswerDeclared,
    NotesRelayed,
    SecondTrySuggested,
    TechnicianAccepted,
    TechnicianAnswered,
    TechnicianMissed,
)
from callbacks.events_ending import (
    CoverageSet,
    Excluded,
    Exclusion,
    NoteAdded,
    OutageRecorded,
    PriorityChanged,
    Resolved,
    WithdrawalAsked,
    WithdrawalMistyped,
    Withdrawn,
    exclusion_of,
    reason_told,
)
from callbacks.events_paging import (
    Acknowledged,
    CommandRefused,
    DeadlinePassed,
    HandedOver,
    OwnerReminded,
    PageDelivered,
    PageFailed,
    PageKeyPressed,
    PageRequested,
    PageSent,
    Passed,
    StepSkipped,
    StepTaken,
    SupervisorsTold,
    TakenBack,
)

__all__ = [
    "EVENTS",
    "Acknowledged",
    "AttachmentAdded",
    "AttachmentStored",
    "AttachmentUnavailable",
    "BridgeEnded",
    "CallEnded",
    "CallTimed",
    "CallbackReported",
    "CallbackRequested",
    "CallerCalledAgain",
    "CallerIdentified",
    "CommandRefused",
    "ContactConfirmed",
    "ContactContested",
    "ContactDeclared",
    "CoverageSet",
    "CustomerAnswered",
    "CustomerJudged",
    "CustomerLegEnded",
    "CustomerRang",
    "CustomerTextRequested",
    "DeadlinePassed",
    "EmergencyOpened",
    "Event",
    "Excluded",
    "Exclusion",
    "HandedOver",
    "MessageAdded",
    "MessageLeft",
    "MessageMissing",
    "NoAnswerDeclared",
    "NoteAdded",
    "NotesRelayed",
    "NumberGiven",
    "OutageRecorded",
    "OwnerReminded",
    "PageDelivered",
    "PageFailed",
    "PageKeyPressed",
    "PageRequested",
    "PageSent",
    "Passed",
    "PriorityChanged",
    "RecordingCompleted",
    "RecordingStored",
    "RecordingUnavailable",
    "Resolved",
    "SecondTrySuggested",
    "StepSkipped",
    "StepTaken",
    "SupervisorsTold",
    "TakenBack",
    "TechnicianAccepted",
    "TechnicianAnswered",
    "TechnicianMissed",
    "UnknownEvent",
    "WithdrawalAsked",
    "WithdrawalMistyped",
    "Withdrawn",
    "exclusion_of",
    "from_record",
    "reason_told",
    "to_record",
]


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
