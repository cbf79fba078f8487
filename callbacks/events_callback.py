"""What happened to the callback: the bridge, the attempts, and what the customer is told and says."""

from dataclasses import dataclass
from datetime import datetime

from callbacks.event import Event, private


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackRequested(Event):
    """`proven`: the technician pressed the key on a page call, so the customer is dialled at once. `set_by`: who
    had their phone rung, when it was not themselves."""

    callback: str
    by: str
    via: str
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
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRang(Event):
    callback: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerAnswered(Event):
    """The customer's leg was answered: the legs are joined at this instant."""

    callback: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerJudged(Event):
    """The carrier's answering-machine verdict: human, machine, fax or unknown."""

    callback: str
    answered_by: str


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
    """The technician's key after the call: reached, no-answer or left-message."""

    callback: str
    result: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDeclared(Event):
    by: str
    via: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnswerDeclared(Event):
    by: str
    via: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondTrySuggested(Event):
    """Not reached: the technician is told to try once more, not before this instant; `answered` when the answer
    to their own text says it."""

    person: str
    not_before: datetime
    answered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerTextRequested(Event):
    """`about`: receipt, calling, late, tried, reached, confirm-withdrawal or withdrawn."""

    about: str
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
