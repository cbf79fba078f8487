"""Calls on the desk, told by what a product behind it hears: order, parameters, and what a person may do."""

from collections.abc import Iterator

import pytest

from sandbox.audio import length_of, silence
from tests.sandbox.shop import CUSTOMER, OWN, TECH, Reply, Shop

RECORD = (
    '<Say language="en-US">Speak.</Say><Record action="URL/action" finishOnKey="#" timeout="5"'
    ' recordingStatusCallback="URL/recording" recordingStatusCallbackEvent="in-progress completed absent"/>'
    '<Redirect method="POST">URL/after</Redirect>'
)
GATHER = '<Gather numDigits="1" timeout="4" action="URL/key"><Say>Press 1.</Say></Gather><Hangup/>'


def dial(more: str = "", number: str = "") -> str:
    return (
        f'<Dial action="URL/dialled" callerId="{OWN}" timeout="10"{more}>'
        f'<Number statusCallback="URL/leg" statusCallbackEvent="initiated ringing answered completed"{number}>'
        f"{CUSTOMER}</Number></Dial>"
    )


def speaks(shop: Shop, sid: str, seconds: int) -> None:
    """Somebody speaks into the recording, and that long passes."""
    with shop.network.lock:
        shop.network.calls.speak(sid, silence(seconds), seconds)
    shop.passes(seconds)


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
    opened.desk.put("/knobs", json={"silence": "saved", "amd": "auto", "webhooks_down": False})
    yield opened
    assert opened.forged == []


def test_a_message_ended_by_a_key(shop: Shop) -> None:
    shop.says("/twilio/voice", RECORD)
    sid = shop.dials()
    assert shop.forms("/twilio/voice")[0]["CallStatus"] == "ringing"
    speaks(shop, sid, 3)
    shop.does(sid, "keys", keys="#")
    shop.passes(1)
    assert shop.paths() == ["/twilio/voice", "/recording", "/action", "/twilio/voice/ended", "/recording"]
    action = shop.forms("/action")[0]
    assert (action["CallStatus"], action["Digits"], action["RecordingDuration"]) == ("in-progress", "#", "3")
    assert [f["RecordingStatus"] for f in shop.forms("/recording")] == ["in-progress", "completed"]
    assert "From" not in shop.forms("/recording")[1]
    audio = shop.rest.get(f"/Recordings/{action['RecordingSid']}.wav")
    assert (audio.headers["content-type"], audio.content[:4]) == ("audio/x-wav", b"RIFF")
    assert shop.network.errors == []


def test_a_hang_up_after_speech_asks_the_action_too(shop: Shop) -> None:
    shop.says("/twilio/voice", RECORD)
    sid = shop.dials()
    speaks(shop, sid, 2)
    shop.does(sid, "hang-up")
    shop.passes(1)
    action = shop.forms("/action")[0]
    assert (action["CallStatus"], action["Digits"]) == ("completed", "hangup")
    assert set(shop.paths()[1:]) == {"/action", "/twilio/voice/ended", "/recording"}


def test_what_is_said_in_two_goes_is_one_recording_of_both(shop: Shop) -> None:
    shop.says("/twilio/voice", RECORD)
    sid = shop.dials()
    speaks(shop, sid, 2)
    speaks(shop, sid, 1)
    shop.does(sid, "keys", keys="#")
    shop.passes(1)
    action = shop.forms("/action")[0]
    assert action["RecordingDuration"] == "3"
    assert length_of(shop.rest.get(f"/Recordings/{action['RecordingSid']}.wav").content) == 3


SILENCE = {"saved": ("/action", "completed"), "deleted": ("/action", "absent"), "falls-through": ("/after", None)}


@pytest.mark.parametrize("mode", SILENCE)
def test_silence_in_three_ways(shop: Shop, mode: str) -> None:
    asked, status = SILENCE[mode]
    shop.desk.put("/knobs", json={"silence": mode})
    shop.says("/twilio/voice", RECORD)
    shop.does(shop.dials(), "silence")
    shop.passes(6)
    assert {"/action", "/after"} & set(shop.paths()) == {asked}
    ends = [f["RecordingStatus"] for f in shop.forms("/recording")][1:]
    assert ends == ([status] if status else [])


