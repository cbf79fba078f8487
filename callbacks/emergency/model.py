"""An emergency, its callbacks and attachments as the ledger describes them: values only. `fold.py` moves them."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

from callbacks.lib.sentence import Language
from callbacks.oncall.roster import Role
from callbacks.policy.model import (
    PUBLISHED,
    Channel,
    ClockStart,
    NoMessage,
    Policy,
    Priority,
    PriorityTimes,
    SupportHours,
)

REF = re.compile(r"[Ee]?-?0*(\d{1,9})")


def ref_of(emergency_id: int) -> str:
    return f"E-{emergency_id:06d}"


def id_of(ref: str) -> int | None:
    """The row id of E-000042, e-42 or 42."""
    match = REF.fullmatch(ref.strip())
    return int(match[1]) if match else None


# One try to speak with the customer: a call we bridged, or a technician's word about their own phone.

RINGING_LIMIT = timedelta(minutes=3)
TALKING_LIMIT = timedelta(hours=4)
QUIET = timedelta(seconds=20)
JUDGED_WITHIN = timedelta(minutes=10)


CUSTOMER = "customer"  # who says so, in place of a name of the roster


class FoundBy(StrEnum):
    WEBHOOK = "webhook"
    SWEEP = "sweep"


class Sign(StrEnum):
    """What told us of a finished call."""

    ACTION = "action"
    RECORDING = "recording"
    ENDED = "ended"
    SWEEP = "sweep"
    MALFORMED = "malformed"
    DRILL = "drill"


class Via(StrEnum):
    """By which way a person said something."""

    SMS = "sms"
    VOICE = "voice"
    PAGE = "page"
    LINK = "link"
    API = "api"
    COMMAND = "command"


class PageState(StrEnum):
    REQUESTED = "requested"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"


class FileState(StrEnum):
    """Of a message's audio (left, then completed) or of what came with a text (sent)."""

    LEFT = "left"
    SENT = "sent"
    COMPLETED = "completed"
    STORED = "stored"
    UNAVAILABLE = "unavailable"
    ERASED = "erased"


class Fault(StrEnum):
    """Why a page, or a technician's leg of a callback, came to nothing."""

    BUSY = "busy"
    NO_ANSWER = "no-answer"
    UNDELIVERED = "undelivered"
    REFUSED = "refused"
    OPTED_OUT = "opted-out"
    MAILBOX = "mailbox"
    EXPIRED = "expired"
    FAILED = "failed"
    CANCELLED = "cancelled"
    TEXT_CANCELLED = "canceled"
    NO_KEY = "no-key"
    CAPPED = "capped"  # not placed: too many were, in all, within a day
    NOT_FOUND = "not-found"


class Skipped(StrEnum):
    """Why a step paged nobody."""

    NOBODY_ON_CALL = "nobody-on-call"
    NO_CHANNEL = "no-channel"
    ALL_PASSED = "all-passed"


class GivenBack(StrEnum):
    """Why an emergency was taken from its owner."""

    NO_ATTEMPT = "no-attempt"
    GONE = "gone"


class Result(StrEnum):
    """What a try came to."""

    BRIDGED = "bridged"
    NO_ANSWER = "no-answer"
    BUSY = "busy"
    MACHINE = "machine"
    FAILED = "failed"
    DECLARED = "declared"


class AnsweredBy(StrEnum):
    """Who answered, as the carrier's detection of answering machines says."""

    HUMAN = "human"
    UNKNOWN = "unknown"
    FAX = "fax"
    MACHINE = "machine"
    MACHINE_START = "machine_start"
    MACHINE_END_BEEP = "machine_end_beep"
    MACHINE_END_SILENCE = "machine_end_silence"
    MACHINE_END_OTHER = "machine_end_other"

    @classmethod
    def _missing_(cls, value: object) -> "AnsweredBy":
        return cls.UNKNOWN


MACHINES = frozenset(AnsweredBy) - {AnsweredBy.HUMAN, AnsweredBy.UNKNOWN}


class Reported(StrEnum):
    """The technician's key after the call."""

    REACHED = "reached"
    NO_ANSWER = "no-answer"
    LEFT_MESSAGE = "left-message"


