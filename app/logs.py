"""Logs as JSON lines on standard error. Numbers, names, words and secrets never get here: callers log ids only.

Lines leave through the standard library's handler, which survives a closed or full standard error: a log
line that cannot be written never stops a page.
"""

import logging
import sys

import structlog

QUIET = ("httpx", "httpcore", "twilio", "twilio.http_client", "uvicorn.access", "alembic")


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
