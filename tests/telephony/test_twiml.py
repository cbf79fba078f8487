"""Any words in anything that we speak or put in an attribute: the same verbs, the same text, and XML that is read."""

import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from twilio.twiml.voice_response import VoiceResponse

from callbacks.emergency.commands import Answer
from callbacks.messages import wording
from callbacks.telephony import twiml
from tests.core.pure import PureNight

BREAKERS = ["</Say><Dial>+19005550100</Dial>", "]]>", "<!--", "&lt;&#0;&amp;", '"/><Hangup x="', "<![CDATA[", "<?x ?>", "<!ENTITY a 'b'>",
            "\x00", "\x1b[2J", "\x9f", "\ud800", "\ufffe", "\u202e", "{name}", "%s"]  # fmt: skip
words = st.lists(st.sampled_from(BREAKERS) | st.text(st.characters(), max_size=12), max_size=6).map("".join)
bounded = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
URL = "https://oncall.example.ca/twilio/x"
ASKS = ["Gather", "Say", "Gather", "Say", "Redirect"]
MADE: dict[str, tuple[Callable[[str], VoiceResponse], list[str]]] = {
    "goodbye": (lambda w: twiml.goodbye([("en", w), ("fr", w)]), ["Say", "Say", "Hangup"]),
    "ask": (lambda w: twiml.ask([("fr", w)], URL), ASKS),
    "ask with audio": (lambda w: twiml.ask([("en", w)], URL, audio=URL + w, times=1), ["Gather", "Say", "Play", "Redirect"]),
    "ask number": (lambda w: twiml.ask_number([("en", w)], URL, [("en", w)]), ["Gather", "Say", "Say", "Hangup"]),
    "message": (lambda w: twiml.message([[("en", w)], twiml.Menu([("fr", w)], URL)], URL, URL, URL, 120),
                ["Say", "Gather", "Say", "Record", "Redirect"]),
    "forward": (lambda w: twiml.forward(w, URL, URL, 20), ["Dial", "Number"]),
    "connect": (lambda w: twiml.connect([("en", w)], w, w, URL, URL, URL, 60), ["Say", "Dial", "Number"]),
}  # fmt: skip


def speakable(text: str) -> str:
    """What is left of words once nothing is in them that XML 1.0 forbids or that controls a terminal."""
    kept = "".join(c for c in text if c in "\t\n\r\x85" or unicodedata.category(c) not in ("Cc", "Cs"))
    return "".join(c for c in kept if c not in "\ufffe\uffff")


def as_read(text: str) -> str:
    """Line ends as every XML reader hands them on."""
    return speakable(text).replace("\r\n", "\n").replace("\r", "\n")


def verbs(root: ET.Element) -> list[ET.Element]:
    return list(root.iter())[1:]


@pytest.mark.parametrize("name", MADE)
@bounded
@given(given_words=words)
@example(given_words="".join(BREAKERS))
def test_any_words_give_the_same_verbs_and_are_said_as_they_are(name: str, given_words: str) -> None:
    """F90: nothing that is said can become a verb, an attribute or a document that the carrier cannot read."""
    make, expected = MADE[name]
    plain, root = ET.fromstring(twiml.document(make("plain"))), ET.fromstring(twiml.document(make(given_words)))
    assert [verb.tag for verb in verbs(root)] == expected
    for was, now in zip(verbs(plain), verbs(root), strict=True):
        assert (now.text or "") == as_read((was.text or "").replace("plain", given_words))
        assert now.attrib.keys() == was.attrib.keys()
        changed = {key: value for key, value in now.attrib.items() if was.attrib[key] != value}
        assert set(changed) <= {"callerId"}
        assert not now.tail


@bounded
@given(name=words, company=words, technician=words, language=st.sampled_from(["en", "fr"]))
def test_a_page_and_its_answers_speak_any_name_as_words(
    name: str, company: str, technician: str, language: str
) -> None:
    """F90: caller, company and technician of a real emergency, through the sentences that we make of them."""
    e, zone = replace(PureNight().opens(), name=name, company=company), "America/Toronto"
    taken = Answer("taken", {"owner": technician, "since": e.opened_at})
    said = [
        wording.spoken_page(e, language, zone, 2), wording.spoken_answer(taken, e, language, zone),
        wording.about("remind", e, language, zone, technician), wording.answer(taken, e, language, zone, e.opened_at),
    ]  # fmt: skip
    root = ET.fromstring(twiml.document(twiml.ask([(language, x) for x in said], URL, times=1)))
    assert [verb.tag for verb in verbs(root)] == ["Gather", *["Say"] * len(said), "Redirect"]
    assert [verb.text for verb in root.iter("Say")] == [as_read(x) for x in said]
