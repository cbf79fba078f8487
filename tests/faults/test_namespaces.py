"""Two nodes, their database and the carrier in networks of their own, and what happens when packets are lost between them.

Nothing answers for what is lost: no reset, no refusal. One way is lost, or both.
"""

import json
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from callbacks.telephony.transport import HttpxTransport
from tests.faults.apart import BASE, CARRIER, NODES, Apart, apart
from tests.faults.desk import eventually
from tests.faults.networks import Networks

pytestmark = [pytest.mark.postgres, pytest.mark.slow]
TAKEOVER, AT_ONCE, BACK, SWEPT = 10.0, 5.0, 10.0, 120.0
SILENCE = 14.0  # what a caller hears before the greeting; the carrier gives up on us after 15 s
SIGNS = ("/twilio/voice/message", "/twilio/voice/recording", "/twilio/voice/ended")
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
        sys.stdout.write(f"\n{what} after {seconds:.1f} s")
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


def ref(message: Any) -> str:
    return str(message.body.split("#")[0])


class Listening:
    """A server that keeps connections open, answers every POST with a document, and notes what came."""

    def __init__(self, host: str, heard: list[bytes], document: str = "") -> None:
        class Answer(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                heard.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.send_header("Content-Type", "text/xml")
                self.send_header("Content-Length", str(len(document.encode())))
                self.end_headers()
                self.wfile.write(document.encode())

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._listener = ThreadingHTTPServer((host, 0), Answer)
        self.url = f"http://{host}:{self._listener.server_port}/"
        Thread(target=self._listener.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown()
        self._listener.server_close()


def rung(world: Apart) -> list[Any]:
    """Calls that the product has placed."""
    return [c for c in world.desk.network.calls.all.values() if c.direction != "inbound"]


def told_of(world: Apart) -> list[str]:
    """What the notify URL heard, by the words that tell one alarm from another."""
    words = ("Twilio does not", "missed-call", "database", "not being sent", "E-0")
    return [next((w.removesuffix(" does not") for w in words if w in told), told) for told in world.office.heard]


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


def test_a_node_loses_the_carrier(world: Apart) -> None:
    """F60, I27: what it had begun counts as absent after half a minute, and the other one sends it; it then stands back, and
    what comes later is paged at once by the other. Nothing is paged twice after the healing either, though its requests were
    under way."""
    desk, (near, far) = world.desk, world.nodes.values()
    world.cut(near.place, CARRIER)
    cut = Since()
    for customer in (0, 1):
        desk.leave_message(customer)
    eventually(lambda: len({ref(m) for m in desk.paged()}) == 2, DOUBTFUL + 15)
    cut.tell("both paged")
    desk.leave_message(shown="+15145550199")
    later = Since()
    eventually(lambda: len({ref(m) for m in desk.paged()}) == 3, DOUBTFUL)
    assert later.tell("a later one paged") < TAKEOVER
    world.networks.heal()
    time.sleep(12)
    assert len(desk.paged()) == 3
    assert near.is_ready() and far.is_ready()
    desk.command("verify")


def test_both_nodes_lose_the_carrier_for_ninety_seconds(world: Apart) -> None:
    """F25, F60, I30: supervisors hear of it past the carrier within a minute, from one node, and that lost calls
    are not looked for. Somebody is paged within seconds of the healing, by the call that escalation had come to meanwhile; the text
    follows when its pause is over, half a minute at most, once to each person."""
    desk = world.desk
    desk.carrier.post("/sandbox/api/calls", json={"from": "+15145550142"})
    sid = next(iter(desk.network.calls.all))
    eventually(lambda: desk._hears_the_tone(sid))
    for place in NODES:
        world.cut(place, CARRIER, "there")
    cut = Since()
    desk.carrier.post(f"/sandbox/api/calls/{sid}/voice", json={"sample": "en-interface"})
    desk.carrier.post(f"/sandbox/api/calls/{sid}/hang-up")
    eventually(lambda: [told for told in world.office.heard if "twilio" in told.lower()], 60)
    assert cut.tell("supervisors told of the carrier") < 60
    cut.wait_until(90)
    assert desk.paged() == []
    world.networks.heal()
    healed = Since()
    eventually(lambda: desk.paged() or rung(world), 20)
    healed.tell("somebody paged")
    eventually(desk.paged, 60)
    healed.tell("the text")
    time.sleep(12)
    texted = [m.to_number for m in desk.paged()]
    assert len(texted) == len(set(texted)), "somebody got the text twice"
    assert sorted(told_of(world)) == ["Twilio", "missed-call"]
    desk.command("verify")


def test_both_nodes_lose_the_database_while_a_customer_calls(world: Apart) -> None:
    """F59, F65, I1: the caller is greeted all the same, by us or by the carrier's fallback; no sign
    of a message is acknowledged; the sweep finds the call after the healing and
    somebody is paged, once."""
    desk = world.desk
    fallback = Listening("127.0.0.1", [], desk.command("doctor", "--print-fallback"))
    with desk.network.lock:
        desk.network.number.voice_fallback_url = fallback.url
    for place in NODES:
        world.cut(place, BASE)
    cut = Since()
    desk.carrier.post("/sandbox/api/calls", json={"from": "+15145550142"})
    sid = next(iter(desk.network.calls.all))
    eventually(lambda: desk.network.calls.all[sid].waits == "record", 40)
    assert cut.tell("the caller is greeted") < SILENCE
    desk.carrier.post(f"/sandbox/api/calls/{sid}/voice", json={"sample": "en-interface"})
    desk.carrier.post(f"/sandbox/api/calls/{sid}/hang-up")
    time.sleep(20)
    signs = [x for x in desk.network.sender.log if x["path"] in SIGNS]
    assert signs and all(x["status"] != 200 for x in signs), "a sign was acknowledged though nothing could be kept"
    assert desk.paged() == []
    world.networks.heal()
    healed = Since()
    eventually(desk.paged, SWEPT)
    healed.tell("paged")
    time.sleep(AT_ONCE)
    listed = json.loads(desk.command("list", "--json"))["items"]
    assert [(e["ref"], e["found_by"]) for e in listed] == [("E-000001", "sweep")]
    assert len(desk.paged()) == 1
    sys.stdout.write(f" {told_of(world)}")
    desk.command("verify")
    fallback.close()


def test_a_request_that_was_given_up_never_arrives() -> None:
    """F26, I12: the carrier is cut off while its connection is kept open. What we gave up, the kernel gives up too: nothing
    of it comes through with the healing, when the page may have been sent anew."""
    networks = Networks("node", CARRIER)
    heard = list[bytes]()
    try:
        with networks.inside(CARRIER):
            carrier = Listening(networks.address(CARRIER), heard)
        with networks.inside("node"):
            transport = HttpxTransport()
            assert transport.exchange("POST", carrier.url, data={"n": "1"})[0] == 200
            networks.cut("node", CARRIER)
            with pytest.raises(httpx.TimeoutException):
                transport.exchange("POST", carrier.url, data={"n": "2"})
        time.sleep(15)
        networks.heal()
        time.sleep(20)
        assert heard == [b"n=1"]
        carrier.close()
    finally:
        networks.close()
