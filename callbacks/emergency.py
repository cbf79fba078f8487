"""An emergency as its ledger describes it: values only. `folding.py` moves them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, TypeVar

from callbacks.callback import Callback, Declaration
from callbacks.terms import Terms

NOTHING: Mapping[str, Any] = MappingProxyType({})
NUDGE_GAP = timedelta(seconds=60)


@dataclass(frozen=True)
class Page:
    """One SMS or call to one person. `state`: requested, sent, delivered or failed."""

    person: str
    role: str
    channel: str
    round: int
    step: int
    requested_at: datetime
    state: str = "requested"
    sid: str | None = None
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    failed_at: datetime | None = None
    why: str | None = None
    key: str | None = None


@dataclass(frozen=True)
class Ladder:
    """Where escalation stands. `anchor`: the steps of this round count from it; `resume_at`: the
    emergency was given back or a step had nobody, so the next one is due then, whatever its own time;
    `nudged_at`: the caller called again, so the next one is due by then at the latest."""

    anchor: datetime
    round: int = 0
    next_step: int = 0
    last_step_at: datetime | None = None
    last_people: tuple[str, ...] = ()
    passed: frozenset[str] = frozenset()
    resume_at: datetime | None = None
    nudged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AddedMessage:
    """A message of a later call. `state`: completed, stored, unavailable or erased."""

    at: datetime
    call_sid: str | None
    seconds: int
    state: str = "left"


@dataclass(frozen=True, slots=True)
class CustomerNote:
    """`words` is None once erased."""

    at: datetime
    words: str | None


@dataclass(frozen=True, slots=True)
class Heard:
    """Of how many of the customer's notes somebody was told, and when."""

    at: datetime
    through: int


@dataclass(frozen=True, slots=True)
class Attachment:
    """What came with a text of `by`, by its media SID. `state`: sent, stored, unavailable or erased."""

    at: datetime
    by: str
    message_sid: str
    kind: str
    state: str = "sent"
    content_type: str = ""


@dataclass(frozen=True)
class Emergency:
    """One caller's need, from the call to the verdict."""

    ref: str
    opened_at: datetime
    call_sid: str | None
    found_by: str
    call_started_at: datetime
    priority: str
    first_priority: str
    can_wait: bool
    drill: bool
    withheld: bool
    number: str | None
    language: str
    code: str
    terms: Terms
    ladder: Ladder
    last_at: datetime
    name: str | None = None
    company: str | None = None
    number_confirmed: bool = False
    number_keyed: bool = False
    called_again: tuple[str | None, ...] = ()
    told_of_call: int = 0
    told_of_call_at: datetime | None = None
    numbers_given: int = 0
    added: Mapping[str, AddedMessage] = field(default_factory=lambda: NOTHING)
    attachments: Mapping[str, Attachment] = field(default_factory=lambda: NOTHING)
    call_carrier_timed: bool = False
    call_ended_at: datetime | None = None
    message_ended_at: datetime | None = None
    message_carrier_timed: bool = False
    message_seconds: int | None = None
    message_missing: str | None = None
    recording_sid: str | None = None
    recording_state: str | None = None
    pages: Mapping[str, Page] = field(default_factory=lambda: NOTHING)
    first_page_at: datetime | None = None
    owner: str | None = None
    owned_since: datetime | None = None
    acknowledged_at: datetime | None = None
    reminded_at: datetime | None = None
    told: Mapping[str, datetime] = field(default_factory=lambda: NOTHING)
    deadline_passed_at: datetime | None = None
    callbacks: Mapping[str, Callback] = field(default_factory=lambda: NOTHING)
    declarations: tuple[Declaration, ...] = ()
    confirmations: tuple[tuple[datetime, bool], ...] = ()
    customer_texts: tuple[str, ...] = ()
    reached_asked_at: datetime | None = None
    customer_notes: tuple[CustomerNote, ...] = ()
    notes_heard: Mapping[str, Heard] = field(default_factory=lambda: NOTHING)
    notes_told: int = 0
    second_try_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved_how: str | None = None
    withdrawal_digits: str | None = None
    withdrawal_mistyped: tuple[datetime, ...] = ()
    withdrawn_at: datetime | None = None
    withdrawn_from: "Emergency | None" = None
    reclassified: tuple[tuple[datetime, str], ...] = ()
    product: str | None = None
    coverage: str | None = None
    excluded_at: datetime | None = None
    excluded_why: str | None = None
    outages: tuple[tuple[datetime, datetime], ...] = ()

    @property
    def recordings(self) -> tuple[str, ...]:
        """SIDs of its messages, but of those that were erased."""
        first = (self.recording_sid,) if self.recording_sid and self.recording_state != "erased" else ()
        return (*first, *(sid for sid, message in self.added.items() if message.state != "erased"))

    @property
    def keeps_audio(self) -> bool:
        """Whether a message or anything that came with a text was not erased; both are kept equally long."""
        return bool(self.recordings) or any(a.state != "erased" for a in self.attachments.values())


V = TypeVar("V", Emergency, Page, Ladder, Callback)


def moved(value: V, **changes: Any) -> V:
    """The value with some fields changed: `dataclasses.replace` in a tenth of the time, because every input folds a
    whole ledger. For values without slots, which can be copied at once. An unknown name is refused by the count."""
    after = object.__new__(type(value))
    after.__dict__.update(value.__dict__, **changes)
    assert len(after.__dict__) == len(value.__dict__), "no such field"
    return after
