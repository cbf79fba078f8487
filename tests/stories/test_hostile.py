"""A carrier that repeats itself, hangs up, or is not the carrier: the same night comes out."""

import random
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest
from sqlmodel import func, select

from callbacks.store.sql import tables
from sandbox.signing import sign
from tests.faults.desk import eventually
from tests.night import Night, seconds

CALL = "CA" + "a" * 32


def finished_call(night: Night, **more: str) -> dict[str, str]:
    return {"CallSid": CALL, "AccountSid": night.settings.account_sid, "From": "+15145550142", "To": "+15145550100",
            "RecordingSid": "RE" + "b" * 32, "RecordingDuration": "9", "CallStatus": "completed", **more}  # fmt: skip


def count(night: Night, table: Any) -> int:
    with night.database.read() as session:
        return int(session.exec(select(func.count()).select_from(table)).one())


class Recorder:
    """Notes every webhook of the night."""

    def __init__(self, night: Night) -> None:
        self.sent = list[tuple[str, dict[str, str]]]()
        sender = night.network.sender
        self._send = sender.send
        sender.send = self.send

    def send(self, url: str, form: Mapping[str, str], method: str = "POST") -> Any:
        self.sent.append((url, dict(form)))
        return self._send(url, form, method)


@pytest.mark.storage
def test_a_days_webhooks_played_again_in_any_order_change_nothing(night: Night) -> None:
    """F88, F04, I4: each of them is signed and was taken once."""
    recorder = Recorder(night)
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").is_called_back_by("3").presses("1")
    night.customer.answers(and_talks_for=seconds(40))
    ana.presses("1").proves("6 rerouted")
    night.minutes_pass(40)
    facts, sent, before = night.facts(), count(night, tables.Outbox), night.emergency()
    assert len(recorder.sent) > 12
    for seed in range(3):
        again = list(recorder.sent)
        random.Random(seed).shuffle(again)
        for url, form in again:
            answer = night.webhook(url, form)
            assert answer.status_code < 500
        night.settle()
    assert night.facts() == facts
    assert count(night, tables.Outbox) == sent
    assert night.emergency() == before
    ana.gets_sms("is ringing").gets_sms("is resolved")
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.nobody_else_was_contacted()


def test_a_webhook_that_failed_after_its_commit_is_asked_again_and_adds_nothing(night: Night) -> None:
    """F06, I3: everything is kept, the answer is 500, the carrier comes again."""
    ana, _ = night.on_call("ana", "bob")

    class Broken:
        def set(self) -> None:
            raise RuntimeError("after the commit")

    wake = night.context.wake
    object.__setattr__(night.context, "wake", Broken())
    assert night.webhook("/twilio/voice/message", finished_call(night)).status_code == 500
    object.__setattr__(night.context, "wake", wake)
    with suppress(httpx.ReadError):  # the server has closed the connection of the failure
        night.web.get("/healthz")
    facts = count(night, tables.Ledger)
    assert facts > 0
    assert night.webhook("/twilio/voice/message", finished_call(night)).status_code == 200
    assert count(night, tables.Ledger) == facts
    ana.gets_sms("E-000001")
    night.nobody_else_was_contacted()


def test_a_carrier_that_hangs_up_early_loses_nothing(night: Night) -> None:
    """F09, I3: whole requests are carried out though nobody waits for the answer; half ones never came."""
    ana, _ = night.on_call("ana", "bob")
    url, form = f"{night.address}/twilio/voice/message", finished_call(night)
    signature = sign(night.settings.webhook_tokens[0], url, form)
    body = "&".join(f"{k}={v.replace('+', '%2B')}" for k, v in form.items()).encode()
    head = (
        f"POST /twilio/voice/message HTTP/1.1\r\nHost: x\r\nX-Twilio-Signature: {signature}\r\nContent-Length: {len(body)}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    ).encode()
    host, port = night.address.removeprefix("http://").split(":")
    for part in (head + body[:20], head + body):
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(part)
    eventually(lambda: count(night, tables.Ledger))
    night.settle()
    ana.gets_sms("E-000001")
    assert len(night.emergencies()) == 1
    night.nobody_else_was_contacted()


@pytest.fixture
def trap() -> Iterator[tuple[str, list[str]]]:
    """An address of this machine that must never be asked."""
    asked = list[str]()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()


@pytest.mark.parametrize("field", ["RecordingUrl", "MediaUrl0", "TranscriptionUrl", "Url"])
def test_no_address_in_a_webhook_is_ever_asked(night: Night, trap: tuple[str, list[str]], field: str) -> None:
    """SSRF: what is fetched is built from a checked SID, never read from a request."""
    url, asked = trap
    ana, _ = night.on_call("ana", "bob")
    for path in ("voice/message", "voice/recording", "voice/ended", "sms"):
        form = finished_call(night, MessageSid="SM" + "c" * 32, Body="x", NumMedia="1", RecordingStatus="completed")
        assert night.webhook(f"/twilio/{path}", {**form, field: f"{url}/internal"}).status_code == 200
    night.minutes_pass(1)
    ana.gets_sms("E-000001")
    assert asked == []
    ana.gets_sms("the customer writes")
    night.nobody_else_was_contacted()


@pytest.mark.parametrize(
    "sid", ["RE" + "b" * 31 + "/", "../../etc/passwd", "RE" + "g" * 32, "re" + "b" * 32, "RE" + "b" * 33, ""]
)
def test_a_recording_is_named_by_a_sid_and_nothing_else(night: Night, sid: str) -> None:
    """SSRF, path traversal: anything else is paged and never fetched."""
    ana, _ = night.on_call("ana", "bob")
    assert night.webhook("/twilio/voice/message", finished_call(night, RecordingSid=sid)).status_code == 200
    night.minutes_pass(1)
    ana.gets_sms("E-000001")
    with night.database.read() as session:
        assert session.exec(select(tables.Outbox).where(tables.Outbox.kind == "audio")).all() == []
    night.nobody_else_was_contacted()
