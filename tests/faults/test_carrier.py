"""The way to the carrier is closed, silent, slow or wrong: the engine goes on, and says so off the machine."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import fresh_database
from tests.faults.desk import Desk, eventually
from tests.faults.notified import Notified
from tests.faults.proxy import Proxy
from tests.faults.second_node import SecondNode


class Desks:
    """A desk whose node reaches the carrier through a proxy, and somebody who listens at a notify URL."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.office = Notified()
        self.heard = self.office.heard
        self.desk = Desk(fresh_database(kind, folder), folder)
        self.proxy = Proxy(int(self.desk.carrier_url.rsplit(":", 1)[1]))
        self.direct = dict(self.desk.environment)
        self.desk.environment |= {
            "TWILIO_API_URL": f"http://127.0.0.1:{self.proxy.port}",
            "CALLBACKS_NOTIFY_URLS": self.office.url,
        }

    def close(self) -> None:
        self.desk.close()
        self.proxy.close()
        self.office.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Desks]:
    opened = Desks("sqlite", tmp_path)
    opened.desk.start()
    yield opened
    opened.close()


def test_the_carrier_cannot_be_reached(sqlite: Desks) -> None:
    """F25, I30: no connection at all. The emergency is open, supervisors hear of it by another way within a minute, and the
    page leaves once the way is free."""
    desk, proxy = sqlite.desk, sqlite.proxy
    proxy.change("refuse", drop=True)
    desk.leave_message()
    eventually(lambda: desk.answered("/twilio/voice/message"))
    began = time.monotonic()
    eventually(lambda: [told for told in sqlite.heard if "twilio" in told.lower()], 60)
    assert time.monotonic() - began < 60
    assert desk.paged() == [] and desk._is_ready()
    proxy.change("pass", drop=True)
    eventually(desk.paged, 30)
    assert len(desk.paged()) == 1


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["silent", "trickle"])
def test_the_carrier_is_a_tarpit(sqlite: Desks, mode: str) -> None:
    """F26, F27, I5: a connection that says nothing, or a byte a second, is given up after 10 s in all; meanwhile webhooks are
    answered and the engine beats. Nothing is lost, and one text at most comes twice."""
    desk, proxy = sqlite.desk, sqlite.proxy
    proxy.change(mode, drop=True)
    desk.leave_message()
    for _ in range(15):
        assert desk._is_ready(), "the engine stood still"
        time.sleep(1)
    proxy.change("pass", drop=True)
    eventually(desk.paged, 90)
    time.sleep(3)
    firsts = [m for m in desk.paged() if m.to_number == desk.paged()[0].to_number and "E-000001" in m.body]
    assert len(firsts) <= 2
    assert [e["ref"] for e in json.loads(desk.command("list", "--json"))["items"]] == ["E-000001"]


@pytest.mark.postgres
@pytest.mark.slow
def test_of_two_nodes_one_is_cut_from_the_carrier(tmp_path: Path) -> None:
    """F60, I27: the other one sends, though the one that is cut off took the call in and may hold claims."""
    both = Desks("postgres", tmp_path)
    desk, second = both.desk, None
    try:
        desk.start()
        second = SecondNode(desk, TWILIO_API_URL=both.direct["TWILIO_API_URL"])
        both.proxy.change("refuse", drop=True)
        for customer in (0, 1):
            desk.leave_message(customer)
        eventually(lambda: len(desk.paged()) >= 2, 45)  # what was cut in the middle counts as absent after 30 s
        time.sleep(3)
        assert len({m.body for m in desk.paged()}) == len(desk.paged())
    finally:
        if second:
            second.close()
        both.close()


SOON = 10.0
NODES = [
    ("sqlite", 1),
    pytest.param("postgres", 1, marks=pytest.mark.postgres),
    pytest.param("postgres", 2, marks=pytest.mark.postgres),
]


@pytest.fixture
def shared(tmp_path: Path, kind: str, nodes: int) -> Iterator[Desks]:
    """So many nodes that reach the carrier through one proxy."""
    with ExitStack() as opened:
        world = Desks(kind, tmp_path)
        opened.callback(world.close)
        world.desk.start()
        for _ in range(nodes - 1):
            opened.callback(SecondNode(world.desk).close)
        yield world


@pytest.mark.slow
@pytest.mark.parametrize("away", [6, 20])
@pytest.mark.parametrize(("kind", "nodes"), NODES)
def test_a_page_follows_soon_when_the_carrier_is_back(shared: Desks, kind: str, nodes: int, away: int) -> None:
    """F20, F25, I7: connections were closed without an answer, so nobody knows what was carried out. A page does not wait
    for that as long as other texts do."""
    shared.proxy.change("refuse", drop=True)
    shared.desk.leave_message()
    eventually(lambda: shared.desk.answered("/twilio/voice/message"))
    time.sleep(away)
    shared.proxy.change("pass", drop=True)
    back = time.monotonic()
    eventually(shared.desk.paged, 60)
    took = time.monotonic() - back
    sys.stdout.write(f" {kind}, {nodes} nodes, away for {away} s: paged after {took:.1f} s")
    assert took < SOON


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "nodes"), NODES)
def test_a_page_that_was_carried_out_without_an_answer_comes_once(shared: Desks, kind: str, nodes: int) -> None:
    """F22, I12: then nothing can be asked for a while. The list has it once it can be read, and nothing is sent again."""
    desk, proxy = shared.desk, shared.proxy
    proxy.cut_at = b"POST /2010"
    desk.leave_message()
    eventually(lambda: proxy.cuts)
    proxy.change("refuse", drop=True)
    time.sleep(12)
    proxy.change("pass", drop=True)
    time.sleep(SOON)
    assert len(desk.paged()) == 1
    desk.command("verify")


@pytest.mark.slow
def test_the_account_is_suspended(sqlite: Desks) -> None:
    """F34, I30: every request is refused with 401; supervisors hear of it within a minute past the carrier."""
    desk = sqlite.desk
    desk.knobs(rest={"refuse": {"status": 401, "code": 20003}})
    began = time.monotonic()
    desk.leave_message()
    eventually(lambda: [told for told in sqlite.heard if "twilio" in told.lower()], 60)
    assert time.monotonic() - began < 60
    assert desk.paged() == []
    desk.knobs(rest={"refuse": None})
    eventually(desk.paged, 300)
