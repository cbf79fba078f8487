"""The carrier's REST API on the desk: credentials, faults, lists, and the official SDK as its client."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from app.server import Server, listen_on
from callbacks.telephony.gateway import CarrierError
from callbacks.telephony.transport import HttpxTransport
from callbacks.telephony.twilio import TwilioGateway
from sandbox.app import create_sandbox
from sandbox.config import Phone, SandboxConfig
from tests import http
from tests.clock import HandClock

ACCOUNT, TOKEN, OWN, TECH = "AC" + "5a" * 16, "t" * 32, "+15145550100", "+15145550111"


class Desk:
    def __init__(self) -> None:
        self.clock = HandClock()
        listener = listen_on("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        phones = (Phone(TECH, "ana", "technician"), Phone("+15145550142", "Priya", "customer"))
        app = create_sandbox(SandboxConfig(ACCOUNT, TOKEN, OWN, phones), self.clock)
        self.network = app.state.network
        self.server = Server(app, listener)
        self.server.start()
        self.sdk = Client(ACCOUNT, TOKEN, http_client=HttpxTransport(self.url))
        self.gateway = TwilioGateway(ACCOUNT, ACCOUNT, TOKEN, OWN, self.url)
        self.http = http.Client(base_url=f"{self.url}/2010-04-01/Accounts/{ACCOUNT}", auth=(ACCOUNT, TOKEN))

    def passes(self, seconds: float) -> None:
        end = self.clock.now() + timedelta(seconds=seconds)
        self.network.run_due()
        while (due := self.network.next_due()) and due <= end:
            self.clock.turn_to(max(due, self.clock.now()))
            self.network.run_due()
        self.clock.turn_to(end)


@pytest.fixture(scope="module")
def opened() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.http.close()
    desk.server.stop()
    desk.network.close()


@pytest.fixture
def desk(opened: Desk) -> Desk:
    opened.network.calls.all.clear()
    opened.network.texts.all.clear()
    opened.network.texts.stopped.clear()
    return opened


def test_wrong_credentials_are_20003(desk: Desk) -> None:
    answer = http.get(f"{desk.url}/2010-04-01/Accounts/{ACCOUNT}/Calls.json", auth=(ACCOUNT, "wrong"))
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)


def test_another_account_is_not_found(desk: Desk) -> None:
    answer = http.get(f"{desk.url}/2010-04-01/Accounts/AC{'0' * 32}/Calls.json", auth=(ACCOUNT, TOKEN))
    assert (answer.status_code, answer.json()["code"]) == (404, 20404)


MESSAGE = {"To": TECH, "From": OWN, "Body": "x"}
CALL = {"To": TECH, "From": OWN, "Url": "https://a.example/x"}
REFUSED = [
    ("Messages", MESSAGE | {"To": ""}, 21604), ("Messages", MESSAGE | {"To": "5145550111"}, 21211),
    ("Messages", MESSAGE | {"To": "+266696687"}, 21211), ("Messages", MESSAGE | {"From": "+15145550142"}, 21606),
    ("Messages", MESSAGE | {"To": OWN}, 21266), ("Messages", MESSAGE | {"Body": ""}, 21602),
    ("Messages", MESSAGE | {"Body": "x" * 1601}, 21617), ("Messages", MESSAGE | {"StatusCallback": "/x"}, 21609),
    ("Messages", MESSAGE | {"ValidityPeriod": "0"}, 21621), ("Messages", MESSAGE | {"Colour": "red"}, 20001),
    ("Calls", CALL | {"To": ""}, 21201), ("Calls", CALL | {"To": "911"}, 21211), ("Calls", CALL | {"Url": ""}, 21205),
    ("Calls", CALL | {"From": TECH}, 21210), ("Calls", CALL | {"StatusCallbackEvent": "done"}, 21626),
    ("Calls", CALL | {"Timeout": "601"}, 20001),
]  # fmt: skip


@pytest.mark.parametrize("what,form,code", REFUSED)
def test_what_the_carrier_refuses(desk: Desk, what: str, form: dict[str, str], code: int) -> None:
    answer = desk.http.post(f"/{what}.json", data=form)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert set(answer.json()) == {"code", "message", "more_info", "status"}


def test_somebody_who_opted_out_is_21610(desk: Desk) -> None:
    desk.network.texts.receive(TECH, " stop ")
    assert desk.http.post("/Messages.json", data=MESSAGE).json()["code"] == 21610
    desk.network.texts.receive(TECH, "START")
    assert desk.http.post("/Messages.json", data=MESSAGE).status_code == 201


def test_the_official_sdk_sends_fetches_and_lists(desk: Desk) -> None:
    sent = desk.sdk.messages.create(to=TECH, from_=OWN, body="é", validity_period=120)
    assert (sent.status, sent.num_segments, sent.sid[:2]) == ("queued", "1", "SM")
    desk.passes(1)
    assert desk.sdk.messages(sent.sid).fetch().status == "delivered"
    call = desk.sdk.calls.create(to=TECH, from_=OWN, url="https://a.example/x")
    assert (call.status, call.start_time) == ("queued", None)
    desk.passes(100)
    assert desk.sdk.calls(call.sid).fetch().status == "no-answer"
    assert [c.sid for c in desk.sdk.calls.list(to=TECH)] == [call.sid]
    with pytest.raises(TwilioRestException):
        desk.sdk.calls("CA" + "0" * 32).fetch()


def test_lists_come_in_pages_newest_first(desk: Desk) -> None:
    sids = [desk.sdk.messages.create(to=TECH, from_=OWN, body=str(n)).sid for n in range(7)]
    found = [m.sid for m in desk.sdk.messages.list(to=TECH, page_size=3)]
    assert found == sids[::-1]


def test_a_queued_call_can_be_cancelled_and_a_dead_one_not_redirected(desk: Desk) -> None:
    call = desk.sdk.calls.create(to=TECH, from_=OWN, url="https://a.example/x")
    assert desk.sdk.calls(call.sid).update(status="canceled").status == "canceled"
    with pytest.raises(TwilioRestException) as refused:
        desk.sdk.calls(call.sid).update(url="https://a.example/y")
    assert refused.value.code == 21220


def test_the_numbers_addresses_can_be_set(desk: Desk) -> None:
    number = desk.sdk.incoming_phone_numbers.list(phone_number=OWN)[0]
    number.update(voice_url="https://a.example/twilio/voice#rc=2&rp=all")
    assert desk.sdk.incoming_phone_numbers(number.sid).fetch().voice_url.endswith("rp=all")
    assert desk.sdk.api.accounts(ACCOUNT).fetch().status == "active"


FAILURES = [
    ({"rate_limited": True}, (False, False)),
    ({"refuse": {"status": 500, "code": 20500}}, (False, True)),
    ({"refuse": {"status": 403, "code": 20003}}, (True, False)),
    ({"error_after_accept": True}, (False, True)),
]


@pytest.mark.parametrize("knob,expected", FAILURES)
def test_each_failure_says_whether_retrying_is_pointless(
    desk: Desk, knob: dict[str, object], expected: tuple[bool, bool]
) -> None:
    control = http.Client(base_url=f"{desk.url}/sandbox/api")
    control.put("/knobs", json={"rest": knob})
    try:
        with pytest.raises(CarrierError) as caught:
            desk.gateway.send_text(TECH, "x", "https://a.example/x", 60)
        assert (caught.value.refused, caught.value.ambiguous) == expected
    finally:
        control.put("/knobs", json={"rest": {"rate_limited": False, "refuse": None, "error_after_accept": False}})


def test_a_carrier_that_is_not_there_was_not_reached(desk: Desk) -> None:
    nowhere = TwilioGateway(ACCOUNT, ACCOUNT, TOKEN, OWN, "http://127.0.0.1:9")
    with pytest.raises(CarrierError) as caught:
        nowhere.send_text(TECH, "x", "https://a.example/x", 60)
    assert (caught.value.refused, caught.value.ambiguous) == (False, False)


@pytest.mark.parametrize(
    "method,path,body",
    [("POST", "/calls", {"from": "somebody"}), ("POST", "/calls", {"from": OWN}), ("POST", "/calls/CA1/answer", {}), ("POST", "/calls/CA1/keys", {"keys": "x"}),
     ("POST", "/calls/CA1/dance", {}), ("PUT", "/knobs", {"callbacks": {"drop": 2}}), ("PUT", "/knobs", {"colour": "red"})],
)  # fmt: skip
def test_a_wish_that_cannot_be_says_why(desk: Desk, method: str, path: str, body: dict[str, object]) -> None:
    answer = http.request(method, f"{desk.url}/sandbox/api{path}", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_the_page_needs_nothing_from_elsewhere(desk: Desk) -> None:
    page = http.get(f"{desk.url}/sandbox/")
    assert "default-src 'self'" in page.headers["content-security-policy"]
    for name in ("desk.js", "phones.js", "wav.js", "desk.css"):
        text = http.get(f"{desk.url}/sandbox/static/{name}").text
        assert "http://" not in text.replace("http://www.w3.org", "")
        assert "https://" not in text
    assert "<script>" not in page.text
    assert http.get(f"{desk.url}/sandbox/samples/fr-courriel.wav").content[:4] == b"RIFF"
    assert http.get(f"{desk.url}/sandbox/static/..%2Fdesk.html").status_code == 404
