"""Whatever fails while a document is made: the caller can still leave a message, and somebody is still paged."""

from collections.abc import Callable
from typing import Any

import pytest

from app.twilio import calls, voice
from callbacks.emergency import promise
from callbacks.engine.intake import callers
from callbacks.messages import wording
from tests.night import DESK, SMS_ONLY, Night, met, seconds

VOICE = '[[escalation]]\nafter = "0m"\npage = "primary"\nby = ["voice"]\n'
GREETING = [
    (voice, "for_caller"), (voice, "greeting"), (voice, "said"), (voice, "languages"), (voice, "is_open"),
    (voice, "_message"), (voice, "_language_menu"), (voice, "_first_words"), (voice, "_desk_is_open"),
    (callers, "caller"),
]  # fmt: skip


def fails(monkeypatch: pytest.MonkeyPatch, where: Any, name: str) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError(f"{name} is broken")

    monkeypatch.setattr(where, name, broken)


def is_paged_at_once(night: Night) -> None:
    night.people["ana"].gets_sms("E-000001")
    e = night.emergency()
    assert (e["priority"], e["state"], e["recording_sid"] is not None) == ("P1", "open", True)


@pytest.mark.parametrize("where,name", GREETING, ids=[name for _, name in GREETING])
def test_a_greeting_that_cannot_be_made_is_a_plain_one_that_records(
    night: Night, monkeypatch: pytest.MonkeyPatch, where: Any, name: str
) -> None:
    night.on_call("ana", "bob")
    fails(monkeypatch, where, name)
    night.customer.calls().skips_menus().hears("After the tone", "Après le signal").leaves_message()
    is_paged_at_once(night)
    night.nobody_else_was_contacted()


@pytest.mark.parametrize(
    "keys,where,name",
    [("1", voice, "greeting"), ("12", voice, "may_wait"), ("12", wording, "spoken_day"), ("12", promise, "reaction_due"),
     ("9", voice, "languages"), ("19", voice, "said")],
)  # fmt: skip
def test_a_menu_that_cannot_be_answered_leads_to_the_message(
    night: Night, monkeypatch: pytest.MonkeyPatch, keys: str, where: Any, name: str
) -> None:
    """Also after the key for what can wait: the caller heard the promise, and is held to be in a hurry."""
    night.on_call("ana", "bob")
    night.customer.calls()
    for key in keys[:-1]:
        night.customer.presses(key)
    fails(monkeypatch, where, name)
    night.customer.presses(keys[-1]).hears("A technician will call you back within 30 minutes").leaves_message()
    is_paged_at_once(night)
    night.nobody_else_was_contacted()


@pytest.mark.parametrize("name", ["again", "for_caller"])
def test_a_caller_who_calls_again_can_still_speak(night: Night, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("1").gets_sms("is yours")
    fails(monkeypatch, voice, name)
    night.customer.calls().hears("After the tone").leaves_message()
    ana.gets_sms("called again")
    assert night.facts().count("MessageAdded") == 1
    night.nobody_else_was_contacted()


@pytest.mark.parametrize("digits", ["2", "#"])
def test_the_key_for_something_else_leads_to_the_message(
    night: Night, monkeypatch: pytest.MonkeyPatch, digits: str
) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    night.customer.calls()
    fails(monkeypatch, voice, "greeting")
    fails(monkeypatch, voice, "again")
    night.customer.presses(digits).leaves_message()
    assert len(night.emergencies()) == (2 if digits == "2" else 1)
    ana.gets_sms("E-000002") if digits == "2" else night.minutes_pass(1)
    night.taken_up.update(m.sid for m in night.sent())
    night.nobody_else_was_contacted()


def test_a_desk_that_cannot_be_rung_or_left_leads_to_the_message(
    make_night: Callable[..., Night], monkeypatch: pytest.MonkeyPatch
) -> None:
    night = make_night(policy=f'[intake]\ndesk_number = "{DESK}"\n' + SMS_ONLY)
    night.on_call("ana", "bob")
    night.it_is("2026-11-24 10:00")
    fails(monkeypatch, voice, "for_caller")
    night.customer.calls()
    night.desk.is_rung().rejects()
    night.customer.hears("After the tone").leaves_message()
    is_paged_at_once(night)
    night.nobody_else_was_contacted()


@pytest.mark.parametrize("name", ["after_message", "ask_number", "said"])
def test_thanks_that_cannot_be_said_lose_no_message(night: Night, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    night.on_call("ana", "bob")
    night.customer.calls().presses("1").skips_menus()
    fails(monkeypatch, voice, name)
    night.customer.speaks(seconds(9))
    night.customer.presses("#").hears("We have your message", "Nous avons votre message")
    is_paged_at_once(night)
    night.nobody_else_was_contacted()


def test_a_number_that_cannot_be_answered_for_is_kept(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls(caller_id="anonymous").presses("1").speaks(seconds(9))
    night.customer.presses("#")
    ana.gets_sms("E-000001")
    fails(monkeypatch, voice, "said")
    night.customer.presses("5145550142#").hears("Goodbye")
    ana.gets_sms("left a number: 514-555-0142")
    night.nobody_else_was_contacted()


@pytest.mark.parametrize(
    "where,name", [(calls, "leg_of"), (calls, "_ask"), (calls, "_audio"), (wording, "spoken_page")]
)
def test_a_page_whose_words_cannot_be_made_still_takes_the_key(
    make_night: Callable[..., Night], monkeypatch: pytest.MonkeyPatch, where: Any, name: str
) -> None:
    night = make_night(policy=VOICE)
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.is_rung()
    fails(monkeypatch, where, name)
    ana.answers().hears("An emergency is waiting. Press 1", "Une urgence attend")
    monkeypatch.undo()
    ana.presses("1")
    assert night.emergency()["acknowledged_by"] == "ana"
    night.nobody_else_was_contacted()


@pytest.mark.parametrize("where,name", [(calls, "leg_of"), (calls, "_prompt"), (wording, "spoken_caller")])
def test_a_callback_whose_words_cannot_be_made_still_asks_for_the_key(
    night: Night, monkeypatch: pytest.MonkeyPatch, where: Any, name: str
) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("3").gets_sms("is ringing").is_rung()
    fails(monkeypatch, where, name)
    ana.answers().hears("Press 1 to call the customer", "Appuyez sur 1")
    monkeypatch.undo()
    ana.presses("1")
    night.customer.is_rung().answers()
    night.passes(seconds(40))
    fails(monkeypatch, calls, "of_callback")
    night.customer.hangs_up()
    ana.hears("Press 1 if you spoke with the customer").presses("1").hears("Recorded", "noté")
    assert night.verdict() == met(by="carrier")
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.nobody_else_was_contacted()


def test_a_policy_that_is_never_open_tells_the_caller_and_the_supervisors(make_night: Callable[..., Night]) -> None:
    """The check refuses it; one that is in force all the same raises nowhere, and what can wait is told at once."""
    night = make_night(policy="[support_hours]\ndays = []\n" + SMS_ONLY)
    night.on_call("ana", "bob")
    night.customer.calls().presses("1").presses("2").hears("Nobody will be woken").leaves_message()
    night.sue.gets_sms("WAITING E-000001")
    assert night.emergency()["priority"] == "P3"
    night.nobody_else_was_contacted()
