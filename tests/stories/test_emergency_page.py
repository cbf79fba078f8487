"""One emergency's page: the whole story, in English and French, whatever people say in it."""

import re
from html import unescape
from pathlib import Path

from callbacks.emergency.inputs import Command, Commanded
from callbacks.emergency.model import Via
from callbacks.engine.intake.handle import handle_input
from callbacks.oncall.contacts import Entry
from callbacks.oncall.roster import Role
from callbacks.store.sql import customers
from tests.catalogues import french_pages
from tests.night import Night, minutes, seconds

PATH = "/emergencies/E-000001"
# Phrases of two words and more: a single one may be a name.
ENGLISH = [
    words
    for words, french in french_pages().items()
    if french != (words,) and " " in words and not re.search(r"[%{]", words)
]


def read(night: Night, language: str, path: str = PATH) -> str:
    answer = night.web.get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200, answer.text
    return answer.text


def seen(html: str) -> str:
    """What a reader sees: text and the attributes that are read aloud, without what people and machines said."""
    own = re.sub(r"<(q|bdi|code)\b.*?</\1>", "", html, flags=re.DOTALL)
    spoken = " ".join(re.findall(r'(?:aria-label|placeholder|data-label|title|alt)="([^"]*)"', own))
    return unescape(re.sub(r"<[^>]+>", "\n", own)) + "\n" + spoken


def rich(night: Night) -> None:
    """A night with a bit of everything: nobody answers, a second call, a mailbox, a talk, a contest, the end."""
    night.on_call("ana", "bob")
    with night.database.write() as session:
        customers.put_down(
            session, [Entry(night.customer.number, "Priya Shah", "Acme", "en", "Uses the gate")], night.clock.now()
        )
    night.customer.calls().leaves_message()
    ana, bob = night.people["ana"], night.people["bob"]
    ana.gets_sms("E-000001").replies("2").gets_sms("next person")
    bob.gets_sms("E-000001")
    night.minutes_pass(2)
    night.customer.calls().leaves_message()
    night.taken_up.update(m.sid for m in night.sent())
    bob.replies("1").gets_sms("is yours").replies("note \u202eevil <b>bold</b>").gets_sms("note added")
    bob.is_called_back_by("3").gets_sms("is ringing").presses("1")
    night.customer.answers(and_talks_for=seconds(40))
    bob.presses("1")
    for noun, form in {
        "priority": {"priority": "P2", "reason": "digests only"},
        "coverage": {"product": "modusGate", "coverage": "billable"},
        "note": {"words": "<script>alert(1)</script> \u202e" + "w" * 1900},
        "resolution": {"how": "workaround", "words": "rerouted"},
    }.items():
        assert night.web.post(f"{PATH}/{noun}", data=form, follow_redirects=False).status_code == 303
    night.settle()


def test_the_story_is_whole_and_complete_in_both_languages(night: Night) -> None:
    rich(night)
    english, french = read(night, "en"), read(night, "fr")
    for words in ("Priya Shah, Acme", "Uses the gate", "Message left at", "added in a later call", "bob acknowledged (by text)",
                  "Text to ana delivered", '<span class="quiet">carrier', "Bob Chen spoke with the customer", "connected",
                  "E-000001: Bob is calling you now", "modusGate, billable", "by a workaround", "digests only",
                  "The P1 clock keeps running", "The policy counts from the call.", "rerouted", "Evidence pack"):  # fmt: skip
        assert words in unescape(english), words
    assert english.count("<svg") == 3  # two messages and the clocks
    assert english.count("<title id=") == english.count("<desc id=") == 3
    assert 'src="/emergencies/E-000001/recording?message=1"' in english
    for part in ("lead", "message", "caller", "pages", "attempts", "times", "told", "story"):
        assert f'id="{part}" data-live' in english
    left = [phrase for phrase in ENGLISH if phrase in seen(french)]
    assert left == []
    assert "bob l'a prise en charge (par texto)" in unescape(french)
    assert "40 s de conversation" in french
    night.customer.gets_sms("is calling you now")
    night.nobody_else_was_contacted()


def test_hostile_words_are_shown_as_words(night: Night) -> None:
    rich(night)
    long = "<img src=x onerror=alert(2)> " + "y" * 9_900 + "END"
    now = night.clock.now()
    handle_input(
        night.context,
        1,
        Commanded(at=now, by="bob", role=Role.TECHNICIAN, command=Command.NOTE, via=Via.SMS, words=long),
    )
    night.customer.replies("x\x00<i>y</i>")
    night.people["bob"].gets_sms("the customer writes")
    page = read(night, "en")
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "\x00" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; \u202e" + "w" * 1900 in page
    assert "&lt;img src=x onerror=alert(2)&gt; " + "y" * 9_900 + "END" in page
    assert "x&lt;i&gt;y&lt;/i&gt;" in page
    for hostile in ("&lt;script&gt;", "&lt;img", "x&lt;i&gt;"):
        before = page[: page.index(hostile)]
        assert before.rindex("<bdi>") > before.rfind("</bdi>"), "words that turn the line stand apart"
    night.customer.gets_sms("is calling you now")
    night.nobody_else_was_contacted()


def test_while_it_waits_it_counts_down_and_a_missed_page_says_why(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls().presses("1").leaves_message()
    ana.gets_sms("E-000001")
    page = read(night, "en")
    assert 'data-due="2026-11-24T07:30:00' in page
    assert "nobody yet" in page
    night.until(night.clock.now() + minutes(31))
    night.taken_up.update(m.sid for m in night.sent())
    assert "Bob Chen was paged at 02:04" in unescape(read(night, "en"))
    page = read(night, "fr")
    assert "manquée" in page
    assert "Personne n'a essayé d'appeler le client avant l'échéance." in unescape(page)
    assert "data-due" not in page
    night.nobody_else_was_contacted()


def test_a_fact_that_was_recorded_late_says_when(night: Night) -> None:
    night.on_call("ana", "bob")
    night.customer.calls().skips_menus()
    night.knobs(webhooks_down=True)
    night.customer.leaves_message(seconds(5))
    night.network.errors.clear()
    night.minutes_pass(2)
    night.sweeps()
    night.people["ana"].gets_sms("E-000001")
    page = read(night, "en")
    assert "recorded 02:0" in page, re.findall(r"<li>.*?</li>", page)
    night.network.errors.clear()  # what was refused on purpose
    night.nobody_else_was_contacted()


def test_a_recording_that_is_no_wav_has_a_player_and_no_picture(night: Night) -> None:
    """F13."""
    night.on_call("ana", "bob")
    night.customer.calls().presses("1").leaves_message()
    night.people["ana"].gets_sms("E-000001")
    sid = night.emergency()["recording_sid"]
    path = Path(night.context.data_dir) / "recordings" / f"{sid}.wav"
    path.write_bytes(b"ID3" + b"\x00" * 100)
    page = read(night, "en")
    assert "<audio" in page
    assert 'class="wave"' not in page
    night.nobody_else_was_contacted()
