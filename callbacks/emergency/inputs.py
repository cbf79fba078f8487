"""Everything that can arrive: what the carrier reports, what people say, and the passing of time.

`at` is when it happened, aware UTC: the carrier's own time where it gave one, else its arrival.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from callbacks.emergency.model import AnsweredBy, Coverage, Fault, FoundBy, Kind, Sign, Terms, Via
from callbacks.lib.sentence import Language
from callbacks.oncall.roster import Role
from callbacks.policy.model import Priority


@dataclass(frozen=True, slots=True)
class Call:
    """One inbound call. `number` is E.164, or None when withheld or not known (then `withheld` says which)."""

    sid: str | None
    number: str | None
    withheld: bool
    started_at: datetime
    language: Language


@dataclass(frozen=True, slots=True)
class Opening:
    """What a new emergency would be given: its reference, its code and the terms of today's policy."""

    ref: str
    code: str
    terms: Terms
    found_by: FoundBy = FoundBy.WEBHOOK
    priority: Priority = Priority.P1
    drill: bool = False
    can_wait: bool = False
    name: str | None = None
    company: str | None = None
    blocked_by: str | None = None
    blocked_why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    at: datetime


class Meaning(StrEnum):
    """Of a customer's text."""

    YES = "yes"
    NO = "no"
    WITHDRAW = "withdraw"
    CONFIRM_WITHDRAWAL = "confirm-withdrawal"
    NOTE = "note"
    OPT_OUT = "opt-out"
    OPT_IN = "opt-in"
    CARRIER_HELP = "carrier-help"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallSign(Input):
    """A sign of a finished call: it opens the emergency when it is the first. `opening` is None when
    the emergency is known already."""

    call: Call
    opening: Opening | None
    sign: Sign


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillBegun(CallSign):
    """Not a call at all: somebody wants to know whether a page wakes a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEnded(CallSign):
    """`at` is the end of the message; `ready` when the audio can be fetched already."""

    recording_sid: str | None
    seconds: int
    carrier_timed: bool = False
    ready: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageAbsent(CallSign):
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOver(CallSign):
    status: str
    seconds: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledAgain(Input):
    """A sign of a later call of the same caller; `recording_sid` is None while there is no message. `number` is the one
    that called."""

    call_sid: str | None
    number: str | None = None
    recording_sid: str | None = None
    seconds: int = 0
    ready: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberKeyed(Input):
    """The caller confirmed the number to call back, or keyed in another one (E.164)."""

    number: str
    confirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberProved(Input):
    """Somebody texted us from this number."""

    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerSaid(Input):
    """A customer's text. `digits`: the number that the text had; `drawn`: the number that a withdrawal would have
    to be confirmed with; `number`: whose phone it came from. `is_note_elsewhere`: a wrong number that is a note
    in another emergency and only counts in this one."""

    meaning: Meaning
    words: str
    digits: str = ""
    drawn: str = ""
    number: str | None = None
    is_note_elsewhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentsSent(Input):
    """What came with a text of `by` (customer, or a name): (media SID, kind) of each."""

    by: str
    message_sid: str
    found: tuple[tuple[str, Kind], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentFetched(Input):
    media_sid: str
    content_type: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentLost(Input):
    media_sid: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerLearned(Input):
    number: str | None
    withheld: bool
    call_started_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingFetched(Input):
    recording_sid: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingLost(Input):
    recording_sid: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageAccepted(Input):
    page: str
    sid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRefused(Input):
    page: str
    why: Fault
    code: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextsRefused(Input):
    """This person's phone takes no texts any more: what was texted to them is not read."""

    person: str
    code: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageReported(Input):
    """The carrier's status of a page: an SMS state or a call's."""

    page: str
    status: str
    code: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageKey(Input):
    page: str
    key: str


class Command(StrEnum):
    """What people may do, or ask. What each needs stands in `commands.py`."""

    ACKNOWLEDGE = "acknowledge"
    PASS = "pass"
    HANDOVER = "handover"
    CALL = "call"
    REACHED = "reached"
    NO_ANSWER = "no-answer"
    DONE = "done"
    PRIORITY = "priority"
    NOTE = "note"
    WITHDRAW = "withdraw"
    EXCLUDE = "exclude"
    COVERAGE = "cover"
    STATUS = "status"
    WHO = "who"
    READY = "ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commanded(Input):
    """A person wants something of this emergency, by text, voice, page or API. `can_talk`: they have a
    phone that may be rung. `set_by`: who says so for `by`, when it is not themselves. A text's sender can be forged:
    `with_code` says that it had the page's code, `blocked_until` that codes from its number prove nothing now,
    `takes_texts` that our answer reaches the real phone."""

    by: str
    role: Role
    command: Command
    via: Via
    words: str = ""
    priority: Priority | None = None
    can_talk: bool = True
    proven: bool = False
    to: str | None = None
    product: str | None = None
    coverage: Coverage | None = None
    set_by: str | None = None
    takes_texts: bool = True
    with_code: bool = False
    blocked_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicianLeg(Input):
    callback: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TechnicianKey(Input):
    """The key on a callback's first leg; empty when none was pressed."""

    callback: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerLeg(Input):
    callback: str
    status: str
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerDetected(Input):
    callback: str
    answered_by: AnsweredBy


@dataclass(frozen=True, slots=True, kw_only=True)
class DialOver(Input):
    callback: str
    status: str
    bridged: bool
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterCallKey(Input):
    callback: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageFound(Input):
    began_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePassed(Input):
    """Nothing arrived; something may be due."""
