"""A signature that holds is enough: the carrier adds and leaves out parameters, and nothing is refused or lost for it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest

from sandbox.signing import sign
from tests.night import Night, seconds
from tests.stories.test_hostile import Recorder

TEXT = "SM" + "7" * 32
# New ones of tomorrow: some begin as ours do, where ours is absent too.
INVENTED = {
    "FromCity": "MONTREAL", "FromCountry": "CA", "FromZip": "", "ToneDetected": "true", "ToCity": "", "ToState": "QC",
    "RecordingFoo": "1", "RecordingSidExtra": "x", "RecordingStatusCallbackEvent": "completed", "DigitsSource": "dtmf",
    "BodyLanguage": "fr", "BodyBytes": "9", "CallSidLegacy": "", "CallStatusReason": "ok", "CallDurationMs": "9000",
    "TimestampMs": "1", "ErrorCodeUrl": "", "AnsweredByConfidence": "0.9", "MessageSidLegacy": "y", "ParentCallSidNew": "",
    "DialBridgedAt": "1", "DialCallStatusReason": "", "DirectionDetail": "x", "AccountSidParent": "AC" + "9" * 32,
    "StirVerstat": "TN-Validation-Passed-A", "CallToken": "{}", "": "nameless", " ": "blank", "a b": "c", "é": "è", "\U0001f600": "y",
    "x[]": "1", "x[0][y]": "2", "a.b": "3", "a=b": "4", "a&b": "5", "a\x00b": "6", "\n": "7", "<script>": "8", "__proto__": "9",
    "select": "'; drop table outbox", "lower": "x" * 2000, "/ended": "0", "%41": "%42", "From ": "blank after it",
}  # fmt: skip


def add_to_every_webhook(night: Night, more: Mapping[str, str]) -> None:
    sender = night.network.sender
    send = sender.send

    def sending(url: str, form: Mapping[str, str], method: str = "POST") -> Any:
        return send(url, {**more, **form}, method)

    sender.send = sending


def play(night: Night) -> None:
    """A message, a page by text and voice, an answer by key, a bridge, a note and the end."""
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").is_called_back_by("3").presses("1")
    night.customer.answers(and_talks_for=seconds(40))
    ana.presses("1").replies("6 rerouted")
    assert (night.emergency()["state"], night.verdict()["evidence"]) == ("resolved", "carrier")


def test_a_whole_night_with_forty_invented_parameters(night: Night) -> None:
    assert len(INVENTED) >= 40
    add_to_every_webhook(night, INVENTED)
    play(night)
    refused = [x for x in night.network.sender.log if x["direction"] == "webhook" and x["status"] != 200]
    assert refused == []
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.people["ana"].gets_sms("your phone is ringing").gets_sms("E-000001 is resolved. Thank you.")
    night.nobody_else_was_contacted()


def test_no_webhook_is_refused_for_what_it_lacks(night: Night) -> None:
    """Each that the night brought, with each of its parameters left out in turn, and with nothing at all."""
    recorder = Recorder(night)
    play(night)
    night.minutes_pass(40)
    before = night.emergency()["verdict"]
    kinds: dict[str, tuple[str, dict[str, str]]] = {}
    for url, form in recorder.sent:
        kinds.setdefault("/".join(urlsplit(url).path.split("/")[:4]), (url, form))
    assert len(kinds) >= 8
    for url, form in kinds.values():
        for name in [*form, None]:
            fewer = {k: v for k, v in form.items() if name is not None and k != name}
            answer = night.webhook(url, fewer)
            assert answer.status_code == 200, (url, name, answer.text)
            assert night.webhook(url, {**INVENTED, **fewer}).status_code == 200, (url, name)
    foreign = {**form, "AccountSid": "AC" + "9" * 32}
    assert night.webhook(url, foreign).status_code == 403
    assert night.emergencies()[0]["verdict"] == before
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.people["ana"].gets_sms("your phone is ringing").gets_sms("E-000001 is resolved. Thank you.").gets_sms(
        "overdue, call now"
    )
    night.sue.gets_sms("MISSED E-").gets_sms("MISSED E-")
    night.nobody_else_was_contacted()


@pytest.mark.storage
@pytest.mark.parametrize(
    "missing", ["AccountSid", "From", "To", "CallStatus", "Direction", "CallSid", "RecordingDuration"]
)
def test_a_message_is_never_lost_for_what_its_report_lacks(night: Night, missing: str) -> None:
    ana, _ = night.on_call("ana", "bob")
    form = {
        "CallSid": "CA" + "a" * 32, "AccountSid": night.settings.account_sid, "From": "+15145550142",
        "To": "+15145550100", "RecordingSid": "RE" + "b" * 32, "RecordingDuration": "9", "CallStatus": "completed",
        "Direction": "inbound", **INVENTED,
    }  # fmt: skip
    del form[missing]
    assert night.webhook(f"{night.address}/twilio/voice/message", form).status_code == 200
    ana.gets_sms("E-000001")
    assert night.emergency()["recording_sid"] == "RE" + "b" * 32
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_a_text_that_is_cut_elsewhere_counts_once(night: Night) -> None:
    """It stays signed and has no MessageSid of that name any more: an old answer must not take a new emergency."""
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    form = {
        "AccountSid": night.settings.account_sid, "Body": "1", "From": ana.number, "MessageSid": TEXT,
        "To": "+15145550100",
    }  # fmt: skip
    url = f"{night.address}/twilio/sms"
    assert night.webhook(url, form).status_code == 200
    ana.gets_sms("E-000001").replies(f"2 {ana.code}").gets_sms("E-000001")
    assert night.emergency()["acknowledged_by"] is None
    cut = {**form, "MessageSidS": TEXT[1:]}
    del cut["MessageSid"]
    token = night.settings.webhook_tokens[0]
    assert sign(token, url, cut) == sign(token, url, form)
    assert night.webhook(url, cut).status_code == 200
    assert night.emergency()["acknowledged_by"] is None
    night.people["bob"].gets_sms("P1 E-000001")
    night.nobody_else_was_contacted()