class CustomerText(StrEnum):
    """What a text to the customer is about."""

    RECEIPT = "receipt"
    CALLING = "calling"
    LATE = "late"
    TRIED = "tried"
    REACHED = "reached"
    CONFIRM_WITHDRAWAL = "confirm-withdrawal"
    NOTES_FULL = "notes-full"
    WITHDRAWN = "withdrawn"


class Alert(StrEnum):
    """What supervisors are told."""

    NOBODY_ON_CALL = "nobody-on-call"
    ALL_PASSED = "all-passed"
    AT_RISK = "at-risk"
    MISSED = "missed"
    CONTESTED = "contested"
    UNCONFIRMED = "unconfirmed"
    WITHDRAWAL_GUESSED = "withdrawal-guessed"
    TEXTS_FULL = "texts-full"
    WAITING = "waiting"


class Kind(StrEnum):
    """Of what came with a text, as the sender's phone says."""

    PICTURE = "picture"
    CONTACT_CARD = "contact card"
    VOICE_NOTE = "voice note"
    VIDEO = "video"
    PLACE = "place"
    FILE = "file"


class Coverage(StrEnum):
    """By the policy's list of products. Never a reason not to call."""

    INSIDE = "inside"
    OUTSIDE = "outside"
    BILLABLE = "billable"


class State(StrEnum):
    """open ──▶ acknowledged ──▶ reached ──▶ resolved. Each follows from the facts, so a step may be left out, or taken
    back: what is given up, or contested, is open again. An exclusion counts as withdrawn."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    REACHED = "reached"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"


class Outcome(StrEnum):
    """Of the promise: a human in time (met), a try in time that reached nobody (void), neither (missed)."""

    PENDING = "pending"
    MET = "met"
    VOID = "void"
    MISSED = "missed"
    WITHDRAWN = "withdrawn"
    EXCLUDED = "excluded"


class Evidence(StrEnum):
    """Who vouches for a conversation, the strongest first: a bridged talk, the customer's word, a technician's word."""

    CARRIER = "carrier"
    CUSTOMER = "customer"
    DECLARED = "declared"
    NONE = "none"


STRENGTH = tuple(Evidence)


class Resolution(StrEnum):
    """Either stops the resolution clock."""

    RESOLVED = "resolved"
    WORKAROUND = "workaround"


@dataclass(frozen=True, slots=True)
class Ending:
    """The carrier's word on a finished dial: status, whether the legs were joined, seconds of talk."""

    status: str
    bridged: bool
    talk_seconds: int


@dataclass(frozen=True)
class Callback:
    """A bridged call. `accepted_at`: the technician pressed the key and the customer was dialled;
    `joined_at`: the customer's leg was answered; `failed`: why the technician's leg came to nothing."""

    by: str
    requested_at: datetime
    answered_at: datetime | None = None
    accepted_at: datetime | None = None
    rang_at: datetime | None = None
    joined_at: datetime | None = None
    answered_by: AnsweredBy | None = None
    ended_at: datetime | None = None
    failed: Fault | None = None
    dial: Ending | None = None
    leg: Ending | None = None
    reported: Reported | None = None

    @property
    def ending(self) -> Ending | None:
        """How it ended: the dial's own word, or the customer's leg while that word is missing."""
        return self.dial or self.leg

    @property
    def joined(self) -> datetime | None:
        """When the legs were joined: the carrier's answer, else counted back from the end of the talk."""
        if self.joined_at or not (self.ending and self.ending.bridged and self.ended_at):
            return self.joined_at
        return self.ended_at - timedelta(seconds=self.ending.talk_seconds)

    def is_to_ask(self, now: datetime, leg_is_over: bool) -> bool:
        """Whether the carrier is to be asked about the customer's leg: its end was not told (soon, when the
        technician's leg is known to be over), or it counts as a talk and nobody said whether a machine had answered."""
        if self.accepted_at is None:
            return False
        if self.ended_at is None:
            return leg_is_over or now - self.accepted_at >= QUIET
        unjudged = self.answered_by is None and self.reported is None
        heard_at = max(self.ended_at, self.accepted_at)  # the carrier's time and ours, which may be ahead
        return unjudged and bool(self.ending and self.ending.bridged) and now - heard_at < JUDGED_WITHIN

    def is_live(self, now: datetime) -> bool:
        """Under way at `now`. A call whose end was never reported is given up after a while."""
        if self.ended_at:
            return False
        return now < self.gives_up_at

    @property
    def gives_up_at(self) -> datetime:
        if self.joined_at:
            return self.joined_at + TALKING_LIMIT
        return (self.accepted_at or self.requested_at) + RINGING_LIMIT


