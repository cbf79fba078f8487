"""A log line that cannot be written stops nothing."""

import io
import json
import sys

import pytest
import structlog

from app import logs


def test_lines_are_json_on_the_present_standard_error(monkeypatch: pytest.MonkeyPatch) -> None:
    logs.set_up()
    now = io.StringIO()
    monkeypatch.setattr(sys, "stderr", now)
    structlog.get_logger().info("page.sent", row="abc")
    assert json.loads(now.getvalue())["event"] == "page.sent"


def test_a_closed_standard_error_raises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """F62."""
    logs.set_up()
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed)
    structlog.get_logger().error("page.failed", row="abc")
