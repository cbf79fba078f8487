"""What happens after a send: the rules of the outbox, for any store.

- Refused for good: given up, and the core is told. Perhaps carried out: the carrier is asked before anything is
  sent again, and it counts as absent only after its longest answer. Plainly not carried out: again, with back-off.
- A page whose connection was closed without an answer counts as absent much sooner, and waits seconds between tries:
  the same page twice is better than one that comes late.
- A text or page is sent again when it is absent; a bridge, which may dial a customer, never is.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from callbacks.delivery.outbox_row import HANDLING, PAGES, OutboxKind

# A claim of a node that died runs out after this, so that another takes over within 5 s; a live one renews it.
LEASE = timedelta(seconds=4.5)
SETTLE_AFTER_TIMEOUT = timedelta(seconds=30)
SETTLE_AFTER_ERROR = timedelta(seconds=1)
SETTLE_PAGE = timedelta(seconds=5)
LOOK_AGAIN = timedelta(seconds=3)
SKEW = timedelta(minutes=90)  # a look-up reaches so far behind the row: our clock may be ahead of the carrier's
SLOWEST_RETRY = 30.0
SLOWEST_PAGE = 4.0
SHORTEST_VALID = 10
NEVER_REFUSED = (OutboxKind.FETCH, OutboxKind.LOOK_UP)
# Opted out, a landline, unreachable for texts: this phone is not texted again.
NO_TEXTS = {21610: "opted-out", 21614: "no-texts", 21612: "no-texts", 21211: "invalid", 30006: "no-texts"}


class CarrierStatus(StrEnum):
    """Of a call or a text, as the carrier reports it."""

    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    INITIATED = "initiated"
    SENDING = "sending"
    RINGING = "ringing"
    SENT = "sent"
    IN_PROGRESS = "in-progress"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"
    READ = "read"


class Direction(StrEnum):
    """Of a call or a text; `DIALLED`: by the document of another call."""

    INBOUND = "inbound"
    OUTBOUND = "outbound-api"
    DIALLED = "outbound-dial"


class CallerChoice(StrEnum):
    """What an inbound caller chose, or was given: it can wait, it is about something else than what they called about
    before, the desk answered or not, they are blocked."""

    WAIT = "wait"
    OTHER = "other"
    OTHER_WAITS = "other-wait"
    DESK = "desk"
    NO_DESK = "no-desk"
    BLOCKED = "blocked"


class Source(StrEnum):
    """What a webhook told: of a customer's call, of a text to us, of a call or text of ours, of a callback; or what
    somebody did with a link, or that a call got its document."""

    VOICE = "voice"
    ACTION = "action"
    RECORDING = "recording"
    AFTER = "after"
    ENDED = "ended"
    SMS = "sms"
    STATUS_MESSAGE = "status-message"
    STATUS_CALL = "status-call"
    LEG = "leg"
    DIAL = "dial"
    MACHINE = "machine"
    LINK = "link"
    DOCUMENT = "document"


# A state never gives way to a lower one; equal ones of the last rank neither.
RANKS: Mapping[str, int] = {
    CarrierStatus.ACCEPTED: 0,
    CarrierStatus.SCHEDULED: 0,
    CarrierStatus.QUEUED: 1,
    CarrierStatus.INITIATED: 1,
    CarrierStatus.SENDING: 2,
    CarrierStatus.RINGING: 2,
    CarrierStatus.SENT: 3,
    CarrierStatus.IN_PROGRESS: 3,
    CarrierStatus.DELIVERED: 9,
    CarrierStatus.UNDELIVERED: 9,
    CarrierStatus.FAILED: 9,
    CarrierStatus.COMPLETED: 9,
    CarrierStatus.BUSY: 9,
    CarrierStatus.NO_ANSWER: 9,
    CarrierStatus.CANCELED: 9,
    CarrierStatus.READ: 10,
}
LAST_RANK = 9
CALL_UNDER_WAY = (
    CarrierStatus.QUEUED,
    CarrierStatus.INITIATED,
    CarrierStatus.RINGING,
    CarrierStatus.IN_PROGRESS,
)
CALL_OVER = (
    CarrierStatus.COMPLETED,
    CarrierStatus.BUSY,
    CarrierStatus.FAILED,
    CarrierStatus.NO_ANSWER,
    CarrierStatus.CANCELED,
)
TEXT_LOST = (CarrierStatus.UNDELIVERED, CarrierStatus.FAILED)


class Failure(Protocol):
    """How a request to the carrier went wrong."""

    why: str
    refused: bool
    ambiguous: bool
    closed: bool


class AfterFailure(StrEnum):
    """`ASK` the carrier whether it was carried out."""

    GIVE_UP = "give-up"
    ASK = "ask"
    LATER = "later"


class AfterLookUp(StrEnum):
    ADOPT = "adopt"
    LOOK_AGAIN = "look-again"
    GIVE_UP = "give-up"
    SEND = "send"


def after_failure(kind: OutboxKind, error: Failure) -> AfterFailure:
    if error.refused and kind not in NEVER_REFUSED:
        return AfterFailure.GIVE_UP
    return after_surprise(kind) if error.ambiguous else AfterFailure.LATER


def after_surprise(kind: OutboxKind) -> AfterFailure:
    """What follows when the outcome of a send could not be written down, or nobody knows how far it came: ask, or
    later. The carrier may have accepted it, whatever went wrong on our side."""
    return AfterFailure.ASK if HANDLING[kind].is_looked_up else AfterFailure.LATER


def absent_from(kind: OutboxKind, error: Failure, now: datetime) -> datetime:
    """From when on an answer that never came, or came as a bare status, may be read as "not there"."""
    if error.why.isdigit():
        return now + SETTLE_AFTER_ERROR
    return now + (SETTLE_PAGE if error.closed and kind in PAGES else SETTLE_AFTER_TIMEOUT)


def pause(kind: OutboxKind, attempts: int) -> timedelta:
    """How long to wait before the next try."""
    return timedelta(seconds=min(2.0 ** min(attempts - 1, 10) / 2, SLOWEST_PAGE if kind in PAGES else SLOWEST_RETRY))


def found_again(listed: Sequence[str], others: Collection[str | None]) -> str | None:
    """The SID, of those listed newest first, that an ambiguous send came to: none that another row is known to be.
    Two calls to one phone look alike; an older one may have been given up."""
    return next((sid for sid in listed if sid not in others), None)


def after_look_up(
    kind: OutboxKind, sid: str | None, now: datetime, absent: datetime, crossing: bool = False
) -> AfterLookUp:
    """What an ambiguous send came to. `crossing`: another call to the same phone is on its way, and what was found may
    be that one."""
    if sid and crossing:
        return AfterLookUp.LOOK_AGAIN
    if sid:
        return AfterLookUp.ADOPT
    if now < absent:
        return AfterLookUp.LOOK_AGAIN
    return AfterLookUp.GIVE_UP if kind == OutboxKind.BRIDGE else AfterLookUp.SEND


def moves_on(rank: int | None, status: str) -> bool:
    """Whether a reported state comes after the one known; None: none is."""
    if rank is None:
        return True
    reported = RANKS.get(status, 0)
    return not (reported < rank or (reported == rank and reported >= LAST_RANK))


# An emergency that cannot be worked on: how long it is put off, and at which failures people are told of it.

PAUSE = timedelta(seconds=15)
AFTER = 3
AGAIN = 20
MOST_ALARMS = 6


def alarms_at(failures: int) -> bool:
    """Failures 15 s apart: after the third, then every five minutes, six times in all."""
    more, odd = divmod(failures - AFTER, AGAIN)
    return odd == 0 and 0 <= more < MOST_ALARMS
