"""What happened to the call and its message."""

from dataclasses import dataclass
from datetime import datetime

from callbacks.event import Event, private
from callbacks.terms import Terms


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyOpened(Event):
    """`sign` is what told us: action, recording, ended, sweep, malformed or drill. `can_wait`: the caller chose
    so. Name and company are the address book's at that time."""

    ref: str
    call_sid: str | None
    found_by: str
    sign: str
    call_started_at: datetime
    priority: str
    drill: bool
    withheld: bool
    language: str
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
