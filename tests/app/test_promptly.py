"""A slow database never drops a pressed key."""

import threading
import time

from twilio.twiml.voice_response import VoiceResponse

from app.twilio import documents
from callbacks.telephony import twiml
from sandbox.twiml import read

ADDRESS = "https://calls.example/twilio/page/x/key"


def test_a_quick_answer_is_given_as_it_is() -> None:
    document = documents.answer_key(twiml.nothing, ADDRESS, "1", 0, 0)
    assert read(str(document)).verbs == []


def test_a_failure_comes_back_with_the_same_key() -> None:
    def fails() -> VoiceResponse:
        raise OSError("the database is gone")

    document = read(str(documents.answer_key(fails, ADDRESS, "3", 0, 0)))
    assert document.faults == []
    assert [verb.name for verb in document.verbs] == ["Say", "Say", "Pause", "Redirect"]
    assert "pressed=3" in document.verbs[-1].text
    assert "times=1" in document.verbs[-1].text


def test_it_does_not_go_on_for_ever() -> None:
    def fails() -> VoiceResponse:
        raise OSError("the database is gone")

    document = read(str(documents.answer_key(fails, ADDRESS, "3", 0, documents.MOST_TIMES)))
    assert document.verbs[-1].name == "Hangup"


def test_what_takes_long_is_finished_all_the_same() -> None:
    finished = threading.Event()

    def slow() -> str:
        time.sleep(0.2)
        finished.set()
        return "done"

    assert documents.with_deadline(slow, patience=0.02) is None
    assert finished.wait(30)
