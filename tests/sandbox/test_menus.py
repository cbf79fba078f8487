"""Menus in an inbound call: before the message and after it, and callers who speak or go too early."""

from collections.abc import Iterator

import pytest

from sandbox.audio import silence
from tests.sandbox.shop import CUSTOMER, Shop

LANGUAGE = '<Gather numDigits="1" timeout="2" action="URL/language"><Say>For English, press 1.</Say></Gather>'
CAN_WAIT = '<Gather numDigits="1" timeout="2" action="URL/wait"><Say>If it can wait, press 2.</Say></Gather>'
RECORD = '<Record action="URL/action" finishOnKey="#" timeout="5" recordingStatusCallback="URL/recording"/>'
CONFIRM = (
    '<Say>Thank you.</Say><Gather finishOnKey="#" timeout="5" action="URL/number"><Say>Type your number, then #.</Say>'
    "</Gather><Say>Goodbye.</Say><Hangup/>"
)


@pytest.fixture(scope="module")
def opened() -> Iterator[Shop]:
    shop = Shop(reading_rate=10.0)
    yield shop
    shop.close()


@pytest.fixture
def shop(opened: Shop) -> Iterator[Shop]:
    opened.passes(100)
    opened.heard.clear()
    opened.replies.clear()
    opened.network.errors.clear()
    yield opened
    assert (opened.forged, opened.network.errors) == ([], [])


def speaks(shop: Shop, sid: str, seconds: int) -> None:
    with shop.network.lock:
        shop.network.calls.speak(sid, silence(seconds), seconds)


def words(shop: Shop, sid: str) -> list[str]:
    return [item.get("text", "(tone)") for item in shop.leg(sid).heard]


# --- menus before the message ---


def test_two_menus_that_nobody_answers_lead_to_the_tone(shop: Shop) -> None:
    shop.says("/twilio/voice", LANGUAGE, CAN_WAIT, RECORD)
    sid = shop.dials()
    shop.passes(2.1 + 2 + 2.4 + 1.8)
    assert (shop.leg(sid).waits, words(shop, sid)) == ("gather", ["For English, press 1.", "If it can wait, press 2."])
    shop.passes(0.4)
    assert (shop.leg(sid).waits, words(shop, sid)[-1]) == ("record", "(tone)")
    assert shop.paths() == ["/twilio/voice"]


def test_a_key_stops_the_prompt_and_asks_the_action(shop: Shop) -> None:
    two = "<Gather numDigits='1' timeout='2' action='URL/language'><Say>One.</Say><Pause length='3'/><Say>Two.</Say></Gather>"
    shop.says("/twilio/voice", two, RECORD)
    shop.says("/language", CAN_WAIT, RECORD)
    sid = shop.dials()
    shop.passes(1)
    shop.does(sid, "keys", keys="1")
    shop.passes(0.1)
    assert words(shop, sid) == ["One.", "If it can wait, press 2."]
    form = shop.forms("/language")[0]
    assert (form["Digits"], form["CallStatus"], form["FinishedOnKey"]) == ("1", "in-progress", "")
    shop.passes(10)
    assert words(shop, sid)[-1] == "(tone)"


def test_silence_counts_from_the_end_of_the_prompt(shop: Shop) -> None:
    shop.says("/twilio/voice", LANGUAGE.replace("For English", "For English and for everything else"), RECORD)
    sid = shop.dials()
    shop.passes(5)
    assert shop.leg(sid).waits == "gather"
    shop.passes(3)
    assert shop.leg(sid).waits == "record"


def test_a_hang_up_in_a_menu_asks_nothing(shop: Shop) -> None:
    shop.says("/twilio/voice", LANGUAGE, RECORD)
    sid = shop.dials()
    shop.does(sid, "hang-up")
    shop.passes(5)
    assert shop.paths() == ["/twilio/voice", "/twilio/voice/ended"]


def test_what_is_said_too_early_is_kept_for_the_tone(shop: Shop) -> None:
    shop.says("/twilio/voice", LANGUAGE, CAN_WAIT, RECORD)
    sid = shop.dials()
    speaks(shop, sid, 12)
    shop.does(sid, "hang-up")
    shop.passes(2)
    assert (shop.leg(sid).is_over, shop.leg(sid).said) == (False, 0)
    shop.passes(8)
    action = shop.forms("/action")[0]
    assert (action["RecordingDuration"], action["Digits"], action["CallStatus"]) == ("12", "hangup", "completed")
    assert shop.leg(sid).is_over


def test_who_hangs_up_twice_does_not_wait_for_the_tone(shop: Shop) -> None:
    shop.says("/twilio/voice", LANGUAGE, RECORD)
    sid = shop.dials()
    speaks(shop, sid, 12)
    shop.does(sid, "hang-up")
    shop.does(sid, "hang-up")
    shop.passes(5)
    assert shop.paths() == ["/twilio/voice", "/twilio/voice/ended"]


# --- menus after the message ---


def left(shop: Shop) -> str:
    """A message was left with #, and the menu after it waits."""
    shop.says("/twilio/voice", RECORD)
    shop.says("/action", CONFIRM)
    sid = shop.dials()
    speaks(shop, sid, 7)
    shop.does(sid, "keys", keys="#")
    shop.passes(0.1)
    assert shop.leg(sid).waits == "gather"
    return sid


def test_a_number_typed_after_the_message_ends_with_its_key(shop: Shop) -> None:
    sid = left(shop)
    shop.does(sid, "keys", keys="5145550171")
    shop.passes(4)
    assert "/number" not in shop.paths()
    shop.does(sid, "keys", keys="#")
    shop.passes(0.1)
    form = shop.forms("/number")[0]
    assert (form["Digits"], form["FinishedOnKey"]) == ("5145550171", "#")


def test_a_number_typed_without_its_key_is_asked_after_silence(shop: Shop) -> None:
    sid = left(shop)
    shop.does(sid, "keys", keys="51")
    shop.passes(5.1)
    assert shop.forms("/number")[0]["Digits"] == "51"


def test_the_last_key_alone_goes_on_and_asks_nobody(shop: Shop) -> None:
    sid = left(shop)
    shop.does(sid, "keys", keys="#")
    shop.passes(1)
    assert words(shop, sid)[-1] == "Goodbye."
    assert "/number" not in shop.paths()


def test_nobody_speaks_into_a_menu_after_the_message(shop: Shop) -> None:
    sid = left(shop)
    answer = shop.desk.post(f"/calls/{sid}/voice", json={"sample": "en-mail-down"})
    assert answer.status_code == 400
    assert "waits for gather" in answer.json()["error"]


def test_the_state_tells_what_a_menu_waits_for(shop: Shop) -> None:
    sid = left(shop)
    shop.does(sid, "keys", keys="51")
    legs = next(p for p in shop.desk.get("/state").json()["phones"] if p["number"] == CUSTOMER)["legs"]
    assert legs[-1]["menu"] == {"keys": "51", "most": 0, "finish": "#"}
    assert (legs[-1]["said"], legs[-1]["heard_tone"]) == (7, True)
