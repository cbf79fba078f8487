"""PostgreSQL is restarted, cut off, made read-only, set back in time: nothing is lost, nobody is paged twice."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.faults.cluster import Cluster
from tests.faults.desk import Desk, code_in, eventually
from tests.faults.proxy import Proxy

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    server = Cluster.begin()
    yield server
    server.stop()


@pytest.fixture
def desk(cluster: Cluster, tmp_path: Path) -> Iterator[Desk]:
    opened = Desk(cluster.database_url, tmp_path)
    opened.start()
    yield opened
    opened.close()


def refs(desk: Desk) -> list[str]:
    return [e["ref"] for e in json.loads(desk.command("list", "--json"))["items"]]


def hold_back(desk: Desk, held: bool) -> None:
    """The carrier takes nothing for the moment, so that a page is still owed."""
    desk.knobs(rest={"rate_limited": held})


@pytest.mark.parametrize("how", ["fast", "immediate"])
def test_the_server_is_restarted_with_a_page_owed(cluster: Cluster, desk: Desk, how: str) -> None:
    """F63, I3: reconnected within 5 s of its return; the page leaves once."""
    hold_back(desk, True)
    desk.leave_message()
    eventually(lambda: desk.answered("/twilio/voice/message"))
    cluster.halt(how)
    hold_back(desk, False)
    time.sleep(2)
    cluster.resume()
    back = time.monotonic()
    eventually(desk.paged, 20)
    assert time.monotonic() - back < 10
    eventually(desk._is_ready, 5)
    assert refs(desk) == ["E-000001"] and len(desk.paged()) == 1
    desk.command("verify")


def test_every_connection_is_ended(cluster: Cluster, desk: Desk) -> None:
    """F63: at any moment, also while a webhook is answered; what follows works."""
    for n in range(4):
        cluster.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        if n == 0:
            desk.leave_message()
    eventually(desk.paged, 40)
    time.sleep(2)
    assert refs(desk) == ["E-000001"] and len(desk.paged()) == 1


def test_nobody_knows_whether_the_opening_was_committed(cluster: Cluster, tmp_path: Path) -> None:
    """F64, I4: the connection dies between the COMMIT and its answer. The carrier asks again, or another report comes: one
    emergency, one page."""
    proxy = Proxy(cluster.port)
    desk = Desk(cluster.database_url.replace(str(cluster.port), str(proxy.port)), tmp_path)
    try:
        desk.start()
        desk.carrier.post("/sandbox/api/calls", json={"from": "+15145550142"})
        sid = next(iter(desk.network.calls.all))
        eventually(lambda: desk._hears_the_tone(sid))
        desk.carrier.post(f"/sandbox/api/calls/{sid}/voice", json={"sample": "en-interface"})
        cuts = 0
        proxy.cut_at = b"COMMIT"
        desk.carrier.post(f"/sandbox/api/calls/{sid}/hang-up")
        for _ in range(5):  # the next commits too, whoever makes them
            time.sleep(0.4)
            cuts, proxy.cut_at = proxy.cuts, b"COMMIT"
        proxy.cut_at = b""
        assert cuts >= 2, "no commit was cut"
        eventually(desk.paged, 60)
        time.sleep(5)
        assert refs(desk) == ["E-000001"]
        assert len({m.body.split("http")[0] for m in desk.paged()}) == 1
        assert len(desk.paged()) <= 2, "at most one declared duplicate"
        desk.command("verify")
    finally:
        desk.close()
        proxy.close()


def test_it_takes_no_writes_for_a_while(cluster: Cluster, desk: Desk) -> None:
    """F66, F65: webhooks fail, the carrier's own records are swept afterwards: found late, never lost."""
    cluster.execute("ALTER SYSTEM SET default_transaction_read_only = on")
    cluster.execute("SELECT pg_reload_conf()")
    desk.carrier.post("/sandbox/api/calls", json={"from": "+15145550142"})
    time.sleep(3)
    for call in list(desk.network.calls.all):
        desk.carrier.post(f"/sandbox/api/calls/{call}/hang-up")
    time.sleep(1)
    assert desk.paged() == []
    _allow_writes(cluster)
    eventually(desk.paged, 90)
    listed = json.loads(desk.command("list", "--json"))["items"]
    assert [(e["ref"], e["found_by"]) for e in listed] == [("E-000001", "sweep")]


