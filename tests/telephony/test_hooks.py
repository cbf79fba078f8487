"""The way out for webhooks against servers that are slow, endless, or lead inside."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from callbacks.lib.url_guard import Refused, check_addresses, read_url
from callbacks.messages.webhook_events import EVENTS, headers, new_secret, pause_after, signature
from callbacks.telephony import outgoing
from callbacks.telephony.gateway import CarrierError
from callbacks.telephony.outgoing import CalendarClient, HookClient

LIMIT = 0.6


@contextmanager
def server(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """A bare socket that reads the request and then behaves as it likes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            try:
                peer, _ = listener.accept()
                with peer:
                    peer.recv(65536)
                    talk(peer)
            except OSError:
                return

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/hook"


def trickle(first: bytes) -> Callable[[socket.socket], None]:
    def talk(peer: socket.socket) -> None:
        peer.sendall(first)
        while True:
            peer.sendall(b"x")
            time.sleep(0.05)

    return talk


@pytest.mark.parametrize(
    "first",
    [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"],
    ids=["status", "header", "body"],
)
def test_a_server_that_trickles_is_cut_off_after_the_total_time(first: bytes) -> None:
    """F27."""
    with server(trickle(first)) as url:
        began = time.monotonic()
        with pytest.raises(CarrierError):
            HookClient(True, LIMIT)(url, b"{}", {})
        assert time.monotonic() - began < LIMIT + 0.5


def test_a_server_that_says_nothing_is_cut_off_too() -> None:
    with server(lambda peer: time.sleep(3)) as url:
        began = time.monotonic()
        with pytest.raises(CarrierError, match="ReadTimeout"):
            HookClient(True, LIMIT)(url, b"{}", {})
        assert time.monotonic() - began < LIMIT + 0.5


def test_no_more_than_the_first_words_of_an_endless_answer_are_read() -> None:
    def endless(peer: socket.socket) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            peer.sendall(b"1000\r\n" + b"x" * 4096 + b"\r\n")

    with server(endless) as url:
        status, words = HookClient(True, 5)(url, b"{}", {})
    assert (status, len(words)) == (200, 4096)


def test_what_is_no_http_is_an_error_and_not_a_crash() -> None:
    with server(lambda peer: peer.sendall(b"SSH-2.0-x\r\n\r\n")) as url, pytest.raises(CarrierError):
        HookClient(True, LIMIT)(url, b"{}", {})


def test_a_name_that_leads_inside_is_refused_when_it_is_sent_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when only one of several addresses does, and when it did not at the first look."""
    answers = [["93.184.216.34", "10.0.0.7"], ["169.254.169.254"], ["::ffff:127.0.0.1"], ["127.0.0.1"]]
    connected: list[object] = []
    monkeypatch.setattr(outgoing, "_resolve", lambda *_: answers.pop(0))
    monkeypatch.setattr(socket, "create_connection", lambda *a, **_: connected.append(a))
    while answers:
        with pytest.raises(Refused, match="private network"):
            HookClient(False)("https://hooks.example.com/", b"{}", {})
    assert connected == []


def test_outside_the_sandbox_this_machine_is_never_sent_to() -> None:
    for url in ("http://127.0.0.1/", "https://127.0.0.1/", "https://localhost/", "https://[::1]/"):
        with pytest.raises(Refused):
            HookClient(False)(url, b"{}", {})
        assert read_url(url, in_sandbox=True).host in ("127.0.0.1", "localhost", "::1")
    with pytest.raises(Refused):
        check_addresses(["10.0.0.1"], in_sandbox=True)
    check_addresses(["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"], in_sandbox=False)


def test_a_name_that_does_not_resolve_is_tried_again_later() -> None:
    with pytest.raises(CarrierError, match="resolved"):
        HookClient(False)("https://no-such-name.invalid/", b"{}", {})


def test_the_signature_is_the_conventions_own() -> None:
    """The example that the convention publishes."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    made = signature("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", body, secret)
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert len(new_secret(b"x" * 32)) <= 80
    assert [pause_after(n) is None for n in (1, 6, 7)] == [False, False, True]
    assert len(EVENTS) == 6
    with pytest.raises(ValueError, match="whsec_"):
        headers("x", __import__("datetime").datetime.now(), b"", "plain")


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1", "127.0.0.1", "169.254.169.254", "100.64.0.1", "192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.7",
        "203.0.113.7", "224.0.0.1", "240.0.0.1", "255.255.255.255", "0.0.0.0", "::", "::1", "::7f00:1", "::ffff:10.0.0.1",
        "64:ff9b::a00:1", "64:ff9b:1::1", "100::1", "100:0:0:1::1", "2001::1", "2001:2::1", "2001:10::1", "2001:db8::1", "2002:a00:1::", "3fff::1",
        "3fff:fff::1", "5f00::1", "fc00::1", "fd12::1", "fe80::1", "fec0::1", "feff::1", "ff02::1",
    ],
)  # fmt: skip
def test_what_only_looks_public_is_not_sent_to(address: str) -> None:
    with pytest.raises(Refused):
        check_addresses([address], in_sandbox=False)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_what_is_public_is_sent_to(address: str) -> None:
    check_addresses([address], in_sandbox=False)


@pytest.mark.parametrize("port", [1, 22, 25, 53, 445, 587, 993])
def test_the_port_of_another_service_is_refused(port: int) -> None:
    with pytest.raises(Refused, match="use 443, or one from 1024 on"):
        read_url(f"https://example.com:{port}/hook", in_sandbox=False)


@pytest.mark.parametrize("port", [443, 8443, 9000])
def test_a_port_of_the_web_is_taken(port: int) -> None:
    assert read_url(f"https://example.com:{port}/hook", in_sandbox=False).port == port


def test_a_calendar_that_trickles_or_never_ends_is_cut_off() -> None:
    with server(trickle(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")) as url:
        began = time.monotonic()
        with pytest.raises(CarrierError):
            CalendarClient(True, 1000, LIMIT)(url, {})
        assert time.monotonic() - began < LIMIT + 0.5
    with server(lambda peer: peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_000)) as url:
        status, content = CalendarClient(True, 1000, LIMIT)(url, {})
    assert (status, 1000 <= len(content) < 100_000) == (200, True)


def test_a_calendar_is_never_read_from_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "_resolve", lambda *_: ["169.254.169.254"])
    for url in ("https://calendar.example.com/a.ics", "http://127.0.0.1/a.ics", "https://10.0.0.1/a.ics"):
        with pytest.raises(Refused):
            CalendarClient(False, 1000)(url, {})
