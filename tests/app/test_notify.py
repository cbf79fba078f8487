"""Alarms reach the notify URLs, also when there is nobody to page."""

import email
import json
import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from app import notify
from callbacks.telephony.gateway import CarrierError
from tests.conftest import fresh_database
from tests.faults.desk import Desk, eventually


class Receiver(HTTPServer):
    """Keeps what it is sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.heard: list[str] = []
        self.status = 200


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        assert isinstance(self.server, Receiver)
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.heard.append(body["message"])
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing: the test looks at what was heard."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


def test_every_channel_is_told_and_a_refusal_is_an_error(receiver: Receiver) -> None:
    tell = notify.notifier(f"json://127.0.0.1:{receiver.server_port}/, json://127.0.0.1:{receiver.server_port}/two")
    assert tell is not None
    tell("E-000001 waits")
    assert len(receiver.heard) == 2
    receiver.status = 500
    with pytest.raises(CarrierError):
        tell("again")


def test_no_channel_is_none_and_an_unknown_kind_is_named_without_its_secret() -> None:
    assert notify.notifier(" ") is None
    assert notify.faults("carrierpigeon://secret@x json://127.0.0.1/") == ["carrierpigeon"]


def test_an_emergency_with_an_empty_roster_goes_to_the_notify_urls(receiver: Receiver, tmp_path: Path) -> None:
    """F46."""
    desk = Desk(fresh_database("sqlite", tmp_path), tmp_path)
    try:
        desk.environment["CALLBACKS_NOTIFY_URLS"] = f"json://127.0.0.1:{receiver.server_port}/"
        (tmp_path / "empty.toml").write_text("")
        desk.command("roster", "load", str(tmp_path / "empty.toml"))
        desk.start()
        desk.leave_message()
        told = eventually(lambda: receiver.heard)
        assert "NOBODY ON CALL for E-000001" in told[0]
    finally:
        desk.close()


class Mailbox(socketserver.ThreadingTCPServer):
    """Takes mail by SMTP and keeps it."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Smtp)
        self.mails: list[bytes] = []


class Smtp(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, Mailbox)
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                self.server.mails.append(b"".join(iter(self.rfile.readline, b".\r\n")))
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                return


def test_mail_is_plain_text_whatever_the_words_are() -> None:
    """A caller's words are no markup."""
    words = '<a href="https://evil.example">click</a> & <img src=x>'
    with Mailbox() as box:
        threading.Thread(target=box.serve_forever, daemon=True).start()
        tell = notify.notifier(
            f"mailto://127.0.0.1:{box.server_address[1]}/?from=us@example.com&to=sue@example.com&mode=insecure"
        )
        assert tell is not None
        tell(words)
        box.shutdown()
    [mail] = [email.message_from_bytes(raw) for raw in box.mails]
    parts = [part for part in mail.walk() if not part.is_multipart()]
    assert [part.get_content_type() for part in parts] == ["text/plain"]
    payload = parts[0].get_payload(decode=True)
    assert isinstance(payload, bytes) and words in payload.decode()
