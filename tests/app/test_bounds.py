"""Large, endless, trickling and chunked requests: refused with a reason, at little cost, while others are served."""

import asyncio
import contextlib
import resource
import socket
import threading
import time
from collections.abc import AsyncGenerator, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import cast

import httpx
import pytest

from app.auth import login_steps, passwords
from app.http import live, middleware
from app.http.live import Hub
from tests import http
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
    assert b"The limit is 64 KiB" in said


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
    monkeypatch.setattr(middleware, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(middleware, "BODY_SECONDS", 0.5)
    slow = [open_socket(night) for _ in range(50)]
    for connection in slow[:25]:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    for connection in slow[25:]:
        connection.sendall(SLOW_FORM)
    began = time.monotonic()
    assert http.get(f"{night.address}/healthz", timeout=5).status_code == 200
    assert time.monotonic() - began < 2
    assert {answer(c) for c in slow[:25]} == {b""}
    assert {answer(c).split(b"\r\n")[0] for c in slow[25:]} == {b"HTTP/1.1 408 Request Timeout"}
    for connection in slow:
        connection.close()


def test_a_later_head_on_a_kept_connection_has_no_more_time(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "HEAD_SECONDS", 1.0)
    whole, begun = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /healthz HTTP/1.1\r\nX-Slow: "
    for together in (True, False):
        with open_socket(night) as connection:
            connection.sendall(whole + begun if together else whole)
            assert b" 200 " in connection.recv(65536)
            connection.sendall(b"" if together else begun)
            began = time.monotonic()
            with contextlib.suppress(ConnectionResetError, BrokenPipeError):
                while time.monotonic() - began < 8:
                    connection.sendall(b"a")
                    time.sleep(0.1)
            assert time.monotonic() - began < 8, "it was listened to without end"


def test_a_kept_connection_serves_many(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time of a head ends with the head: a request that takes longer is answered."""
    monkeypatch.setattr(middleware, "HEAD_SECONDS", 0.3)
    with open_socket(night) as connection:
        for _ in range(3):
            connection.sendall(b"HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert b" 200 " in connection.recv(65536)
            time.sleep(0.5)


def test_a_large_cookie_costs_nothing(night: Night) -> None:
    """CVE-2024-7592: quoted cookies are read in quadratic time by many a Python; 15 KB took half a second."""
    escapes = '\\"' * 7000
    used = time.process_time()
    for cookie in (f'callbacks_session="{escapes}"', f'x="{escapes}"', f'callbacks_language=en; y="{escapes}'):
        assert night.web.get("/login", headers={"Cookie": cookie}).status_code == 200
    assert night.web.get("/login", headers={"Cookie": f'callbacks_session="{escapes * 2}"'}).status_code == 431
    assert time.process_time() - used < 0.3
    with open_socket(night) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 17_000 + b"\r\n\r\n")
        assert answer(connection)[:12] in (b"HTTP/1.1 431", b"HTTP/1.1 400")


def test_our_cookies_come_through_among_others(night: Night) -> None:
    for cookie in ("callbacks_language=fr", '_ga="x"; callbacks_language=fr; theme=dark', "a=b;callbacks_language=fr"):
        assert 'lang="fr"' in night.web.get("/login", headers={"Cookie": cookie}).text, cookie


def test_a_flood_of_logins_holds_nothing_else_up(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each wrong password is hashed as slowly as a right one; whoever finds the queue long is refused at once."""
    release = threading.Event()
    monkeypatch.setattr(passwords._hasher, "verify", lambda *_: release.wait(20) and False)

    def log_in(n: int) -> int:
        form = {"email": f"nobody{n}@example.com", "password": "wrong password"}
        return http.post(f"{night.address}/login", data=form, timeout=30).status_code

    most = login_steps.EACH
    with ThreadPoolExecutor(60) as pool:
        asked = [pool.submit(log_in, n) for n in range(60)]
        refused = [done.result() for _, done in zip(range(60 - most), as_completed(asked, timeout=19), strict=False)]
        assert http.get(f"{night.address}/healthz", timeout=5).status_code == 200
        assert night.web.post("/twilio/voice", data={"Body": "forged"}).status_code == 403
        release.set()
        assert set(refused) == {503}
        assert sorted(f.result() for f in asked)[:most] == [403] * most


def test_tries_that_have_to_wait_hold_nothing_else_up_either(night: Night) -> None:
    """A try that is refused unhashed still waits for the database's one writer, and holds a thread meanwhile."""
    with ThreadPoolExecutor(60) as pool, night.database.write() as session:
        session.connection()
        form = {"email": "nobody@example.com", "password": "wrong password"}
        asked = [pool.submit(httpx.post, f"{night.address}/login", data=form, timeout=30) for _ in range(60)]
        refused = [
            f.result() for _, f in zip(range(60 - login_steps.EACH), as_completed(asked, timeout=19), strict=False)
        ]
        assert {answer.status_code for answer in refused} == {503}
        assert http.get(f"{night.address}/healthz", timeout=5).status_code == 200


def test_one_person_cannot_take_all_streams(night: Night) -> None:
    async def open_pages() -> list[bool]:
        hub = Hub(night.database)
        streams: list[AsyncGenerator[str | None]] = []
        opened: list[bool] = []
        for who in ["page:1"] * (live.MOST_EACH + 1) + ["page:2"]:
            streams.append(cast(AsyncGenerator[str | None], hub.changes(who)))
            try:
                await anext(streams[-1])
                opened.append(True)
            except live.Full:
                opened.append(False)
        for stream in streams:
            await stream.aclose()
        return opened

    assert asyncio.run(open_pages()) == [True] * live.MOST_EACH + [False, True]


def test_a_head_without_end_is_refused(night: Night) -> None:
    with open_socket(night) as connection:
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            for _ in range(2000):
                connection.sendall(b"X-A: b\r\n" * 100)
        assert answer(connection)[:12] in (b"", b"HTTP/1.1 400")
