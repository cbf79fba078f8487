"""The support policy as frozen values. `PUBLISHED` is the policy customers were told; a file lays over it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import StrEnum

from callbacks.lib.sentence import Language

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
END_OF_DAY = time.max  # "24:00"; a clock shows no such time
SUPERVISORS = "supervisors"
EVERYONE = "everyone"
RESERVED = (SUPERVISORS, EVERYONE)  # step targets that are no rotation


class Weekday(StrEnum):
    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


WEEKDAYS = tuple(Weekday)


class Priority(StrEnum):
    P1 = "P1"
    P2 = "P2"
    P3 = "P3"


class Channel(StrEnum):
    """How a page reaches a phone, in the order in which they are tried."""

    SMS = "sms"
    VOICE = "voice"


class ClockStart(StrEnum):
    """What the promise counts from: the start of the call or the end of the message."""

    CALL = "call"
    MESSAGE = "message"


class ReactionClock(StrEnum):
    """Which time counts until the first reaction: all of it, or that of support hours."""

    ALWAYS = "always"
    BUSINESS = "business"


class InHours(StrEnum):
    """What a caller meets in support hours: the desk, or a message as at night."""

    FORWARD = "forward"
    MESSAGE = "message"


class NoMessage(StrEnum):
    """What a call without a word comes to: paged as any other, or kept and nobody woken."""

    PAGE = "page"
    RECORD = "record"


@dataclass(frozen=True, slots=True)
class Promise:
    callback_within: timedelta = 30 * MINUTE
    clock_starts: ClockStart = ClockStart.CALL
    contact_after: timedelta = timedelta(seconds=30)
    at_risk_before: timedelta = 10 * MINUTE


@dataclass(frozen=True, slots=True)
class SupportHours:
    """Open from `open` to `close`, wall clock in `timezone`, on `days` that are no holiday. A close of END_OF_DAY is
    the midnight after: with an opening at midnight, days join."""

    timezone: str = "America/Toronto"
    open: time = time(7, 30)
    close: time = time(18, 0)
    days: tuple[Weekday, ...] = WEEKDAYS[:5]
    holidays: str = "CA-QC"
    closed_on: tuple[date, ...] = ()
    open_on: tuple[date, ...] = ()

    @property
    def closes(self) -> str:
        """The close as people write it."""
        return "24:00" if self.close == END_OF_DAY else f"{self.close:%H:%M}"


@dataclass(frozen=True, slots=True)
class Intake:
    in_hours: InHours = InHours.FORWARD
    desk_number: str = ""
    languages: tuple[Language, ...] = tuple(Language)
    can_wait_key: str = "2"
    max_message: timedelta = 5 * MINUTE
    no_message: NoMessage = NoMessage.PAGE
    same_caller_within: timedelta = 4 * HOUR


@dataclass(frozen=True, slots=True)
class Step:
    """One escalation step: `after` the opening, `page` a rotation, "supervisors" or "everyone"."""

    after: timedelta
    page: str
    by: tuple[Channel, ...]


@dataclass(frozen=True, slots=True)
class AfterAcknowledge:
    nag_before: timedelta = 15 * MINUTE
    reopen_before: timedelta = 10 * MINUTE


@dataclass(frozen=True, slots=True)
class Limits:
    pages_per_technician_per_minute: int = 2
    bridge_prefixes: tuple[str, ...] = ("+1",)
    bridges_per_day: int = 1000
    texts_per_customer_per_day: int = 12
    customer_texts_per_hour: int = 200
    relayed_notes_every: timedelta = 5 * MINUTE


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a closed emergency keeps its audio and attachments, and its numbers, names and words. The facts without
    them stay."""

    audio: timedelta = timedelta(days=90)
    words: timedelta = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Drills:
    """Every technician's phone is tried on this day of the week, if any, at this time of the support hours'
    wall clock."""

    day: Weekday | None = None
    at: time = time(14, 0)


@dataclass(frozen=True, slots=True)
class PriorityTimes:
    """`clock` governs `react_within`; `resolve_within` is plain time."""

    react_within: timedelta
    resolve_within: timedelta
    clock: ReactionClock


@dataclass(frozen=True, slots=True)
class Coverage:
    products: tuple[str, ...] = ("modusGate", "modusMail", "modusCloud", "modusHosted")
    dependencies: tuple[str, ...] = ("SQL Express", "MS-SQL")
    outside: tuple[str, ...] = ("network", "DNS", "firewall", "operating system")

    @property
    def named(self) -> tuple[str, ...]:
        """What an emergency may be about: the products and what they depend on."""
        return (*self.products, *self.dependencies)


ESCALATION = (
    Step(0 * MINUTE, "primary", (Channel.SMS,)),
    Step(1 * MINUTE, "primary", (Channel.VOICE,)),
    Step(4 * MINUTE, "backup", tuple(Channel)),
    Step(8 * MINUTE, SUPERVISORS, tuple(Channel)),
)


def _priorities() -> Mapping[Priority, PriorityTimes]:
    return {
        Priority.P1: PriorityTimes(30 * MINUTE, 4 * HOUR, ReactionClock.ALWAYS),
        Priority.P2: PriorityTimes(HOUR, 24 * HOUR, ReactionClock.BUSINESS),
        Priority.P3: PriorityTimes(4 * HOUR, 72 * HOUR, ReactionClock.BUSINESS),
    }


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything the published support policy says that this software must keep."""

    promise: Promise = Promise()
    support_hours: SupportHours = SupportHours()
    intake: Intake = Intake()
    escalation: tuple[Step, ...] = ESCALATION
    repeat_every: timedelta = 4 * MINUTE
    after_acknowledge: AfterAcknowledge = AfterAcknowledge()
    limits: Limits = Limits()
    priorities: Mapping[Priority, PriorityTimes] = field(default_factory=_priorities)
    coverage: Coverage = Coverage()
    retention: Retention = Retention()
    drills: Drills = Drills()


PUBLISHED = Policy()
