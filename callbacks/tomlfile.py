"""TOML that people write, read strictly: every fault at once, with its key, its value and what would be right."""

import re
import tomllib
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from callbacks.faults import Fault, FaultyFile

CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?")
DURATION = re.compile(r"(\d{1,6})(s|m|h|d)")
UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
LONGEST_VALUE = 60
M = TypeVar("M", bound=BaseModel)


class Table(BaseModel):
    """One table of a file: unknown keys and loose types are faults."""

    model_config = ConfigDict(extra="forbid", strict=True)


def parse(model: type[M], text: str) -> M:
    """The file as `model`. Raises FaultyFile with every fault found."""
    try:
        return model.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise FaultyFile([Fault("file", "TOML", str(error), "mend the syntax")]) from None
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
        raise ValueError(f"{value!r} means another time on another machine; use an IANA name such as America/Toronto")
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
    return at


def _day(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError('use a date such as "2026-12-24"') from None


Zone = Annotated[str, BeforeValidator(_zone)]
Clock = Annotated[time, BeforeValidator(clock)]
Wall = Annotated[datetime, BeforeValidator(_wall)]
Day = Annotated[date, BeforeValidator(_day)]
Duration = Annotated[timedelta, BeforeValidator(parse_duration)]


def _fault(error: Any) -> Fault:
    path = "".join(f"[{p + 1}]" if isinstance(p, int) else f".{p}" for p in error["loc"]).lstrip(".")
    value = repr(error["input"])[:LONGEST_VALUE]
    if error["type"] == "missing":
        return Fault(path, "nothing", "is missing", "give it a value")
    if error["type"] == "extra_forbidden":
        return Fault(path, value, "is not a key of this table", "check its spelling or leave it out")
    return Fault(path, value, "is not usable", error["msg"].removeprefix("Value error, "))
