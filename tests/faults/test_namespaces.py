"""Two nodes, their database and the carrier in networks of their own, and what happens when packets are lost between them.

Nothing answers for what is lost: no reset, no refusal. One way is lost, or both.
"""

import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.faults.apart import BASE, CARRIER, NODES, OFFICE, Apart, apart
from tests.faults.desk import eventually

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
TAKEOVER, AT_ONCE, BACK, SWEPT = 10.0, 5.0, 10.0, 120.0
HOLDS = 2  # seconds for which a claim is held
DOUBTFUL = 30  # seconds until what may have been carried out counts as absent


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Apart]:
    with apart(tmp_path) as ready:
        yield ready


class Since:
    """Seconds since it was made; what is measured is shown by `pytest -s`."""

    def __init__(self) -> None:
        self.began = time.monotonic()

    def seconds(self) -> float:
        return time.monotonic() - self.began

    def tell(self, what: str) -> float:
        seconds = self.seconds()
        print(f"\n{what} after {seconds:.1f} s", end="")
        return seconds

    def wait_until(self, seconds: float) -> None:
        time.sleep(max(0.0, seconds - self.seconds()))


def of(world: Apart, ref: str) -> list[Any]:
    return [m for m in world.desk.paged() if ref in m.body]


def page_rows(world: Apart) -> list[Any]:
    """How often each page was claimed, and as what it is known to the carrier."""
    return world.cluster.execute("SELECT state, fence, sid FROM outbox WHERE kind = 'page' ORDER BY created_at")


def sessions_of(world: Apart, place: str) -> int:
    """How many connections the database holds for a node."""
    address = world.networks.address(place)
    found = world.cluster.execute(f"SELECT count(*) FROM pg_stat_activity WHERE client_addr = '{address}'")
    return int(found[0][0])


@pytest.mark.parametrize("seconds", [8, 25])
@pytest.mark.parametrize("ways", ["both", "there", "back"])
def test_the_node_that_holds_the_claim_loses_the_database(world: Apart, ways: str, seconds: int) -> None:
    """F59, F61, I26, I27: the other one pages within the promised takeover. The cut one sends nothing more, whether what it
    asked of the database comes through at last (8 s) or was given up (25 s); it works again by itself. The server forgets
    the connections of a node that is silent."""
    desk = world.desk
    desk.knobs(rest={"slow_seconds": HOLDS, "rate_limited": True})  # the first try comes to nothing, after a while
    desk.leave_message()
    holder = eventually(world.holder)
    world.cut(holder.place, BASE, ways)
    cut = Since()
    cut.wait_until(HOLDS + 0.5)
    desk.knobs(rest={"slow_seconds": 0, "rate_limited": False})
    other = world.other(holder)
    eventually(desk.paged, 30)
    assert cut.tell(f"{ways} {seconds}: paged") < TAKEOVER
    cut.wait_until(seconds)
    if seconds > 20:
        print(f"\n{ways}: {sessions_of(world, holder.place)} connections of the cut node", end="")
        assert sessions_of(world, holder.place) == 0
    world.networks.heal()
    healed = Since()
    eventually(holder.is_ready, 30)
    assert healed.tell("ready again") < BACK
    other.close()
    left = Since()
    desk.leave_message(1)
    eventually(lambda: len({m.body.split(":")[0] for m in desk.paged()}) == 2, 30)
    left.tell("the next one paged by it alone")
    time.sleep(AT_ONCE)
    assert len(of(world, "E-000001")) == 1 and len(desk.paged()) == 2
    assert [state for state, _, _ in page_rows(world)] == ["sent", "sent"]
    desk.command("verify")
