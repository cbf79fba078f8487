"""Other systems are told: signed, again until they take it, never into our own network, and never in a page's way."""

import base64
import hashlib
import hmac
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from app.main import create_app
from app.server import Server, listen_on
from callbacks.store.sql import audits, subscriptions
from tests import http
from tests.night import Night, minutes, seconds

ALL = ["opened", "acknowledged", "at_risk", "reached", "missed", "resolved"]


class Receiver(ThreadingHTTPServer):
    """Somebody else's server; answers as it is told to and keeps what it got."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status, self.words, self.moved_to = 200, "thanks", ""
        self.got: list[tuple[dict[str, str], bytes]] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook?team=7"

    def types(self) -> list[str]:
        return [json.loads(body)["type"] for _, body in self.got]


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server: Any = self.server
        body = self.rfile.read(int(self.headers["content-length"]))
        server.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
        self.send_response(server.status)
        if server.moved_to:
            self.send_header("Location", server.moved_to)
        self.end_headers()
        self.wfile.write(server.words.encode())

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    yield server
    server.shutdown()
    server.server_close()


def subscribe(night: Night, url: str, *events: str) -> tuple[str, str]:
    """(id, secret) of a subscription made on the page."""
    answer = night.web.post("/webhooks", data={"url": url, "events": list(events) or ALL})
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    secret = re.search(r"whsec_[\w+/=]+", answer.text)
    assert secret and secret[0] not in night.web.get("/webhooks").text
    with night.database.read() as session:
        return subscriptions.everyone(session)[-1].id, secret[0]


def sent(night: Night) -> list[subscriptions.Delivery]:
    with night.database.read() as session:
        return subscriptions.deliveries(session, 100)


def press(night: Night, path: str, **form: str) -> None:
    answer = night.web.post(f"/webhooks/{path}", data=form)
    assert answer.status_code == 303, answer.text
    night.settle()


def signed_by(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """As a receiver would check it that has only the convention to go by."""
    key = base64.b64decode(secret.split("_", 1)[1])
    text = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body.decode()}"
    made = base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode()
    return headers["webhook-signature"] == f"v1,{made}"


def test_a_night_is_told_as_it_goes_and_each_message_is_signed(night: Night, receiver: Receiver) -> None:
    _, secret = subscribe(night, receiver.url)
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("1").gets_sms("is yours")
    headers = {"Authorization": f"Bearer {night.token('supervisor')}"}
    post = night.web.post("/api/v1/emergencies/E-000001/handover", json={"to": "bob"}, headers=headers)
    assert post.status_code == 200
    bob.gets_sms("was handed over to you")
    bob.is_called_back_by("3").gets_sms("is ringing").presses("1")
    night.customer.answers(and_talks_for=seconds(40))
    bob.presses("1").proves("6 rerouted").gets_sms("resolved")
    expected = ["opened", "acknowledged", "acknowledged", "reached", "resolved"]
    assert receiver.types() == [f"emergency.{name}" for name in expected]
    for headers, body in receiver.got:
        assert signed_by(secret, headers, body)
        assert not signed_by("whsec_" + base64.b64encode(b"x" * 32).decode(), headers, body)
        assert abs(int(headers["webhook-timestamp"]) - night.clock.now().timestamp()) < 300
        told = json.loads(body)
        assert (told["id"], told["drill"], told["data"]["ref"]) == (headers["webhook-id"], False, "E-000001")
    owners = [json.loads(body)["data"]["acknowledged_by"] for _, body in receiver.got]
    assert owners == [None, "ana", "bob", "bob", "bob"]
    assert json.loads(receiver.got[3][1])["data"]["verdict"]["outcome"] == "met"
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 5
    assert {(d.state, d.status, d.answer, d.tries) for d in sent(night)} == {("sent", 200, "thanks", 1)}
    night.minutes_pass(60)
    assert len(receiver.got) == 5
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.nobody_else_was_contacted()


def test_at_risk_and_missed_are_told_to_those_who_asked(night: Night, receiver: Receiver) -> None:
    subscribe(night, receiver.url, "at_risk", "missed")
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    night.minutes_pass(19)
    assert receiver.got == []
    night.minutes_pass(5)
    assert receiver.types() == ["emergency.at_risk"]
    night.minutes_pass(10)
    assert receiver.types() == ["emergency.at_risk", "emergency.missed"]
    assert json.loads(receiver.got[1][1])["data"]["verdict"]["outcome"] == "missed"
    night.minutes_pass(60)
    assert len(receiver.got) == 2
    assert ana and bob
    ana.gets_all("P1 E-")
    night.customer.gets_all("we have your message", "we promised to call you")
    bob.gets_all("P1 E-")
    night.sue.gets_all("P1 E-", "AT RISK", "MISSED E-")
    night.nobody_else_was_contacted()


def test_it_is_sent_again_with_back_off_and_given_up_in_the_end(night: Night, receiver: Receiver) -> None:
    hook, secret = subscribe(night, receiver.url)
    receiver.status, receiver.words = 503, "no\x00t now " + "x" * 9000
    press(night, f"{hook}/test")
    for tries, pause in enumerate((5, 30, 120, 600, 3600, 6 * 3600), 1):
        assert len(receiver.got) == tries
        due = sent(night)[0].due_at
        assert pause <= (due - night.clock.now()).total_seconds() <= pause * 1.1
        night.until(due - seconds(0.1))
        assert len(receiver.got) == tries
        night.until(due)
    (d,) = sent(night)
    assert (d.state, d.tries, d.status, d.type) == ("failed", 7, 503, "webhook.test")
    assert d.answer.startswith("not now xxx")
    assert len(d.answer) == 200
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert len({body for _, body in receiver.got}) == 1
    assert len({headers["webhook-timestamp"] for headers, _ in receiver.got}) == 7
    assert all(signed_by(secret, *got) for got in receiver.got)
    night.passes(minutes(24 * 60))
    assert len(receiver.got) == 7
    receiver.status, receiver.words = 204, ""
    press(night, f"deliveries/{d.id}/replay")
    (again,) = sent(night)
    assert (again.state, again.tries, again.event_id, len(receiver.got)) == ("sent", 8, d.event_id, 8)
    assert receiver.got[7][0]["webhook-id"] == receiver.got[0][0]["webhook-id"]
    with night.database.read() as session:
        deeds = [row.action for row in audits.latest(session, action="webhook.")]
    assert deeds == ["webhook.replayed", "webhook.tested", "webhook.added"]
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_redirects_are_not_followed_and_410_ends_it(night: Night, receiver: Receiver) -> None:
    hook, _ = subscribe(night, receiver.url)
    receiver.status, receiver.moved_to = 302, receiver.url
    press(night, f"{hook}/test")
    assert (len(receiver.got), sent(night)[0].state) == (1, "queued")
    receiver.status, receiver.moved_to = 410, ""
    night.passes(seconds(6))
    (d,) = sent(night)
    assert (d.state, d.tries, d.status) == ("failed", 2, 410)
    assert "off since" in night.web.get("/webhooks").text
    with night.database.read() as session:
        assert audits.latest(session)[0].action == "webhook.disabled"
    night.on_call("ana", "bob")
    night.customer_leaves_message()
    night.people["ana"].gets_sms("E-000001").replies("1").gets_sms("is yours")
    assert len(receiver.got) == 2
    assert night.web.post(f"/webhooks/deliveries/{d.id}/replay").status_code == 409
    press(night, f"{hook}/state", state="enabled")
    press(night, f"{hook}/state", state="disabled")
    press(night, f"{hook}/deletion")
    assert "No subscriptions yet" in night.web.get("/webhooks").text
    assert "deleted" in night.web.get("/webhooks").text
    night.nobody_else_was_contacted()


def test_a_server_that_is_away_is_tried_again(night: Night, receiver: Receiver) -> None:
    gone = listen_on("127.0.0.1", 0)
    port = gone.getsockname()[1]
    gone.close()
    hook, _ = subscribe(night, f"http://127.0.0.1:{port}/")
    press(night, f"{hook}/test")
    (d,) = sent(night)
    assert (d.state, d.status, d.error) == ("queued", None, "ConnectError")
    night.nobody_else_was_contacted()


@pytest.mark.parametrize(
    "url,why",
    [
        ("ftp://example.com/", "https://"),
        ("http://example.com/", "https://"),
        ("https://me:secret@example.com/", "password"),
        ("https://10.0.0.1/", "private network"),
        ("https://169.254.169.254/latest/meta-data", "private network"),
        ("https://[fd00::1]/", "private network"),
        ("https://[::ffff:10.0.0.1]/", "private network"),
        ("https://[64:ff9b::a9fe:a9fe]/", "private network"),
        ("https://100.64.0.1/", "private network"),
        ("https://0.0.0.0/", "private network"),
        ("https://224.0.0.1/", "private network"),
        ("https://2130706433/", "public name"),
        ("https://0x7f.0x1/", "public name"),
        ("https://intranet/", "public name"),
        ("https://example.com/#x", "complete"),
        ("https:///x", "complete"),
        ("https://exa mple.com/", "characters"),
        ("https://example.com:99999/", "cannot be read"),
        ("", "https://"),
    ],
)
def test_an_address_that_is_not_sent_to_is_refused_with_why(night: Night, url: str, why: str) -> None:
    answer = night.web.post("/webhooks", data={"url": url, "events": ALL})
    assert answer.status_code == 422
    assert why in answer.text
    with night.database.read() as session:
        assert subscriptions.everyone(session) == []
    night.nobody_else_was_contacted()


def test_no_event_chosen_is_refused(night: Night) -> None:
    answer = night.web.post("/webhooks", data={"url": "https://example.com/"})
    assert (answer.status_code, "at least one event" in answer.text) == (422, True)
    assert 'value="https://example.com/"' in answer.text
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_auditors_see_states_and_hosts_but_no_words_and_technicians_nothing(night: Night, receiver: Receiver) -> None:
    hook, _ = subscribe(night, receiver.url)
    receiver.words = "said in private"
    night.on_call("ana", "bob")
    night.customer_leaves_message()
    night.people["ana"].gets_sms("E-000001").replies("1").gets_sms("is yours")
    opened = sent(night)[-1]
    shown = night.web.get(f"/webhooks/deliveries/{opened.id}").text
    assert night.customer.number in shown
    assert "said in private" in shown
    listener = listen_on("127.0.0.1", 0)
    server = Server(create_app(night.settings, night.context, without_login=False), listener)
    server.start()
    with http.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}") as web:
        assert web.get("/webhooks").status_code == 303
        web.cookies.set("callbacks_session", night.logged_in("auditor"))
        page = web.get("/webhooks").text
        assert "emergency.opened" in page
        assert "team=7" not in page
        assert "said in private" not in page
        assert "Add a subscription" not in page
        assert web.get(f"/webhooks/deliveries/{opened.id}").status_code == 403
        for path in ("", f"/{hook}/test", f"/{hook}/state", f"/{hook}/deletion", f"/deliveries/{opened.id}/replay"):
            assert web.post(f"/webhooks{path}").status_code == 403
        web.cookies.set("callbacks_session", night.logged_in("technician"))
        assert web.get("/webhooks").status_code == 403
    server.stop()
    french = night.web.get("/webhooks", headers={"Accept-Language": "fr"}).text
    assert "Abonnements" in french
    assert "prise en charge" in french
    assert night.web.get("/webhooks?before=2026-11-24T07:00:00").status_code == 400
    assert "emergency.opened" not in night.web.get("/webhooks?before=2026-11-24T07:00:00Z").text
    night.nobody_else_was_contacted()


def test_drills_say_so_and_blocked_callers_are_not_told(night: Night, receiver: Receiver) -> None:
    from callbacks.engine.jobs import drills
    from callbacks.store.sql import customers

    subscribe(night, receiver.url)
    night.on_call("ana", "bob")
    drills.begin(night.context, "ana")
    night.people["ana"].gets_sms("DRILL").replies("1").gets_sms("")
    assert [json.loads(body)["drill"] for _, body in receiver.got] == [True] * len(receiver.got)
    assert receiver.types() == ["emergency.opened", "emergency.acknowledged", "emergency.resolved"]
    with night.database.write() as session:
        customers.block(session, night.customer.number, "sue", "prank", "page", night.clock.now())
    night.customer.calls()
    night.settle()
    assert len(receiver.got) == 3
    night.nobody_else_was_contacted()