def _allow_writes(cluster: Cluster) -> None:
    with psycopg.connect(cluster.url, autocommit=True, options="-c default_transaction_read_only=off") as connection:
        connection.execute("ALTER SYSTEM SET default_transaction_read_only = off")
        connection.execute("SELECT pg_reload_conf()")


def test_a_node_cut_off_from_it_fails_closed(cluster: Cluster, tmp_path: Path) -> None:
    """F59: nothing that was not committed leaves; webhooks are refused, not swallowed; afterwards all is made good."""
    proxy = Proxy(cluster.port)
    desk = Desk(cluster.database_url.replace(str(cluster.port), str(proxy.port)), tmp_path)
    try:
        desk.start()
        proxy.change("silent", drop=True)
        desk.carrier.post("/sandbox/api/calls", json={"from": "+15145550142"})
        sid = next(iter(desk.network.calls.all))
        time.sleep(20)
        assert not desk._is_ready()
        assert desk.paged() == []
        if desk.network.calls.all[sid].ended_at is None:
            desk.carrier.post(f"/sandbox/api/calls/{sid}/hang-up")
        proxy.change("pass", drop=True)
        eventually(desk.paged, 90)
        assert refs(desk) == ["E-000001"]
    finally:
        desk.close()
        proxy.close()


def test_a_slow_network_only_slows(cluster: Cluster, tmp_path: Path) -> None:
    """F61: 40 ms on each packet to and from the database."""
    proxy = Proxy(cluster.port)
    proxy.delay = 0.04
    desk = Desk(cluster.database_url.replace(str(cluster.port), str(proxy.port)), tmp_path)
    try:
        desk.start()
        desk.leave_message()
        eventually(desk.paged, 30)
        assert refs(desk) == ["E-000001"] and len(desk.paged()) == 1
    finally:
        desk.close()
        proxy.close()


def test_a_fail_over_that_forgot_the_last_commits(cluster: Cluster, desk: Desk) -> None:
    """F67, I1, I12: the standby never saw the opening nor that the text left. The sweep opens it again, from the carrier's own
    records; whoever was texted gets at most one text more."""
    desk.command("reconcile")
    assert desk.node is not None
    desk.kill()
    cluster.halt("fast")
    before = cluster.copy()
    cluster.resume()
    desk.start()
    desk.leave_message()
    eventually(desk.paged)
    desk.kill()
    cluster.halt("immediate")
    cluster.set_back(before)
    cluster.resume()
    assert refs(desk) == []
    desk.start()
    eventually(lambda: refs(desk) == ["E-000001"], 60)
    time.sleep(5)
    assert len(desk.paged()) <= 2
    desk.command("verify")


def test_yesterdays_backup_is_restored(cluster: Cluster, desk: Desk) -> None:
    """F74, I17: what was closed before the backup stays closed and wakes nobody; what came after it is found."""
    desk.leave_message()
    eventually(desk.paged)
    page = desk.paged()[0]
    for text in (f"4 {code_in(page.body)}", f"6 {code_in(page.body)} fixed"):
        desk.carrier.post("/sandbox/api/messages", json={"from": page.to_number, "body": text})
    eventually(lambda: json.loads(desk.command("show", "E-000001", "--json"))["state"] == "resolved")
    desk.kill()
    cluster.halt("fast")
    backup = cluster.copy()
    cluster.resume()
    desk.start()
    desk.leave_message(customer=1)
    eventually(lambda: len({m.body[:12] for m in desk.paged() if m.body.startswith("P1")}) == 2)
    first = [m for m in desk.paged() if "E-000001" in m.body]
    desk.kill()
    cluster.halt("fast")
    cluster.set_back(backup)
    cluster.resume()
    desk.start()
    eventually(lambda: "E-000002" in refs(desk), 60)
    time.sleep(5)
    assert [m for m in desk.paged() if "E-000001" in m.body] == first
    assert json.loads(desk.command("show", "E-000001", "--json"))["state"] == "resolved"
    desk.command("verify")
