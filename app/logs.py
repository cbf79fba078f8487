"""Logs as JSON lines on standard error. Numbers, names, words and secrets never get here: callers log ids only.

Lines leave through the standard library's handler, which survives a closed or full standard error: a log
line that cannot be written never stops a page.
"""

import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime

import structlog

QUIET = ("httpx", "httpcore", "twilio", "twilio.http_client", "uvicorn.access", "alembic")


OTHERS = ("uvicorn.error", "asyncio")
NUMBER = re.compile(r"\d{6,}")
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
            told |= {"error": type(error).__name__, "words": _words(str(error))}
            told["trace"] = "".join(traceback.format_tb(error.__traceback__))
        return json.dumps(told)


def _words(text: str) -> str:
    return NUMBER.sub("…", text.strip().partition("\n")[0])[:LONGEST_WORDS]


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
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: ours,
    )