def test_parameters_nobody_expects_come_with_every_request(shop: Shop) -> None:
    shop.says("/twilio/voice", GATHER)
    shop.does(shop.dials(extra={"StirVerstat": "TN-Validation-Passed-A"}, caller_id="anonymous"), "hang-up")
    shop.passes(1)
    for path in ("/twilio/voice", "/twilio/voice/ended"):
        form = shop.forms(path)[0]
        assert (form["From"], form["StirVerstat"], form["FromCity"]) == ("anonymous", "TN-Validation-Passed-A", "")


EVERY_EVENT = {"StatusCallbackEvent": ["initiated", "ringing", "answered", "completed"]}


def test_a_page_call_answered_by_a_key(shop: Shop) -> None:
    shop.says("/page", GATHER)
    sid = shop.calls(**EVERY_EVENT)  # type: ignore[arg-type]
    shop.does(sid, "answer")
    shop.passes(0.5)
    shop.does(sid, "keys", keys="1")
    shop.passes(1)
    told = shop.forms("/progress")
    assert [f["CallStatus"] for f in told] == ["initiated", "ringing", "in-progress", "completed"]
    assert [f["SequenceNumber"] for f in told] == ["0", "1", "2", "3"]
    assert (shop.forms("/key")[0]["Digits"], shop.forms("/page")[0]["Direction"]) == ("1", "outbound-api")


def test_a_mailbox_presses_nothing(shop: Shop) -> None:
    shop.says("/page", GATHER)
    sid = shop.calls()
    shop.does(sid, "mailbox")
    shop.passes(30)
    assert "/key" not in shop.paths()
    assert shop.forms("/progress")[-1]["CallStatus"] == "completed"


@pytest.mark.parametrize("later", [False, True])
def test_a_machine_is_detected_before_the_document_or_after(shop: Shop, later: bool) -> None:
    shop.says("/page", GATHER)
    more = {"AsyncAmd": "true", "AsyncAmdStatusCallback": f"{shop.url}/machine"} if later else {}
    sid = shop.calls(MachineDetection="Enable", **more)
    shop.does(sid, "mailbox")
    shop.passes(3)
    assert ("AnsweredBy" in shop.forms("/page")[0]) is not later
    assert [f["AnsweredBy"] for f in shop.forms("/machine")] == (["machine_start"] if later else [])
    assert shop.rest.get(f"/Calls/{sid}.json").json()["answered_by"] == "machine_start"


def test_a_time_limit_ends_the_call(shop: Shop) -> None:
    shop.says("/page", '<Pause length="60"/>')
    sid = shop.calls(TimeLimit="10")
    shop.does(sid, "answer")
    shop.passes(11)
    assert shop.leg(sid).seconds() == 10


def test_nobody_is_told_of_a_call_cancelled_in_the_queue(shop: Shop) -> None:
    form = {"To": TECH, "From": OWN, "Url": f"{shop.url}/page", "StatusCallback": f"{shop.url}/progress"}
    sid = shop.rest.post("/Calls.json", data=form).json()["sid"]
    assert shop.rest.post(f"/Calls/{sid}.json", data={"Status": "canceled"}).json()["status"] == "canceled"
    shop.passes(5)
    assert shop.paths() == []


def test_a_live_call_is_sent_elsewhere_and_its_old_wait_is_forgotten(shop: Shop) -> None:
    shop.says("/page", GATHER)
    shop.says("/elsewhere", '<Pause length="30"/>')
    sid = shop.calls()
    shop.does(sid, "answer")
    shop.passes(0.5)
    shop.rest.post(f"/Calls/{sid}.json", data={"Url": f"{shop.url}/elsewhere"})
    shop.passes(10)
    assert shop.leg(sid).status == "in-progress"


