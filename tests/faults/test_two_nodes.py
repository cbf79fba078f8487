"""Two nodes on one PostgreSQL: either may die, and the night goes on."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import fresh_database
from tests.faults.desk import Desk, eventually
from tests.faults.second_node import SecondNode

MOST_SECONDS = 10.0


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = Desk(fresh_database("postgres", tmp_path), tmp_path)
    opened.start()
    yield opened
    opened.close()


@pytest.fixture
def second(desk: Desk) -> Iterator[SecondNode]:
    """Another node beside the one that takes the webhooks."""
    node = SecondNode(desk)
    yield node
    node.close()


@pytest.mark.postgres
def test_the_other_node_pages_when_one_is_killed(desk: Desk, second: SecondNode) -> None:
    """I27."""
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
def test_two_nodes_page_each_caller_once(desk: Desk, second: SecondNode) -> None:
    """F35."""
    for customer in (0, 1):
        desk.leave_message(customer)
    eventually(lambda: len(desk.pages()) >= 2)
    time.sleep(3)
    assert len(desk.pages()) == 2
    assert len({m.body for m in desk.pages()}) == 2
