"""F55, I5: what stands still ends its process, and the next one takes the work up."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from callbacks.engine.runtime.watchdog import Pulse, Watchdog
from tests.conftest import fresh_database
from tests.faults.desk import Desk, eventually


def test_it_counts_its_own_looks_and_forgives_what_moves() -> None:
    """F55: a process that was paused is looked at only when it runs again, so its pause counts for one look."""
    first, second = Pulse(), Pulse()
    dog = Watchdog({"first": first, "second": second}, limit=3)
    for _ in range(20):
        first.beat()
        second.beat()
        assert dog.look() is None
    for _ in range(2):
        first.beat()
        assert dog.look() is None
    first.beat()
    assert dog.look() == "second"
    second.beat()
    assert dog.look() is None


def test_it_stops_with_the_engine() -> None:
    stopping, ended = threading.Event(), list[str]()
    stopping.set()
    Watchdog({"still": Pulse()}, limit=0).start(stopping, ended.append)
    assert not ended


@pytest.mark.parametrize("what", ["engine", "server"])
def test_a_blocked_loop_ends_the_process_and_the_next_one_pages(tmp_path: Path, what: str) -> None:
    """F55, I3: nothing that was taken in is lost by it."""
    desk = Desk(fresh_database("sqlite", tmp_path), tmp_path)
    try:
        desk.environment["BLOCKED"] = what
        desk.node = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.blocked_node", "serve", "--port", str(desk.port)],
            env=desk.environment, cwd=desk.folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert desk.node.stderr is not None
        said = desk.node.stderr.read().decode()
        assert desk.node.wait(30) == 1
        assert "watchdog.ends_the_process" in said and f'"stuck": "{what}"' in said
        assert "blocked_node.py" in said, "where it stood is told"
        desk.start()
        desk.leave_message()
        eventually(desk.pages)
    finally:
        desk.close()