@dataclass(frozen=True, slots=True)
class Declaration:
    """A technician's word: spoke with the customer, or tried without an answer."""

    at: datetime
    by: str
    reached: bool


NOTHING: Mapping[Any, Any] = MappingProxyType({})
NUDGE_GAP = timedelta(seconds=60)


@dataclass(frozen=True)
class Page:
    """One SMS or call to one person."""

    person: str
    role: Role
    channel: Channel
    round: int
    step: int
    requested_at: datetime
    state: PageState = PageState.REQUESTED
    sid: str | None = None
    sent_at: datetime | None = None
    delivered_at: datetime | None = None
    failed_at: datetime | None = None
    why: Fault | None = None
    key: str | None = None


@dataclass(frozen=True)
class EscalationProgress:
    """Where escalation stands. `round_started_at`: the steps of this round count from it; `resume_at`: the
    emergency was given back or a step had nobody, so the next one is due then, whatever its own time;
    `nudged_at`: the caller called again, so the next one is due by then at the latest."""

    round_started_at: datetime
    round: int = 0
    next_step: int = 0
    last_step_at: datetime | None = None
    last_people: tuple[str, ...] = ()
    passed: frozenset[str] = frozenset()
    resume_at: datetime | None = None
    nudged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AddedMessage:
    """A message of a later call."""

    at: datetime
    call_sid: str | None
    seconds: int
    state: FileState = FileState.LEFT


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
    """What came with a text of `by`, by its media SID."""

    at: datetime
    by: str
    message_sid: str
    kind: Kind
    state: FileState = FileState.SENT
    content_type: str = ""


