"""The caller's key for what can wait: a P3 with business-hours deadlines, and nobody is woken."""

import pytest

from tests.night import MISSED, PENDING, SMS_ONLY, Night, met, minutes, seconds


@pytest.fixture
def waiting(night: Night) -> Night:
    """02:00: the caller chose English, and that it can wait."""
    night.on_call("ana", "bob")
    night.customer.calls().presses("1").hears("If it can wait", "press 2").presses("2")
    night.customer.hears("Nobody will be woken", "Tuesday 11:30").leaves_message()
    return night


def test_it_is_a_p3_due_in_business_time_and_nobody_is_woken(waiting: Night) -> None:
    e = waiting.emergency()
    assert (e["priority"], e["due_at"], e["verdict"]) == ("P3", "2026-11-24T16:30:00Z", PENDING)
    waiting.minutes_pass(300)
    waiting.customer.gets_sms("it can wait", "Tue 11:30", "call again")
    waiting.nobody_else_was_contacted()


def test_the_desk_sees_it_at_opening(waiting: Night) -> None:
    waiting.it_is("2026-11-24 07:29")
    waiting.nobody_else_was_contacted()
    waiting.it_is("2026-11-24 07:31")
    waiting.sue.gets_sms("WAITING E-000001", "Tue 11:30")
    assert "E-000001" in waiting.web.get("/").text
    waiting.nobody_else_was_contacted()


def test_called_back_in_business_time_it_is_met(waiting: Night) -> None:
    waiting.it_is("2026-11-24 11:29")
    waiting.sue.gets_sms("WAITING E-000001").gets_sms("AT RISK")
    waiting.sue.proves("4").gets_sms("you reached the customer")
    assert waiting.verdict() == met(by="declared", after=minutes(9 * 60 + 29))
    waiting.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    waiting.nobody_else_was_contacted()


def test_not_called_back_it_is_missed_and_told(waiting: Night) -> None:
    waiting.it_is("2026-11-24 11:31")
    waiting.sue.gets_sms("WAITING").gets_sms("AT RISK").gets_sms("MISSED")
    assert waiting.verdict() == MISSED
    waiting.customer.gets_sms("we have your message").gets_sms("we promised to call you")
    waiting.nobody_else_was_contacted()


def test_who_calls_again_because_it_got_worse_opens_an_emergency(waiting: Night) -> None:
    waiting.customer.calls().leaves_message()
    waiting.people["ana"].gets_sms("P1 E-000002")
    assert [e["priority"] for e in waiting.emergencies()] == ["P3", "P1"]
    waiting.nobody_else_was_contacted()


def test_raised_by_a_supervisor_it_is_paged_at_once_and_keeps_its_clock(waiting: Night) -> None:
    waiting.sue.texts("p1").gets_sms("is now P1")
    waiting.people["ana"].gets_sms("P1 E-000001")
    assert waiting.emergency()["due_at"] == "2026-11-24T16:30:00Z"
    waiting.nobody_else_was_contacted()


def test_a_hang_up_after_the_key_still_can_wait(night: Night) -> None:
    night.on_call("ana", "bob")
    night.customer.calls().presses("1").presses("2").hangs_up()
    assert night.emergency()["priority"] == "P3"
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_in_french(night: Night) -> None:
    night.on_call("ana", "bob")
    night.customer.calls().presses("2").hears("Si cela peut attendre").presses("2").hears("mardi 11:30")
    night.customer.leaves_message()
    night.customer.gets_sms("peut attendre", "mar 11:30")
    night.nobody_else_was_contacted()


def test_an_empty_key_turns_it_off(make_night) -> None:  # type: ignore[no-untyped-def]
    night: Night = make_night(policy='[intake]\ncan_wait_key = ""\nlanguages = ["en"]\n' + SMS_ONLY)
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls()
    assert night.customer.call and night.customer.call.waits == "record"
    night.customer.leaves_message()
    ana.gets_sms("P1 E-000001")
    night.nobody_else_was_contacted()


def test_another_key_is_no_choice(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls().presses("1").presses("9").hears("within 30 minutes").leaves_message(seconds(9))
    ana.gets_sms("P1 E-000001")
    night.nobody_else_was_contacted()


def test_who_presses_1_for_a_language_that_is_not_asked_any_more_may_still_say_that_it_can_wait(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls().presses("1").leaves_message()
    ana.gets_sms("E-000001").proves("4").gets_sms("you reached")
    night.customer.calls().presses("1").presses("2").hears("Nobody will be woken").leaves_message()
    assert [e["priority"] for e in night.emergencies()] == ["P1", "P3"]
    night.customer.calls().presses("1").presses("1")
    assert night.customer.call and night.customer.call.waits == "record"
    night.customer.leaves_message()
    ana.gets_sms("P1 E-000003")
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()
