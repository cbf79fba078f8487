"""However a call ends, its emergency opens once, and somebody is paged at once."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests.night import SMS_ONLY, SUPPORT, Night, minutes, seconds

MakeNight = Callable[..., Night]
PLACEHOLDERS = ["+266696687", "+2562533", "+7378742833", "+8656696", "+86282452253", "anonymous", "Restricted", ""]


def test_a_hangup_in_the_greeting_is_a_call_for_help(night: Night) -> None:
    """F11, I2."""
    ana, _ = night.on_call("ana", "bob")
    with night.network.lock:
        night.customer.call = night.network.calls.dial(night.customer.number)
    night.clock.turn(seconds=0.01)
    night.customer.hangs_up()
    ana.gets_sms("called at 02:00")
    assert night.emergency()["message_seconds"] is None
    assert night.emergency()["found_by"] == "webhook"
    night.nobody_else_was_contacted()


@pytest.mark.parametrize("mode", ["saved", "falls-through", "deleted"])
def test_silence_on_the_line_pages_in_every_mode_of_the_carrier(night: Night, mode: str) -> None:
    """F10, I2."""
    ana, _ = night.on_call("ana", "bob")
    night.knobs(silence=mode)
    night.customer.calls()
    night.passes(seconds(20))
    assert len(night.emergencies()) == 1
    ana.gets_sms("E-000001")
    assert night.customer.call and night.customer.call.is_over
    night.nobody_else_was_contacted()


def test_a_caller_who_says_nothing_hears_that_we_know(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.knobs(silence="falls-through")
    night.customer.calls()
    night.passes(seconds(20))
    night.customer.hears("We did not hear a message", "30 minutes", "aucun message")
    ana.gets_sms("no message, called at 02:00")
    night.nobody_else_was_contacted()


def test_the_greeting_says_who_we_are_in_both_languages_and_what_we_are_not(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls().skips_menus()
    night.customer.hears("after-hours emergency support", "your name", "company", "phone number", "what is wrong")
    night.customer.hears("within 30 minutes", "recorded", "not 9 1 1", "Vous avez joint", "enregistré", "9 1 1")
    night.customer.leaves_message()
    ana.gets_sms("E-000001")
    night.nobody_else_was_contacted()


def test_pound_ends_the_message_and_the_caller_is_thanked(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls().speaks(seconds(31))
    night.customer.presses("#")
    night.customer.hears("Thank you", "30 minutes", "Merci")
    ana.gets_sms("message of 0:31")
    night.nobody_else_was_contacted()


def test_the_longest_message_is_cut_and_paged(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls().speaks(minutes(5))
    ana.gets_sms("message of 5:00")
    night.nobody_else_was_contacted()


def test_duplicated_callbacks_change_nothing(night: Night) -> None:
    """F02."""
    ana, _ = night.on_call("ana", "bob")
    night.knobs(callbacks={"duplicate": 1})
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("1").gets_sms("is yours")
    assert night.facts().count("MessageLeft") <= 2
    assert night.facts().count("Acknowledged") == 1
    night.nobody_else_was_contacted()


def test_every_callback_lost_still_pages(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.knobs(callbacks={"drop": 1})
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    night.nobody_else_was_contacted()


def test_the_end_of_the_call_alone_opens_it(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.knobs(callbacks={"drop": 1, "only": "recording"})
    night.customer.calls()
    night.clock.turn(seconds=3)
    night.customer.hangs_up()
    ana.gets_sms("called at 02:00")
    night.nobody_else_was_contacted()


def test_a_call_that_no_webhook_told_of_is_found_by_the_sweep(night: Night) -> None:
    """F01."""
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls()
    night.knobs(webhooks_down=True)
    night.customer.leaves_message(seconds(15))
    night.passes(seconds(40))
    assert night.emergencies() == []
    night.knobs(webhooks_down=False)
    assert night.sweeps() == 1
    ana.gets_sms("514-555-0142", "message of 0:15")
    found = night.emergency()
    assert found["found_by"] == "sweep"
    assert found["call_started_at"].startswith("2026-11-24T07:00:00")
    assert night.sweeps() == 0
    night.network.errors.clear()
    night.nobody_else_was_contacted()


def test_callbacks_an_hour_late_page_nobody_again(night: Night) -> None:
    """F04."""
    ana, _ = night.on_call("ana", "bob")
    night.knobs(callbacks={"delay_seconds": 3600, "only": "ended"})
    night.customer_leaves_message()
    ana.gets_sms("E-000001").proves("4").gets_sms("you reached the customer")
    ana.proves("6 solved").gets_sms("is resolved")
    night.minutes_pass(70)
    night.sue.gets_sms("UNCONFIRMED")
    assert night.facts()[-1] == "CallEnded"
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()


@pytest.mark.parametrize("shown", PLACEHOLDERS)
def test_a_withheld_number_is_never_dialled_or_texted(night: Night, shown: str) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls(caller_id=shown).leaves_message()
    ana.gets_sms("number withheld")
    assert night.emergency()["customer"] == {"number": None, "withheld": True, "name": None}
    ana.replies("3").gets_sms("cannot be dialled", "number withheld", "4", "5")
    ana.proves("4").gets_sms("you reached the customer")
    night.nobody_else_was_contacted()


def test_each_withheld_call_is_its_own_emergency(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    for customer in (night.customer, night.other_customer):
        customer.calls(caller_id="+266696687").leaves_message()
        ana.gets_sms("number withheld")
    assert len(night.emergencies()) == 2
    night.nobody_else_was_contacted()


def test_the_page_does_not_wait_for_the_audio(night: Night) -> None:
    """F12, I7."""
    ana, _ = night.on_call("ana", "bob")
    night.knobs(recording_404_seconds=60)
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    assert "RecordingStored" not in night.facts()
    night.minutes_pass(2)
    assert "RecordingStored" in night.facts()
    recording = night.web.get("/emergencies/E-000001/recording")
    assert recording.status_code == 200
    assert recording.content[:4] == b"RIFF"
    night.nobody_else_was_contacted()


def test_audio_whose_webhook_was_lost_is_asked_for(night: Night) -> None:
    """F12."""
    ana, _ = night.on_call("ana", "bob")
    night.knobs(callbacks={"drop": 1})
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    night.minutes_pass(2)
    night.sweeps()
    assert "RecordingStored" in night.facts()
    night.nobody_else_was_contacted()


@pytest.mark.parametrize("most,spoken", [(5, 4.9), (12, 11.5)])
def test_a_message_as_long_as_the_policy_allows_is_kept(make_night: MakeNight, most: int, spoken: float) -> None:
    night = make_night(policy=f'[intake]\nmax_message = "{most}m"\n{SMS_ONLY}')
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls().leaves_message(minutes(spoken))
    ana.gets_sms("E-000001")
    assert "RecordingStored" in night.facts()
    night.nobody_else_was_contacted()


def test_the_end_of_a_call_that_we_made_opens_nothing(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").is_called_back_by("3").gets_sms("is ringing")
    assert ana.call
    form = {
        "CallSid": ana.call.sid, "AccountSid": night.settings.account_sid, "Direction": "outbound-api",
        "CallStatus": "completed", "From": SUPPORT, "To": ana.number, "CallDuration": "3",
    }  # fmt: skip
    with night.network.lock:
        night.network.report(f"{night.address}/twilio/voice/ended", form, 0, "ended")
    night.settle()
    assert night.emergency()["ref"] == "E-000001"
    night.nobody_else_was_contacted()


def test_a_technician_is_texted_in_their_language_within_two_segments(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob", languages="fr")
    night.customer_leaves_message()
    ana.gets_sms("Rappel avant 02:30", "Répondez 1 je prends")
    assert [m.segments for m in night.sent() if m.to_number == ana.number] == [2]
    night.nobody_else_was_contacted()


def test_an_english_page_is_one_segment(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    assert [m.segments for m in night.sent() if m.to_number == ana.number] == [1]
    night.nobody_else_was_contacted()


def test_the_first_page_leaves_within_a_second_of_the_opening(night: Night) -> None:
    """F14, I7."""
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    e = night.emergency()
    assert e["first_page_at"] is not None
    opened, paged = (datetime.fromisoformat(e[k]) for k in ("opened_at", "first_page_at"))
    assert timedelta(0) <= paged - opened <= timedelta(seconds=1)
    night.nobody_else_was_contacted()
