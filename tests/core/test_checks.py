"""The core's own checks, which stay on in production: a violated one is an error, and errors make it fail (F56, F57)."""

import os
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from callbacks.emergency import timers
from callbacks.emergency.model import Via, moved
from callbacks.emergency.timers import Next
from tests.core.pure import DUTY, PureNight, at


def test_a_timer_that_moves_nothing_is_an_error() -> None:
    """F57, I6: nothing may be due again at once for ever."""
    night = PureNight()
    night.opens()
    idle = timers.Timer(at(0), lambda e, now, duty: [], Next.STEP)
    with pytest.raises(AssertionError, match="time must move the story on"):
        _catch_up_with(night, [idle])


def test_a_story_without_end_is_an_error() -> None:
    """F57, I6: bounded even when each act adds a fact."""
    from callbacks.emergency import events as ev

    night = PureNight()
    night.opens()
    note = timers.Timer(at(0), lambda e, now, duty: [ev.NoteAdded(at=now, by="x", via=Via.API, words="x")], Next.STEP)
    with pytest.raises(AssertionError):
        _catch_up_with(night, [note])


def _catch_up_with(night: PureNight, due: list[timers.Timer]) -> Any:
    real = timers.timers
    try:
        timers.timers = lambda e: due
        return timers.catch_up(night.it, night.now, DUTY)
    finally:
        timers.timers = real


def test_an_unknown_field_is_an_error() -> None:
    night = PureNight()
    night.opens()
    with pytest.raises(AssertionError, match=r"^no such field$"):
        moved(night.it, ownr="ana")
    assert moved(night.it, owner="ana") == replace(night.it, owner="ana")


def test_it_does_not_run_with_its_checks_taken_out() -> None:
    """`python -O` would take every check out: the start is refused."""
    done = subprocess.run(
        [sys.executable, "-O", "-m", "app.cli", "hours", "2026-11-24T12:00:00Z"],
        capture_output=True, text=True, env=os.environ | {"PYTHONPATH": os.getcwd()},
    )  # fmt: skip
    assert done.returncode == 2
    assert "Do not use -O" in done.stderr
