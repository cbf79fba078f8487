"""A real node's memory while somebody sends a gigabyte, a million fields, and two hundred requests that never end."""

import socket
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests import http
from tests.faults.desk import Desk, eventually

MIB, KIB = 1024 * 1024, 1024
MOST_GROWTH = 10 * MIB
SLOW = 200
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"
POST = b"POST /twilio/sms HTTP/1.1\r\nHost: x\r\n" + FORM


def memory(desk: Desk, what: str) -> int:
    """VmRSS, or VmHWM, its highest so far, in bytes."""
    assert desk.node is not None
    lines = Path(f"/proc/{desk.node.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what)) * KIB


def forget_the_highest(desk: Desk) -> None:
    assert desk.node is not None
    Path(f"/proc/{desk.node.pid}/clear_refs").write_text("5")


def sent_until_refused(desk: Desk, head: bytes, piece: bytes, most: int) -> int:
    """How many bytes of a body the node took before it ended the connection."""
    sent = 0
    with socket.create_connection(("127.0.0.1", desk.port), timeout=20) as connection, suppress(OSError):
        connection.sendall(head)
        while sent < most:
            connection.sendall(piece)
            sent += len(piece)
    return sent


def chunk(piece: bytes) -> bytes:
    return f"{len(piece):x}\r\n".encode() + piece + b"\r\n"


def an_ordinary_hour(desk: Desk) -> None:
    """Everything that a node loads once is loaded, and its threads are there."""
    desk.leave_message()
    eventually(desk.paged)
    for _ in range(20):
        http.get(f"{desk.product_url}/healthz")
        http.get(f"{desk.product_url}/login")
        http.post(f"{desk.product_url}/twilio/sms", data={"Body": "x" * 1000})
        http.post(f"{desk.product_url}/twilio/sms", content=b"a" * 100_000)
    time.sleep(2)


def slow_connections(desk: Desk) -> list[socket.socket]:
    """Half of them trickle a head, half a body."""
    found = [socket.create_connection(("127.0.0.1", desk.port), timeout=30) for _ in range(SLOW)]
    for n, connection in enumerate(found):
        connection.sendall(POST + (b"X-Slow: " if n % 2 else b"Content-Length: 60000\r\n\r\n" + b"a" * 1000))
    return found


def hold(desk: Desk, slow: list[socket.socket], seconds: float) -> None:
    """A byte each second on every one; others are served all the while."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        for connection in slow:
            with suppress(OSError):
                connection.sendall(b"a")
        assert http.get(f"{desk.product_url}/healthz", timeout=5).status_code == 200
        time.sleep(1)


@pytest.mark.slow
def test_a_nodes_memory_grows_by_less_than_ten_megabytes_under_attack(desk: Desk) -> None:
    """F89, I35: measured at its highest, after a body of a gigabyte, told and untold, a million fields and slow senders."""
    desk.start()
    an_ordinary_hour(desk)
    forget_the_highest(desk)
    before, fields = memory(desk, "VmRSS"), b"a=1&" * 16_000
    told = sent_until_refused(desk, POST + b"Content-Length: 1073741824\r\n\r\n", b"a" * MIB, 1024 * MIB)
    untold = sent_until_refused(desk, POST + b"Transfer-Encoding: chunked\r\n\r\n", chunk(b"a" * MIB), 1024 * MIB)
    million = sent_until_refused(desk, POST + b"Content-Length: 4000000\r\n\r\n", fields, 4_000_000)
    bombs = [
        http.post(f"{desk.product_url}/twilio/sms", content=fields, headers={"Content-Type": FORM[14:-2]})
        for _ in range(5)
    ]
    bodies = memory(desk, "VmHWM") - before
    slow = slow_connections(desk)
    hold(desk, slow, 8)
    for connection in slow:
        connection.close()
    time.sleep(3)
    highest, after = memory(desk, "VmHWM") - before, memory(desk, "VmRSS") - before
    sys.stdout.write(
        f"before {before / MIB:.1f} MiB; highest after bodies +{bodies / MIB:.1f}, after all +{highest / MIB:.1f}, "
        f"at rest +{after / MIB:.1f}; of bodies taken {told / MIB:.1f}, {untold / MIB:.1f}, {million / MIB:.1f}\n"
    )
    assert max(told, untold, million) < 20 * MIB, "a body was read to its end"
    assert {answer.status_code for answer in bombs} <= {403, 413}
    assert highest < MOST_GROWTH
    assert after < MOST_GROWTH
    desk.leave_message(1)
    eventually(lambda: any("E-000002" in m.body for m in desk.paged()), 20)
