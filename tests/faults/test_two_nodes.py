"""Two nodes on one PostgreSQL: either may die, and the night goes on."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import fresh_database
from tests.faults.desk import Desk, eventually, free_port

MOST_SECONDS = 10.0


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = Desk(fresh_database("postgres", tmp_path), tmp_path)
    opened.start()
    yield opened
    opened.close()


@pytest.fixture
def second(desk: Desk) -> Iterator["subprocess.Popen[bytes]"]:
    """Another node beside the one that takes the webhooks."""
    port = free_port()
    node = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "serve", "--port", str(port)],
        env=desk.environment, cwd=desk.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    eventually(lambda: _is_ready(port), 20)
    yield node
    if node.poll() is None:
        node.terminate()
        node.wait(20)


def _is_ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.mark.postgres
def test_the_other_node_pages_when_one_is_killed(desk: Desk, second: "subprocess.Popen[bytes]") -> None:
    desk.knobs(rest={"rate_limited": True})
    desk.leave_message()
    eventually(lambda: desk.answered("/twilio/voice/message"))
    desk.kill()
    desk.knobs(rest={"rate_limited": False})
    killed = time.monotonic()
    eventually(desk.pages, 40)
    assert time.monotonic() - killed < MOST_SECONDS
    assert len(desk.pages()) == 1
    desk.command("verify")


@pytest.mark.postgres
def test_two_nodes_page_each_caller_once(desk: Desk, second: "subprocess.Popen[bytes]") -> None:
    for customer in (0, 1):
        desk.leave_message(customer)
    eventually(lambda: len(desk.pages()) >= 2)
    time.sleep(3)
    assert len(desk.pages()) == 2
    assert len({m.body for m in desk.pages()}) == 2
