"""The sandbox reads TwiML as strictly as the carrier: what is wrong there is wrong here, with the same code."""

import pytest

from sandbox.twiml import read

URL = "https://a.example/x"
GOOD = [
    "<Response/>",
    f'<Response><Say language="fr-CA" voice="Polly.Chantal">Allô</Say><Redirect method="POST">{URL}</Redirect></Response>',
    f'<Response><Gather input="dtmf" numDigits="1" action="{URL}"><Say>Hi</Say></Gather><Hangup/></Response>',
    f'<Response><Record action="{URL}" maxLength="60" recordingStatusCallbackEvent="completed absent"/><Hangup/></Response>',
    f'<Response><Dial action="{URL}"><Number statusCallbackEvent="ringing answered">+15145550142</Number></Dial></Response>',
    "<?xml version='1.0'?><Response><Pause length='2'/></Response>",
]
BAD = {
    "plain words": ("hello", 12100),
    "a blank before the document": (" <Response/>", 12100),
    "not closed": ("<Response>", 12100),
    "another root": ("<Reply/>", 12100),
    "unknown verb": ("<Response><Shout>x</Shout></Response>", 12200),
    "wrong case": ("<Response><say>x</say></Response>", 12200),
    "unknown attribute": ('<Response><Say speed="2">x</Say></Response>', 12200),
    "a verb inside the wrong one": (f'<Response><Gather action="{URL}"><Record action="{URL}"/></Gather></Response>', 12200),
    "nothing to say": ("<Response><Say/></Response>", 12200),
    "too much to say": (f"<Response><Say>{'x' * 4097}</Say></Response>", 12200),
    "a relative address": ('<Response><Redirect>/x</Redirect></Response>', 11100),
    "a host with an underscore": ("<Response><Redirect>https://a_b.example/</Redirect></Response>", 11100),
    "no action on Record": ("<Response><Record/></Response>", 12200),
    "no action on Gather": ("<Response><Gather><Say>x</Say></Gather></Response>", 12200),
    "a number that is none": ("<Response><Dial><Number>911</Number></Dial></Response>", 13223),
    "nobody to dial": ("<Response><Dial/></Response>", 12200),
    "a length of nothing": ('<Response><Pause length="0"/></Response>', 12200),
    "an event that is none": (
        f'<Response><Dial><Number statusCallback="{URL}" statusCallbackEvent="done">+15145550142</Number></Dial></Response>', 12200,
    ),
    "verbs that are never reached": (f"<Response><Redirect>{URL}</Redirect><Say>x</Say></Response>", 12200),
    "a voice of another language": ('<Response><Say language="fr-CA" voice="Polly.Joanna">x</Say></Response>', 13520),
}  # fmt: skip


@pytest.mark.parametrize("document", GOOD)
def test_good_documents(document: str) -> None:
    assert read(document).faults == []


@pytest.mark.parametrize("document,code", BAD.values(), ids=BAD)
def test_bad_documents(document: str, code: int) -> None:
    assert code in [fault for fault, _ in read(document).faults]


def test_a_text_is_answered_by_messages_only() -> None:
    assert read("<Response><Message>Hi</Message></Response>", "MessagingResponse").faults == []
    assert read("<Response><Say>Hi</Say></Response>", "MessagingResponse").faults[0][0] == 12200
