"""How requests leave the desk: retries, redirects, methods, texts in their turn, and parameters by the book."""

from collections.abc import Iterator

import pytest

from sandbox.overrides import Overrides, overrides_of
from sandbox.rest import allowed
from tests.sandbox.shop import CUSTOMER, OWN, TECH, Reply, Shop


@pytest.fixture
def shop() -> Iterator[Shop]:
    shop = Shop()
    yield shop
    assert shop.forged == []
    shop.close()


OVERRIDES = {
    "https://a.example/x": Overrides(),
    "https://a.example/x#rc=2&rp=ct,rt,5xx&rt=4000": Overrides(2, frozenset({"ct", "rt", "5xx"}), 5, 4, 15),
    "https://a.example/x#rc=9&ct=1&tt=99999": Overrides(5, frozenset({"ct"}), 0.1, 15, 15),
    "https://a.example/x#rc=many&rp=none&rt=": Overrides(),
}


@pytest.mark.parametrize("url", OVERRIDES)
def test_what_a_fragment_asks(url: str) -> None:
    assert overrides_of(url) == OVERRIDES[url]


def test_only_what_the_fragment_names_is_tried_again(shop: Shop) -> None:
    shop.answers("/x", Reply(500))
    assert shop.network.sender.send(f"{shop.url}/x", {"A": "1"}).error == 11200
    assert len(shop.heard) == 1
    shop.network.sender.send(f"{shop.url}/x#rc=2&rp=5xx", {"A": "1"})
    assert len(shop.heard) == 4


def test_a_retry_carries_one_token_and_the_first_try_none(shop: Shop) -> None:
    shop.answers("/x", Reply(500), Reply(500), Reply(200))
    assert shop.network.sender.send(f"{shop.url}/x#rc=3&rp=all", {}).error is None
    tokens = [h.token for h in shop.heard]
    assert (tokens[0], tokens[1] == tokens[2] != None, len(tokens)) == (None, True, 3)  # noqa: E711


@pytest.mark.parametrize("status,method,form", [(302, "GET", {}), (307, "POST", {"A": "é +&"})])
def test_a_redirect_is_followed_and_may_lose_the_form(
    shop: Shop, status: int, method: str, form: dict[str, str]
) -> None:
    shop.answers("/x", Reply(status, headers={"location": "/y"}))
    assert shop.network.sender.send(f"{shop.url}/x", {"A": "é +&"}).status == 200
    assert (shop.heard[1].method, shop.heard[1].path, shop.heard[1].form) == (method, "/y", form)


def test_a_circle_of_redirects_is_11215(shop: Shop) -> None:
    shop.answers("/x", Reply(302, headers={"location": "/x"}))
    assert shop.network.sender.send(f"{shop.url}/x", {}).error == 11215
    assert len(shop.heard) == 11


def test_a_get_has_its_parameters_in_the_query(shop: Shop) -> None:
    shop.network.number.voice_method = "GET"
    shop.says("/twilio/voice", "<Hangup/>")
    sid = shop.dials()
    assert (shop.heard[0].method, shop.heard[0].form["CallSid"]) == ("GET", sid)


def test_a_text_goes_through_its_states(shop: Shop) -> None:
    form = {"To": TECH, "From": OWN, "Body": "x", "StatusCallback": f"{shop.url}/text"}
    sid = shop.rest.post("/Messages.json", data=form).json()["sid"]
    shop.passes(1)
    assert [(f["MessageSid"], f["MessageStatus"]) for f in shop.forms("/text")] == [(sid, "sent"), (sid, "delivered")]
    assert "Timestamp" not in shop.forms("/text")[0]


def test_a_text_is_answered_after_a_redirect(shop: Shop) -> None:
    shop.says("/twilio/sms", "<Redirect>URL/more</Redirect>")
    shop.says("/more", "<Message>Noted.</Message>")
    shop.desk.post("/messages", json={"from": TECH, "body": "1"})
    shop.passes(1)
    replies = [m for m in shop.network.texts.all.values() if m.direction == "outbound-reply"]
    assert [(m.body, m.to_number, m.status) for m in replies] == [("Noted.", TECH, "delivered")]