def test_a_bridge_joins_the_legs_and_says_so(shop: Shop) -> None:
    shop.says("/page", dial())
    sid = shop.calls()
    shop.does(sid, "answer")
    shop.passes(0.5)
    child = shop.child(sid)
    shop.does(child.sid, "answer")
    shop.passes(40)
    shop.does(child.sid, "hang-up")
    shop.passes(1)
    told = shop.forms("/dialled")[0]
    assert (told["DialCallStatus"], told["DialBridged"], told["DialCallDuration"]) == ("completed", "true", "40")
    assert (told["CallSid"], told["DialCallSid"]) == (sid, child.sid)
    legs = shop.forms("/leg")
    assert [f["CallStatus"] for f in legs] == ["initiated", "ringing", "in-progress", "completed"]
    assert {f["ParentCallSid"] for f in legs} == {sid}
    (listed,) = shop.rest.get("/Calls.json", params={"ParentCallSid": sid}).json()["calls"]
    assert (listed["sid"], listed["parent_call_sid"], listed["duration"]) == (child.sid, sid, "40")
    assert shop.rest.get("/Calls.json", params={"ParentCallSid": child.sid}).json()["calls"] == []


def test_a_dial_that_nobody_takes_rings_five_seconds_longer(shop: Shop) -> None:
    shop.says("/page", dial())
    shop.does(shop.calls(), "answer")
    shop.passes(14)
    assert shop.forms("/dialled") == []
    shop.passes(3)
    told = shop.forms("/dialled")[0]
    assert (told["DialCallStatus"], told["DialBridged"]) == ("no-answer", "false")


def test_a_whispers_mailbox_is_completed_but_not_bridged(shop: Shop) -> None:
    shop.says("/page", dial(number=' url="URL/whisper"'))
    shop.says("/whisper", GATHER)
    sid = shop.calls()
    shop.does(sid, "answer")
    shop.passes(0.5)
    shop.does(shop.child(sid).sid, "mailbox")
    shop.passes(30)
    told = shop.forms("/dialled")[0]
    assert (told["DialCallStatus"], told["DialBridged"]) == ("completed", "false")
    assert shop.network.errors == []


def test_a_whisper_that_lets_a_mailbox_through_is_reported(shop: Shop) -> None:
    shop.says("/page", dial(number=' url="URL/whisper"'))
    shop.says("/whisper", "<Say>Hello.</Say>")
    sid = shop.calls()
    shop.does(sid, "answer")
    shop.passes(0.5)
    shop.does(shop.child(sid).sid, "mailbox")
    shop.passes(1)
    assert shop.network.errors[0]["code"] == 12200


def test_a_caller_is_not_answered_before_the_legs_are_joined(shop: Shop) -> None:
    shop.says("/twilio/voice", dial(' answerOnBridge="true"').replace(CUSTOMER, TECH))
    sid = shop.dials()
    shop.passes(1)
    assert shop.leg(sid).answered_at is None
    shop.does(shop.child(sid).sid, "answer")
    assert shop.leg(sid).status == "in-progress"


def test_the_fallback_speaks_when_the_first_address_fails(shop: Shop) -> None:
    """F37."""
    shop.answers("/page", Reply(500))
    shop.says("/fallback", "<Say>Still here.</Say>")
    sid = shop.calls(FallbackUrl=f"{shop.url}/fallback")
    shop.does(sid, "answer")
    shop.passes(1)
    form = shop.forms("/fallback")[0]
    assert (form["ErrorCode"], form["ErrorUrl"]) == ("11200", f"{shop.url}/page")
    assert shop.leg(sid).heard[-1]["text"] == "Still here."


def test_the_log_holds_both_directions(shop: Shop) -> None:
    shop.says("/page", "<Hangup/>")
    shop.does(shop.calls(), "answer")
    shop.passes(1)
    directions = {entry["direction"] for entry in shop.desk.get("/state").json()["log"]}
    assert directions == {"rest", "webhook"}
