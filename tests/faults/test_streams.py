"""Open event streams: a stop ends them at once, and a page on one node hears of what happened on another."""

import json
import signal
import threading
import time
from pathlib import Path

import httpx
import pytest

from tests import http
from tests.conftest import fresh_database
from tests.faults.desk import Desk, eventually
from tests.faults.second_node import SecondNode


def listen(url: str, heard: list[tuple[float, str]]) -> threading.Thread:
    """Puts down what a stream says, with the time."""

    def run() -> None:
        with httpx.stream("GET", f"{url}/live", timeout=60) as stream:
            for line in stream.iter_lines():
                heard.append((time.monotonic(), line))

    def guarded() -> None:
        try:
            run()
        except httpx.HTTPError as ended:
            heard.append((time.monotonic(), f"ended {type(ended).__name__}"))

    thread = threading.Thread(target=guarded, daemon=True)
    thread.start()
    return thread


def test_a_stop_does_not_wait_for_open_streams(tmp_path: Path) -> None:
    """F52."""
    desk = Desk(fresh_database("sqlite", tmp_path), tmp_path)
    try:
        desk.start()
        streams: list[list[tuple[float, str]]] = [[] for _ in range(5)]
        threads = [listen(desk.product_url, heard) for heard in streams]
        eventually(lambda: all(streams))
        assert desk.node is not None
        began = time.monotonic()
        desk.node.send_signal(signal.SIGTERM)
        desk.node.wait(20)
        assert time.monotonic() - began < 9
        for thread in threads:
            thread.join(5)
            assert not thread.is_alive()
    finally:
        desk.close()


@pytest.mark.postgres
def test_an_acknowledgement_on_one_node_is_heard_on_the_other(tmp_path: Path) -> None:
    desk = Desk(fresh_database("postgres", tmp_path), tmp_path)
    desk.start()
    other = SecondNode(desk)
    try:
        heard: list[tuple[float, str]] = []
        desk.leave_message()
        page = eventually(desk.pages)[0]
        listen(other.url, heard)
        eventually(lambda: heard)
        time.sleep(1.5)  # what the message itself changed is over
        before = len(heard)
        desk.carrier.post("/sandbox/api/messages", json={"from": page.to_number, "body": "1"}).raise_for_status()
        eventually(lambda: "Acknowledged" in desk.command("show", "E-000001", "--json"))
        kinds = json.loads(desk.command("show", "E-000001", "--json"))["ledger"]
        assert [item["kind"] for item in kinds].count("Acknowledged") == 1
        assert any(line.startswith("event: changed") for _, line in heard[before:])
        assert "somebody has it" in http.get(f"{other.url}/", headers={"Accept": "text/html"}).text
    finally:
        other.close()
        desk.close()