# What was promised when an emergency opened: the policy's terms, frozen into its first event.
#
# An edit of the policy file never changes an open emergency; who is on call is asked at each step instead.


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """One escalation step: `after` counts from the start of its round; `target` is a rotation,
    "supervisors" or "everyone"."""

    after: timedelta
    target: str
    channels: tuple[Channel, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """The frozen promise and escalation policy of one emergency; `rungs` is what the
    ledger calls its steps. `relayed_notes_every` is None where it opened before there was such a rule: then each
    note is passed on alone."""

    callback_within: timedelta
    clock_starts: ClockStart
    contact_after: timedelta
    at_risk_before: timedelta
    nag_before: timedelta
    reopen_before: timedelta
    rungs: tuple[EscalationStep, ...]
    repeat_every: timedelta
    bridge_prefixes: tuple[str, ...]
    timezone: str
    no_message: NoMessage = NoMessage.PAGE
    relayed_notes_every: timedelta | None = None
    hours: SupportHours = PUBLISHED.support_hours
    priorities: Mapping[Priority, PriorityTimes] = field(default_factory=lambda: PUBLISHED.priorities)


def terms_of(policy: Policy) -> Terms:
    """The terms an emergency that opens now would be held to."""
    promise, after = policy.promise, policy.after_acknowledge
    return Terms(
        callback_within=promise.callback_within,
        clock_starts=promise.clock_starts,
        contact_after=promise.contact_after,
        at_risk_before=promise.at_risk_before,
        nag_before=after.nag_before,
        reopen_before=after.reopen_before,
        rungs=tuple(EscalationStep(step.after, step.page, step.by) for step in policy.escalation),
        repeat_every=policy.escalation_repeat.every,
        bridge_prefixes=policy.limits.bridge_prefixes,
        timezone=policy.support_hours.timezone,
        no_message=policy.intake.no_message,
        relayed_notes_every=policy.limits.relayed_notes_every,
        hours=policy.support_hours,
        priorities=policy.priorities,
    )


@dataclass(frozen=True)
class Emergency:
    """One caller's need, from the call to the verdict."""

    ref: str
    opened_at: datetime
    call_sid: str | None
    found_by: FoundBy
    call_started_at: datetime
    priority: Priority
    first_priority: Priority
    can_wait: bool
    drill: bool
    withheld: bool
    number: str | None
    language: Language
    code: str
    terms: Terms
    escalation: EscalationProgress
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
    recording_state: FileState | None = None
    pages: Mapping[str, Page] = field(default_factory=lambda: NOTHING)
    first_page_at: datetime | None = None
    owner: str | None = None
    owned_since: datetime | None = None
    acknowledged_at: datetime | None = None
    reminded_at: datetime | None = None
    told: Mapping[Alert, datetime] = field(default_factory=lambda: NOTHING)
    deadline_passed_at: datetime | None = None
    callbacks: Mapping[str, Callback] = field(default_factory=lambda: NOTHING)
    declarations: tuple[Declaration, ...] = ()
    confirmations: tuple[tuple[datetime, bool], ...] = ()
    customer_texts: tuple[CustomerText, ...] = ()
    reached_asked_at: datetime | None = None
    customer_notes: tuple[CustomerNote, ...] = ()
    notes_by_text: int = 0
    refused_by_text: int = 0
    notes_heard: Mapping[str, Heard] = field(default_factory=lambda: NOTHING)
    notes_told: int = 0
    second_try_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved_how: Resolution | None = None
    withdrawal_digits: str | None = None
    withdrawal_mistyped: tuple[datetime, ...] = ()
    withdrawn_at: datetime | None = None
    withdrawn_from: "Emergency | None" = None
    reclassified: tuple[tuple[datetime, Priority], ...] = ()
    product: str | None = None
    coverage: Coverage | None = None
    excluded_at: datetime | None = None
    excluded_why: str | None = None
    outages: tuple[tuple[datetime, datetime], ...] = ()

    @property
    def recordings(self) -> tuple[str, ...]:
        """SIDs of its messages, but of those that were erased."""
        first = (self.recording_sid,) if self.recording_sid and self.recording_state != FileState.ERASED else ()
        return (*first, *(sid for sid, message in self.added.items() if message.state != FileState.ERASED))

    @property
    def keeps_audio(self) -> bool:
        """Whether a message or anything that came with a text was not erased; both are kept equally long."""
        return bool(self.recordings) or any(a.state != FileState.ERASED for a in self.attachments.values())


V = TypeVar("V", Emergency, Page, EscalationProgress, Callback)


def moved(value: V, **changes: Any) -> V:
    """The value with some fields changed: `dataclasses.replace` in a tenth of the time, because every input folds a
    whole ledger. For values without slots, which can be copied at once. An unknown name is refused by the count."""
    after = object.__new__(type(value))
    after.__dict__.update(value.__dict__, **changes)
    assert len(after.__dict__) == len(value.__dict__), "no such field"
    return after


# What comes with a text: pictures, contact cards, voice notes, videos, places. How they are told in words.
#
# A note holds them as marks such as `[2 pictures]`, in English; `in_language` says them to whoever reads French.

# of one text, as the carrier allows; of one emergency
MOST_PER_TEXT = 10
MOST_KEPT = 20


FRENCH = {
    Kind.PICTURE: ("photo", "photos"),
    Kind.CONTACT_CARD: ("fiche de contact", "fiches de contact"),
    Kind.VOICE_NOTE: ("message vocal", "messages vocaux"),
    Kind.VIDEO: ("vidéo", "vidéos"),
    Kind.PLACE: ("lieu", "lieux"),
    Kind.FILE: ("fichier", "fichiers"),
}
MARK = re.compile(rf"\[(?:(\d+) )?({'|'.join(Kind)})s?\]")


def kind_of(content_type: str) -> Kind:
    """What the sender's phone says that it is."""
    given = content_type.partition(";")[0].strip().lower()
    if "vcard" in given or given == "text/directory":
        return Kind.CONTACT_CARD
    families = {"image": Kind.PICTURE, "audio": Kind.VOICE_NOTE, "video": Kind.VIDEO}
    return families.get(given.partition("/")[0], Kind.FILE)


def marks(kinds: Iterable[Kind]) -> str:
    """`[2 pictures] [video]`; "" of nothing."""
    found = Counter(kinds)
    return " ".join(f"[{kind}]" if n == 1 else f"[{n} {kind}s]" for kind, n in found.items())


def in_language(words: str, language: str) -> str:
    """The words with their marks in a language."""
    return MARK.sub(_french, words) if language == Language.FR else words


def _french(found: re.Match[str]) -> str:
    one, many = FRENCH[Kind(found[2])]
    return f"[{found[1]} {many}]" if found[1] else f"[{one}]"
