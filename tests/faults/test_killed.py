"""A node is killed at the worst moments; the message is paged all the same, and once."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.desk import Desk, eventually

MOST_SECONDS = 5.0
# In `make test` a node on PostgreSQL is killed by `test_stepped.py`.
BOTH = ["sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.slow])]
pytestmark = pytest.mark.parametrize("database_url", BOTH, indirect=True)


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    opened = Desk(database_url, tmp_path)
    yield opened
    opened.close()


def test_killed_between_the_webhooks_answer_and_the_page(desk: Desk) -> None:
    """F50."""
    desk.start()
    desk.knobs(rest={"rate_limited": True})
    desk.leave_message()
    eventually(lambda: desk.answered("/twilio/voice/message"))
    desk.kill()
    assert desk.pages() == []
    desk.knobs(rest={"rate_limited": False})
    desk.start()
    ready = time.monotonic()
    eventually(desk.pages, MOST_SECONDS)
    assert time.monotonic() - ready < MOST_SECONDS
    listed = json.loads(desk.command("list", "--json"))["items"]
    assert [e["ref"] for e in listed] == ["E-000001"]
    assert len(desk.pages()) == 1
    desk.command("verify")


def test_killed_while_the_carrier_keeps_its_answer_back(desk: Desk) -> None:
    """F23."""
    desk.start()
    desk.knobs(rest={"timeout_after_accept": True})
    desk.leave_message()
    eventually(desk.pages)
    desk.kill()
    desk.knobs(rest={"timeout_after_accept": False})
    desk.start()
    eventually(lambda: "PageSent" in desk.command("show", "E-000001"), 20)
    assert len(desk.pages()) == 1, "the text that had left was found, not sent again"
    desk.command("verify")


def test_down_when_the_customer_calls(desk: Desk) -> None:
    """F01, F08, I1."""
    desk.start()
    desk.carrier.post("/sandbox/api/calls", json={"from": "+15145550142"})
    eventually(lambda: [c for c in desk.network.calls.all.values() if c.waits == "record"])
    desk.kill()
    sid = next(iter(desk.network.calls.all))
    desk.carrier.post(f"/sandbox/api/calls/{sid}/hang-up")
    desk.start()
    eventually(desk.pages, 60)
    item = json.loads(desk.command("list", "--json"))["items"][0]
    assert item["found_by"] == "sweep"
