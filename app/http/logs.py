"""Logs as JSON lines on standard error. Numbers, names, words and secrets never get here: callers log ids only.

Lines leave through the standard library's handler, which survives a closed or full standard error: a log
line that cannot be written never stops a page.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any

import structlog

QUIET = ("httpx", "httpcore", "twilio", "twilio.http_client", "uvicorn.access", "alembic")


OTHERS = ("uvicorn.error", "asyncio")
# A phone number as people write it too, but no date.
NUMBER = re.compile(r"(?<!\d)(?!\d{4}-\d\d-\d\d(?!\d))\+?\(?\d(?:[ ().\u00a0-]{0,2}\d){5,}")
SECRET = re.compile(r"(?<![0-9A-Za-z])[0-9a-fA-F]{32,}(?![0-9A-Za-z])")
ADDRESS = re.compile(r"\b([a-z][a-z0-9+.-]*://)\S+", re.IGNORECASE)
QUOTED = re.compile(r"'[^']{40,}'")
LONGEST_WORDS = 200


class AsJson(logging.Formatter):
    """A line of a library as one of ours. Of an error its kind, the first line of its words without long numbers, and
    where it came through: further lines of a database's hold values."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z")
        told = {
            "event": _words(record.getMessage()),
            "logger": record.name,
            "level": record.levelname.lower(),
            "timestamp": at,
        }
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            told |= _said_of(error)
        return json.dumps(told)


def errors_told(logger: Any, method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """What `exc_info` stands for, told as a library's errors are."""
    given = event.pop("exc_info", None)
    error = given if isinstance(given, BaseException) else sys.exc_info()[1] if given else None
    return {**event, **_said_of(error)} if error is not None else event


def _said_of(error: BaseException) -> dict[str, str]:
    trace = "".join(traceback.format_tb(error.__traceback__))
    return {"error": type(error).__name__, "words": _words(str(error)), "trace": trace}


def _words(text: str) -> str:
    """The first line, without numbers and secrets, without what stands in addresses and long quotations."""
    first = text.strip().partition("\n")[0]
    for pattern, mask in ((ADDRESS, r"\1…"), (SECRET, "…"), (NUMBER, "…"), (QUOTED, "'…'")):
        first = pattern.sub(mask, first)
    return first[:LONGEST_WORDS]


class StandardError(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes to whatever standard error is at that moment."""

    @property
    def stream(self):  # type: ignore[no-untyped-def]
        return sys.stderr

    @stream.setter
    def stream(self, given: object) -> None:
        """The base class sets one; ours is always the present one."""


def set_up(level: int = logging.INFO) -> None:
    """Once per process. The libraries that log addresses are kept quiet: addresses hold phone numbers."""
    logging.raiseExceptions = False  # nobody is left to tell, and the work goes on
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    ours = logging.getLogger("callbacks")
    ours.handlers, ours.propagate = [StandardError()], False
    ours.setLevel(level)
    for name in OTHERS:
        other, handler = logging.getLogger(name), StandardError()
        handler.setFormatter(AsJson())
        other.handlers, other.propagate = [handler], False
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            errors_told,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: ours,
    )
