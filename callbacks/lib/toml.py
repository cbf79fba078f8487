"""TOML that people write, read strictly: every fault at once, with its key, its value and what would be right."""

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, ConfigDict, PlainSerializer, TypeAdapter, ValidationError

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
STRICT = ConfigDict(extra="forbid", validate_by_name=True, validate_by_alias=True)
T = TypeVar("T")
IN_FILE = object()
Listed = tuple[T, ...]  # a list in the file


def parse(model: TypeAdapter[T], text: str) -> T:
    """The file as `model`: unknown keys and loose types are faults, and so are control characters and endless texts.
    Raises FaultyFile with every fault found."""
    try:
        data = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise FaultyFile([Fault("file", "TOML", str(error), "fix the syntax")]) from None
    faults = list(_unusable_texts(data))
    try:
        found = model.validate_python(data, by_alias=True, by_name=False, context=IN_FILE)
    except ValidationError as error:
        raise FaultyFile([*faults, *map(_fault, error.errors())]) from None
    if faults:
        raise FaultyFile(faults)
    return found


def _unusable_texts(value: Any, key: str = "") -> Iterator[Fault]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _unusable_texts(inner, f"{key}.{name}".lstrip("."))
    elif isinstance(value, list):
        for n, inner in enumerate(value, 1):
            yield from _unusable_texts(inner, f"{key}[{n}]")
    elif isinstance(value, str) and CONTROL.search(value):
        yield Fault(key, repr(value)[:LONGEST_VALUE], "contains a control character", "remove it")
    elif isinstance(value, str) and len(value) > LONGEST_TEXT:
        yield Fault(key, repr(value)[:LONGEST_VALUE], "is too long", f"use at most {LONGEST_TEXT} characters")


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


def in_file(read: Callable[[Any], Any]) -> BeforeValidator:
    """How a file that somebody wrote is read; anywhere else a value is what its type says."""
    return BeforeValidator(lambda value, info: read(value) if info.context is IN_FILE else value)


WRITTEN = PlainSerializer(lambda at: at.isoformat().removesuffix(":00"))
Zone = Annotated[str, in_file(_zone)]
Clock = Annotated[time, in_file(clock)]
Wall = Annotated[datetime, in_file(_wall)]
Day = Annotated[date, in_file(_day)]
Duration = Annotated[timedelta, in_file(lambda v: v if isinstance(v, timedelta) else parse_duration(v))]


def _fault(error: Any) -> Fault:
    path = "".join(f"[{p + 1}]" if isinstance(p, int) else f".{p}" for p in error["loc"]).lstrip(".")
    value = repr(error["input"])[:LONGEST_VALUE]
    match error["type"]:
        case "missing":
            return Fault(path, "nothing", "is missing", "give it a value")
        case "unexpected_keyword_argument":
            return Fault(path, value, "is not a key of this table", "check the spelling or remove it")
        case "enum" if path.endswith(".[key]"):
            return Fault(
                path.removesuffix(".[key]"), value, "is not a key of this table", "check the spelling or remove it"
            )
        case "too_short":
            return Fault(path, value, "is empty", "give at least one")
        case "tuple_type":
            return Fault(path, value, "is not usable", "use a list")
        case "dataclass_type":
            return Fault(path, value, "is not usable", "use a table")
        case _:
            return Fault(path, value, "is not usable", error["msg"].removeprefix("Value error, "))