def test_the_text_fallback_is_told_what_failed(shop: Shop) -> None:
    shop.network.number.sms_fallback_url = f"{shop.url}/fallback"
    shop.answers("/twilio/sms", Reply(503))
    shop.desk.post("/messages", json={"from": CUSTOMER, "body": "help"})
    shop.passes(1)
    form = shop.forms("/fallback")[0]
    assert (form["Body"], form["ErrorCode"], form["ErrorUrl"]) == ("help", "11200", f"{shop.url}/twilio/sms")


def test_texts_wait_their_turn_or_expire() -> None:
    shop = Shop(message_rate=1.0)
    form = {"To": TECH, "From": OWN, "Body": "x", "ValidityPeriod": "2"}
    sids = [shop.rest.post("/Messages.json", data=form).json()["sid"] for _ in range(4)]
    shop.passes(1.5)
    states = [shop.network.texts.all[sid].status for sid in sids]
    shop.passes(10)
    last = shop.network.texts.all[sids[3]]
    shop.close()
    assert states == ["delivered", "delivered", "queued", "queued"]
    assert (last.status, last.error_code) == ("failed", 30036)


WRONG = [
    ("Calls", {"Method": "PUT"}), ("Calls", {"AsyncAmd": "yes"}), ("Calls", {"MachineDetection": "Always"}),
    ("Calls", {"MachineDetectionTimeout": "60"}), ("Calls", {"Record": "true"}), ("Calls", {"SendDigits": "1"}),
    ("Calls", {"TimeLimit": "0"}), ("Calls", {"Url": ["https://a.example/1", "https://a.example/2"]}),
    ("Messages", {"SmartEncoded": "1"}), ("Messages", {"MediaUrl": "https://a.example/x"}),
    ("Messages", {"MessagingServiceSid": "MG0"}),
]  # fmt: skip


@pytest.mark.parametrize("what,more", WRONG)
def test_a_value_that_cannot_be_is_refused(shop: Shop, what: str, more: dict[str, str]) -> None:
    form = {"To": TECH, "From": OWN, "Url": "https://a.example/x"}
    whole = form if what == "Calls" else {"To": TECH, "From": OWN, "Body": "x"}
    answer = shop.rest.post(f"/{what}.json", data=whole | more)
    assert (answer.status_code, answer.json()["code"]) == (400, 20001)


def test_a_body_that_is_no_form_is_refused(shop: Shop) -> None:
    assert shop.rest.post("/Messages.json", json={"To": TECH}).status_code == 400


def test_every_list_of_parameters_names_only_known_kinds() -> None:
    for operation in (allowed.CREATE_CALL, allowed.UPDATE_CALL, allowed.CREATE_MESSAGE, allowed.UPDATE_NUMBER):
        kinds = {k for k in operation.values() if isinstance(k, str)}
        assert kinds <= {allowed.TEXT, allowed.METHOD, allowed.BOOLEAN, allowed.ABSENT}


@pytest.mark.parametrize(
    "path,content,kind",
    [("/calls", b"[1]", "application/json"), ("/calls", b"{", "application/json"), ("/calls", b'{"colour":"red"}', "application/json"),
     ("/messages", b"{}", "application/json"), ("/calls/CA1/voice", b"{", "application/json"),
     ("/calls/CA1/voice", b"[]", "application/json"), ("/calls/CA1/voice", b"noise", "audio/wav")],
)  # fmt: skip
def test_a_wish_that_is_no_wish_is_a_400_with_a_reason(shop: Shop, path: str, content: bytes, kind: str) -> None:
    answer = shop.desk.post(path, content=content, headers={"content-type": kind})
    assert (answer.status_code, bool(answer.json()["error"])) == (400, True)
