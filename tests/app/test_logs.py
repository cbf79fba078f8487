"""A log line that cannot be written stops nothing."""

import io
import json
import re
import sys
from pathlib import Path

import pytest
import structlog
from fastapi import FastAPI

from app.http import logs
from app.server import Server, listen_on
from app.web.base import refusals
from tests import http
from tests.faults.desk import eventually

ROOT = Path(__file__).parents[2]


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


def test_an_error_is_told_with_its_words_and_way_and_without_what_it_quotes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A class name alone helps nobody at night."""
    logs.set_up()
    told = io.StringIO()
    monkeypatch.setattr(sys, "stderr", told)
    said = f"GET https://api.example/To=+15145550142 failed for 15145550142: '{'words ' * 10}'\nDETAIL: secret words"
    try:
        raise RuntimeError(said)
    except RuntimeError:
        structlog.get_logger().error("outbox.broken", row="abc", exc_info=True)
    line = json.loads(told.getvalue())
    assert (line["error"], line["words"]) == ("RuntimeError", "GET https://… failed for …: '…'")
    assert "test_an_error_is_told" in line["trace"] and line["row"] == "abc"
    assert "5550142" not in told.getvalue() and "secret words" not in told.getvalue()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("no line for 514-555-0142", "no line for …"),
        ("no line for (514) 555 0142", "no line for …"),
        ("no line for +33 1 42 68 53 00 today", "no line for … today"),
        ("no line for 514.555.0142", "no line for …"),
        ("token 0123456789abcdef0123456789abcdef is wrong", "token … is wrong"),
        ("not before 2026-11-30, at 18:30", "not before 2026-11-30, at 18:30"),
        ("step 12 of 40 failed", "step 12 of 40 failed"),
    ],
)
def test_numbers_are_masked_however_they_are_written(monkeypatch: pytest.MonkeyPatch, said: str, told: str) -> None:
    logs.set_up()
    monkeypatch.setattr(sys, "stderr", written := io.StringIO())
    try:
        raise ValueError(said)
    except ValueError:
        structlog.get_logger().error("key.failed", exc_info=True)
    assert json.loads(written.getvalue())["words"] == told


def test_no_log_holds_a_raw_trace() -> None:
    """Its last line quotes values: `exc_info=True` tells an error without them."""
    sources = [path for folder in ("app", "callbacks", "sandbox") for path in (ROOT / folder).rglob("*.py")]
    raw = re.compile(r"format_exc|format_exception|traceback\.print")
    assert [path.name for path in sources if raw.search(path.read_text())] == []


def test_no_log_tells_the_class_of_an_error_alone() -> None:
    sources = [path for folder in ("app", "callbacks", "sandbox") for path in (ROOT / folder).rglob("*.py")]
    alone = re.compile(r"log\.\w+\([^)]*error=type\(")
    assert [path.name for path in sources if alone.search(path.read_text())] == []


def test_an_error_that_nobody_caught_is_a_line_of_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its kind, its words without numbers and where it came through; never a raw trace."""
    app, words = FastAPI(), "no line for +15145550142\n[parameters: secret words]"
    refusals.install(app)

    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError(words)

    logs.set_up()
    told = io.StringIO()
    monkeypatch.setattr(sys, "stderr", told)
    listener = listen_on("127.0.0.1", 0)
    server = Server(app, listener)
    server.start()
    assert http.get(f"http://127.0.0.1:{listener.getsockname()[1]}/broken").status_code == 500
    eventually(lambda: "Exception in ASGI application" in told.getvalue())
    server.stop()
    lines = [json.loads(line) for line in told.getvalue().splitlines()]
    (line,) = [line for line in lines if line.get("logger") == "uvicorn.error"]
    assert (line["error"], line["words"]) == ("RuntimeError", "no line for …")
    assert "in broken" in line["trace"]
    assert "secret words" not in told.getvalue()
