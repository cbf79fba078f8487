"""Large, endless, trickling and chunked requests: refused with a reason, at little cost, while others are served."""

import contextlib
import resource
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app import bounds
from tests.conftest import fresh_database
from tests.night import Night

MIB = 1024 * 1024
SLOW_FORM = (
    b"POST /twilio/sms HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 100\r\n\r\nBody="
)


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    folder: Path = tmp_path_factory.mktemp("bounds")
    opened = Night(fresh_database("sqlite", folder), folder)
    yield opened
    opened.close()


def open_socket(night: Night) -> socket.socket:
    host, port = night.address.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=20)


def answer(connection: socket.socket) -> bytes:
    """All that came; a connection reset after the answer is its end."""
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        parts.append(b"")
    return b"".join(parts)


@pytest.mark.parametrize(
    "path", ["/twilio/voice", "/twilio/sms", "/login", "/api/v1/emergencies/E-000001/note", "/nothing"]
)
def test_a_body_of_a_gigabyte_is_refused_unread(night: Night, path: str) -> None:
    """F89, I35."""
    with open_socket(night) as connection:
        connection.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {1024 * MIB}\r\n\r\n".encode())
        said = answer(connection)
    assert b" 413 " in said.split(b"\r\n")[0]
    assert b"At most 64 KiB" in said


def test_a_chunked_body_without_a_length_is_cut_off(night: Night) -> None:
    """I35."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    piece = b"10000\r\n" + b"a" * 0x10000 + b"\r\n"
    sent = 0
    with open_socket(night) as connection:
        connection.sendall(b"POST /twilio/voice HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            while sent < 200 * MIB:
                connection.sendall(piece)
                sent += len(piece)
            said = answer(connection)
        except OSError:
            said = b""
    assert sent < 20 * MIB, "it was read to the end"
    assert said == b"" or b" 413 " in said.split(b"\r\n")[0]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50 * 1024  # KiB; client and server in one


def test_a_million_fields_are_refused(night: Night) -> None:
    """F89."""
    form = "&".join(f"a{n}=1" for n in range(9000))
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert night.web.post("/twilio/voice", content=form[:60_000], headers=kind).status_code == 413
    assert (
        night.web.post("/twilio/voice", content="&".join("a" for _ in range(1_000_000)), headers=kind).status_code
        == 413
    )


def test_whoever_trickles_is_given_up_and_others_are_served(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    """F89."""
    monkeypatch.setattr(bounds, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(bounds, "BODY_SECONDS", 0.5)
    slow = [open_socket(night) for _ in range(50)]
    for connection in slow[:25]:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    for connection in slow[25:]:
        connection.sendall(SLOW_FORM)
    began = time.monotonic()
    assert httpx.get(f"{night.address}/healthz", timeout=5).status_code == 200
    assert time.monotonic() - began < 2
    assert {answer(c) for c in slow[:25]} == {b""}
    assert {answer(c).split(b"\r\n")[0] for c in slow[25:]} == {b"HTTP/1.1 408 Request Timeout"}
    for connection in slow:
        connection.close()


def test_a_head_without_end_is_refused(night: Night) -> None:
    with open_socket(night) as connection:
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            for _ in range(2000):
                connection.sendall(b"X-A: b\r\n" * 100)
        assert answer(connection)[:12] in (b"", b"HTTP/1.1 400")
