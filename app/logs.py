"""Logs as JSON lines on standard error. Numbers, names, words and secrets never get here: callers log ids only."""

import logging
import sys

import structlog


def set_up(level: int = logging.INFO) -> None:
    """Once per process. The libraries that log addresses are kept quiet: addresses hold phone numbers."""
    for name in ("httpx", "httpcore", "twilio", "twilio.http_client", "uvicorn.access", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
