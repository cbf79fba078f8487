"""TOML that people write, read strictly: every fault at once, with its key, its value and what would be right."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

# What is wrong with a file somebody wrote: the key, its value, the problem, and what would be right.


@dataclass(frozen=True, slots=True)
class Fault:
    """`key` is a dotted path such as `escalation[2].after`; `fix` says what would be right."""

    key: str
    value: str
    problem: str
    fix: str

    def __str__(self) -> str:
        return f"{self.key} = {self.value}: {self.problem}; {self.fix}"


class FaultyFile(ValueError):
    """A file that cannot be used; nothing of it was."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?")
DURATION = re.compile(r"(\d{1,6})(s|m|h|d)")
UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
LONGEST_VALUE = 60
LONGEST_TEXT = 4000
# far from any shift, arithmetic with dates comes to its end
FIRST_YEAR = 1970
LAST_YEAR = 2199
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")


class Table(BaseModel):
    """One table of a file: unknown keys and loose types are faults, and so are control characters and endless texts."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _sound(cls, given: Any) -> Any:
        for key, value in given.items() if isinstance(given, dict) else ():
            for text in value if isinstance(value, list) else [value]:
                if isinstance(text, str) and CONTROL.search(text):
                    raise ValueError(f"remove the control character from {key}")
                if isinstance(text, str) and len(text) > LONGEST_TEXT:
                    raise ValueError(f"use at most {LONGEST_TEXT} characters for {key}")
        return given


def parse(model: type[M], text: str) -> M:
    """The file as `model`. Raises FaultyFile with every fault found."""
    try:
        return model.model_validate(tomllib.loads(text.removeprefix("\ufeff")))
    except tomllib.TOMLDecodeError as error:
        raise FaultyFile([Fault("file", "TOML", str(error), "fix the syntax")]) from None
    except ValidationError as error:
        raise FaultyFile([_fault(e) for e in error.errors()]) from None


def parse_duration(value: Any) -> timedelta:
    """`"30m"` as a timedelta. Raises ValueError."""
    found = DURATION.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError('use a duration such as "90s", "30m", "4h" or "2d"')
    return int(found[1]) * UNITS[found[2]]


def format_duration(length: timedelta) -> str:
    """The shortest spelling that `parse_duration` reads back; whole seconds."""
    seconds = int(length.total_seconds())
    for unit in ("d", "h", "m"):
        size = int(UNITS[unit].total_seconds())
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


OF_THE_MACHINE = ("localtime", "posixrules", "Factory")

# --- single values: each raises ValueError with what would be right ---


def _zone(value: Any) -> str:
    """Names whose meaning is the machine's (localtime) or that count leap seconds (right/) are none."""
    if isinstance(value, str) and (value in OF_THE_MACHINE or value.startswith(("right/", "posix/"))):
        raise ValueError(f"{value!r} depends on the machine; use an IANA name such as America/Toronto")
    try:
        return str(ZoneInfo(value))
    except (KeyError, TypeError, ValueError, OSError):
        raise ValueError("use an IANA name such as America/Toronto") from None


def clock(value: Any) -> time:
    """A time of day. Raises ValueError."""
    if isinstance(value, time) and value.tzinfo is None:
        return value
    if not isinstance(value, str) or not CLOCK.fullmatch(value):
        raise ValueError('use a time such as "18:00"')
    return time.fromisoformat(value)


def _wall(value: Any) -> datetime:
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    except (TypeError, ValueError):
        at = None
    if at is None or at.tzinfo is not None or (isinstance(value, date) and not isinstance(value, datetime)):
        raise ValueError('use a wall-clock time without a zone, such as "2026-11-24T18:00"')
    _near(at)
    return at


def _day(value: Any) -> date:
    try:
        is_date = isinstance(value, date) and not isinstance(value, datetime)
        found: date = value if is_date else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError('use a date such as "2026-12-24"') from None
    _near(found)
    return found


def _near(at: date) -> None:
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise ValueError(f"use a year from {FIRST_YEAR} to {LAST_YEAR}")


Zone = Annotated[str, BeforeValidator(_zone)]
Clock = Annotated[time, BeforeValidator(clock)]
Wall = Annotated[datetime, BeforeValidator(_wall)]
Day = Annotated[date, BeforeValidator(_day)]
Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
OneOf = Annotated[T, Field(strict=False)]  # of a closed set, by its word


def _fault(error: Any) -> Fault:
    path = "".join(f"[{p + 1}]" if isinstance(p, int) else f".{p}" for p in error["loc"]).lstrip(".")
    value = repr(error["input"])[:LONGEST_VALUE]
    if error["type"] == "missing":
        return Fault(path, "nothing", "is missing", "give it a value")
    if error["type"] == "extra_forbidden":
        return Fault(path, value, "is not a key of this table", "check the spelling or remove it")
    return Fault(path, value, "is not usable", error["msg"].removeprefix("Value error, "))
