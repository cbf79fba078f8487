"""The support policy, read from a TOML file. `PUBLISHED` is the policy customers were told. The ledger keeps some of
these values: there they are written and read as their types say, not as in a file.

A file is laid over it: what it leaves out is as published, and a table may be given in part; `[[escalation]]` replaces
the published escalation policy as a whole.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import time, timedelta
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import Field, TypeAdapter

from callbacks.lib.sentence import Language
from callbacks.lib.toml import STRICT, Clock, Day, Duration, Listed, Zone, clock, in_file, parse

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


def _prefix(value: Any) -> str:
    if not isinstance(value, str) or not value.startswith("+") or not value[1:].isdigit():
        raise ValueError('use a country prefix such as "+1"')
    return value


def _close(value: Any) -> time:
    return END_OF_DAY if value == "24:00" else clock(value)


Count = Annotated[int, Field(ge=1, strict=True)]


@dataclass(frozen=True, slots=True)
class Promise:
    callback_within: Duration = 30 * MINUTE
    clock_starts: ClockStart = ClockStart.CALL
    contact_after: Duration = timedelta(seconds=30)
    at_risk_before: Duration = 10 * MINUTE


@dataclass(frozen=True, slots=True)
class SupportHours:
    """Open from `open` to `close`, wall clock in `timezone`, on `days` that are no holiday. A close of END_OF_DAY is
    the midnight after: with an opening at midnight, days join."""

    timezone: Zone = "America/Toronto"
    open: Clock = time(7, 30)
    close: Annotated[time, in_file(_close)] = time(18, 0)
    days: Listed[Weekday] = WEEKDAYS[:5]
    holidays: str = "CA-QC"
    closed_on: Listed[Day] = ()
    open_on: Listed[Day] = ()

    @property
    def closes(self) -> str:
        """The close as people write it."""
        return "24:00" if self.close == END_OF_DAY else f"{self.close:%H:%M}"


@dataclass(frozen=True, slots=True)
class Intake:
    in_hours: InHours = InHours.FORWARD
    desk_number: Annotated[str, Field(pattern=r"^(\+[1-9]\d{7,14})?$")] = ""
    languages: Annotated[Listed[Language], Field(min_length=1)] = tuple(Language)
    can_wait_key: Annotated[str, Field(pattern=r"^[0-9*]?$")] = "2"
    max_message: Duration = 5 * MINUTE
    no_message: NoMessage = NoMessage.PAGE
    same_caller_within: Duration = 4 * HOUR


@dataclass(frozen=True, slots=True)
class Step:
    """One escalation step: `after` the opening, `page` a rotation, "supervisors" or "everyone"."""

    after: Duration
    page: Annotated[str, Field(min_length=1)]
    by: Annotated[Listed[Channel], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class EscalationRepeat:
    """From the last step to the first one of the next cycle."""

    every: Duration = 4 * MINUTE


@dataclass(frozen=True, slots=True)
class AfterAcknowledge:
    nag_before: Duration = 15 * MINUTE
    reopen_before: Duration = 10 * MINUTE


@dataclass(frozen=True, slots=True)
class Limits:
    pages_per_technician_per_minute: Count = 2
    bridge_prefixes: Listed[Annotated[str, in_file(_prefix)]] = ("+1",)
    bridges_per_day: Count = 1000
    texts_per_customer_per_day: Count = 12
    customer_texts_per_hour: Count = 200
    relayed_notes_every: Duration = 5 * MINUTE


@dataclass(frozen=True, slots=True)
class Retention:
    """How long a closed emergency keeps its audio and attachments, and its numbers, names and words. The facts without
    them stay."""

    audio: Duration = timedelta(days=90)
    words: Duration = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Drills:
    """Every technician's phone is tried on this day of the week, if any, at this time of the support hours'
    wall clock."""

    day: Annotated[Weekday | None, in_file(lambda day: None if day == "" else day)] = None
    at: Clock = time(14, 0)


@dataclass(frozen=True, slots=True)
class PriorityTimes:
    """`clock` governs `react_within`; `resolve_within` is plain time."""

    react_within: Duration
    resolve_within: Duration
    clock: ReactionClock


@dataclass(frozen=True, slots=True)
class Coverage:
    products: Listed[str] = ("modusGate", "modusMail", "modusCloud", "modusHosted")
    dependencies: Listed[str] = ("SQL Express", "MS-SQL")
    outside: Listed[str] = ("network", "DNS", "firewall", "operating system")

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


def _over_published(given: Any) -> Any:
    if not isinstance(given, dict):
        return given
    published: dict[str, Any] = {name: asdict(times) for name, times in _priorities().items()}
    return published | {
        name: {**published.get(name, {}), **times} if isinstance(times, dict) else times
        for name, times in given.items()
    }


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything the published support policy says that this software must keep."""

    __pydantic_config__: ClassVar = STRICT

    promise: Promise = Promise()
    support_hours: SupportHours = SupportHours()
    intake: Intake = Intake()
    escalation: Annotated[Listed[Step], Field(min_length=1)] = ESCALATION
    escalation_repeat: EscalationRepeat = EscalationRepeat()
    after_acknowledge: AfterAcknowledge = AfterAcknowledge()
    limits: Limits = Limits()
    priorities: Annotated[Mapping[Priority, PriorityTimes], in_file(_over_published)] = field(
        default_factory=_priorities
    )
    coverage: Coverage = Coverage()
    retention: Retention = Retention()
    drills: Drills = Drills()


PUBLISHED = Policy()
FILE = TypeAdapter(Policy)


def read_policy(text: str) -> Policy:
    """The policy a TOML text describes. Raises FaultyFile with every fault found."""
    return parse(FILE, text)
