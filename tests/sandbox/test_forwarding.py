"""An inbound call that rings the desk: who answers, who goes, what the product hears of it, and whose phone it is."""

from collections.abc import Iterator

import pytest

from tests.sandbox.shop import CUSTOMER, OWN, Shop

DESK, ELSEWHERE = "+15145550170", "+15145550171"


def forward(more: str = "", number: str = DESK) -> str:
    return (
        f'<Dial action="URL/dialled" timeout="20"{more}><Number statusCallback="URL/leg"'
        f' statusCallbackEvent="initiated ringing answered completed">{number}</Number></Dial>'
    )


@pytest.fixture(scope="module")
def opened() -> Iterator[Shop]:
    shop = Shop()
    yield shop
    shop.close()


@pytest.fixture
def shop(opened: Shop) -> Iterator[Shop]:
    opened.passes(100)
    opened.heard.clear()
    opened.replies.clear()
    opened.network.errors.clear()
    opened.desk.put("/knobs", json={"ended_first": False, "left_dial": "asked"})
    yield opened
    assert (opened.forged, opened.network.errors) == ([], [])


def test_the_desk_answers_and_speaks_with_the_caller(shop: Shop) -> None:
    shop.says("/twilio/voice", forward())
    shop.says("/dialled", "<Hangup/>")
    sid = shop.dials()
    shop.passes(3)
    child = shop.child(sid)
    assert (shop.leg(sid).waits, child.waits, child.from_number) == ("dial", "ring", CUSTOMER)
    shop.does(child.sid, "answer")
    shop.passes(60)
    assert (shop.leg(sid).waits, child.waits) == ("talk", "talk")
    shop.does(child.sid, "hang-up")
    shop.passes(1)
    told = shop.forms("/dialled")[0]
    assert (told["CallSid"], told["DialCallSid"], told["Direction"]) == (sid, child.sid, "inbound")
    assert (told["DialCallStatus"], told["DialBridged"], told["DialCallDuration"]) == ("completed", "true", "60")
    assert told["CallStatus"] == "in-progress"
    legs = shop.forms("/leg")
    assert [f["CallStatus"] for f in legs] == ["initiated", "ringing", "in-progress", "completed"]
    assert {(f["ParentCallSid"], f["Direction"]) for f in legs} == {(sid, "outbound-dial")}


BUSY_DESK = {"reject": "busy", "": "no-answer"}


@pytest.mark.parametrize("deed", BUSY_DESK)
def test_a_desk_that_does_not_answer_leads_to_the_message(shop: Shop, deed: str) -> None:
    shop.says("/twilio/voice", forward())
    shop.says("/dialled", "<Record action='URL/action'/>")
    sid = shop.dials()
    shop.passes(0.5)
    if deed:
        shop.does(shop.child(sid).sid, deed)
    shop.passes(26)
    told = shop.forms("/dialled")[0]
    assert (told["DialCallStatus"], told["DialBridged"], told["DialCallDuration"]) == (BUSY_DESK[deed], "false", "0")
    assert shop.leg(sid).heard_tone


def test_the_desks_mailbox_counts_as_a_talk(shop: Shop) -> None:
    shop.says("/twilio/voice", forward())
    sid = shop.dials()
    shop.passes(0.5)
    shop.does(shop.child(sid).sid, "mailbox")
    shop.passes(30)
    told = shop.forms("/dialled")[0]
    assert (told["DialCallStatus"], told["DialBridged"], told["DialCallDuration"]) == ("completed", "true", "20")


@pytest.mark.parametrize("ended_first", [False, True])
def test_a_caller_who_goes_while_it_rings(shop: Shop, ended_first: bool) -> None:
    shop.desk.put("/knobs", json={"ended_first": ended_first})
    shop.says("/twilio/voice", forward())
    sid = shop.dials()
    shop.passes(5)
    shop.does(sid, "hang-up")
    shop.passes(1)
    told = shop.forms("/dialled")[0]
    assert (told["CallStatus"], told["DialCallStatus"], told["DialBridged"]) == ("completed", "canceled", "false")
    assert shop.child(sid).status == "canceled"
    assert shop.forms("/leg")[-1]["CallStatus"] == "canceled"
    race = [path for path in shop.paths() if path in ("/dialled", "/twilio/voice/ended")]
    assert race == ["/twilio/voice/ended", "/dialled"] if ended_first else ["/dialled", "/twilio/voice/ended"]


def test_a_caller_who_goes_after_the_talk(shop: Shop) -> None:
    shop.says("/twilio/voice", forward())
    sid = shop.dials()
    shop.passes(0.5)
    shop.does(shop.child(sid).sid, "answer")
    shop.passes(9)
    shop.does(sid, "hang-up")
    shop.passes(1)
    told = shop.forms("/dialled")[0]
    assert (told["CallStatus"], told["DialCallStatus"], told["DialBridged"]) == ("completed", "completed", "true")
    assert told["DialCallDuration"] == "9"
    assert len(shop.forms("/dialled")) == 1


def test_a_carrier_that_asks_nothing_of_who_has_gone(shop: Shop) -> None:
    shop.desk.put("/knobs", json={"left_dial": "not-asked"})
    shop.says("/twilio/voice", forward())
    sid = shop.dials()
    shop.does(sid, "hang-up")
    shop.passes(1)
    assert "/dialled" not in shop.paths()
    assert shop.child(sid).status == "canceled"


FORBIDDEN = {"a number that is none": (forward(number="911"), 13223), "a stranger's caller ID": (forward(f' callerId="{ELSEWHERE}"'), 13214)}  # fmt: skip


@pytest.mark.parametrize("document,code", FORBIDDEN.values(), ids=FORBIDDEN)
def test_what_cannot_be_dialled_fails(shop: Shop, document: str, code: int) -> None:
    shop.says("/twilio/voice", document)
    shop.dials()
    shop.passes(1)
    assert shop.forms("/dialled")[0]["DialCallStatus"] == "failed"
    assert shop.forms("/leg") == []
    assert [e["code"] for e in shop.network.errors] == [code]
    shop.network.errors.clear()


def phones(shop: Shop) -> dict[str, str]:
    return {p["number"]: p["role"] for p in shop.desk.get("/state").json()["phones"]}


def test_a_number_that_is_nobodys_gets_a_phone(shop: Shop) -> None:
    shop.says("/twilio/voice", forward())
    shop.dials()
    shop.passes(0.5)
    assert phones(shop)[DESK] == "other"
    form = {"To": "+15145550180", "From": OWN, "Body": "Your message was left."}
    assert shop.rest.post("/Messages.json", data=form).status_code == 201
    assert phones(shop)["+15145550180"] == "other"
    assert shop.desk.post("/calls", json={"from": "+15145550180"}).status_code == 200
    assert phones(shop)["+15145550180"] == "customer"
