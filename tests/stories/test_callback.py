"""The bridge: a person must be on the technician's leg before the customer's phone rings."""

import pytest

from tests.night import PENDING, SMS_ONLY, Night, Person, met, minutes, seconds, void


@pytest.fixture
def ana(night: Night) -> Person:
    """Ana has it."""
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    return ana.gets_sms("E-000001").replies("1").gets_sms("is yours")


def bridge(night: Night, ana: Person) -> None:
    """Ana is called, presses 1, and the customer's phone rings."""
    ana.is_called_back_by("3").gets_sms("your phone is ringing").presses("1")
    night.customer.is_rung()


def test_the_customer_sees_the_support_number(night: Night, ana: Person) -> None:
    bridge(night, ana)
    assert night.customer.call
    assert night.customer.call.from_number == night.settings.support_number
    night.customer.rejects()
    ana.hears("could not be reached")
    ana.gets_sms("was not reached", "Try again after")
    night.customer.gets_sms("we have your message").gets_sms("is calling you now").gets_sms("could not reach you")
    night.nobody_else_was_contacted()


def test_without_the_key_the_customer_is_not_rung_and_it_is_no_try(night: Night, ana: Person) -> None:
    ana.is_called_back_by("3").gets_sms("is ringing")
    night.passes(seconds(20))
    ana.hears("1 was not pressed").gets_sms("could not connect your phone", "Send 3")
    assert night.emergency()["attempts"] == []
    night.nobody_else_was_contacted()


def test_a_wrong_key_asks_again(night: Night, ana: Person) -> None:
    ana.is_called_back_by("3").gets_sms("is ringing").presses("7").hears("does nothing here")
    ana.presses("1")
    night.customer.is_rung().rejects()
    ana.gets_sms("was not reached", "Try again after")
    night.customer.gets_sms("we have your message").gets_sms("is calling you now").gets_sms("could not reach you")
    night.nobody_else_was_contacted()


def test_the_technicians_mailbox_never_reaches_the_customer(night: Night, ana: Person) -> None:
    ana.replies("3").gets_sms("is ringing").is_rung().mailbox_answers()
    night.passes(seconds(30))
    ana.gets_sms("could not connect your phone")
    assert night.emergency()["attempts"] == []
    night.nobody_else_was_contacted()


def test_a_technician_who_rejects_is_told_how_to_try_again(night: Night, ana: Person) -> None:
    ana.replies("3").gets_sms("is ringing").is_rung().rejects()
    ana.gets_sms("could not connect your phone (busy)", "Send 3")
    assert night.emergency()["attempts"] == []
    night.nobody_else_was_contacted()


def test_a_busy_customer_is_a_try(night: Night, ana: Person) -> None:
    bridge(night, ana)
    night.customer.rejects()
    ana.hears("could not be reached")
    attempt = night.emergency()["attempts"][0]
    assert (attempt["by"], attempt["result"]) == ("ana", "busy")
    night.minutes_pass(31)
    assert night.verdict() == void(by="carrier")
    ana.gets_sms("was not reached", "Try again after")
    night.customer.gets_sms("we have your message").gets_sms("is calling you now").gets_sms("could not reach you")
    night.nobody_else_was_contacted()


def test_a_customer_who_does_not_answer_is_a_try(night: Night, ana: Person) -> None:
    bridge(night, ana)
    night.passes(seconds(40))
    ana.hears("could not be reached")
    assert night.emergency()["attempts"][0]["result"] == "no-answer"
    assert night.verdict() == PENDING
    ana.gets_sms("was not reached", "Try again after")
    night.customer.gets_sms("we have your message").gets_sms("is calling you now").gets_sms("could not reach you")
    night.nobody_else_was_contacted()


def test_a_call_that_fails_before_the_customers_phone_rings_is_no_try(night: Night, ana: Person) -> None:
    night.knobs(numbers={night.customer.number: {"fate": "failed"}})
    ana.is_called_back_by("3").gets_sms("is ringing").presses("1")
    night.customer.is_rung()
    attempts = night.emergency()["attempts"]
    assert [a["result"] for a in attempts] == ["failed"]
    night.minutes_pass(15)
    ana.gets_sms("has not been called yet")
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.nobody_else_was_contacted()


def test_the_customers_mailbox_is_no_conversation(night: Night, ana: Person) -> None:
    bridge(night, ana)
    night.customer.mailbox_answers()
    night.passes(seconds(21))
    ana.hears("Press 1 if you spoke").presses("3").hears("Recorded")
    assert night.emergency()["attempts"][0]["result"] == "machine"
    night.minutes_pass(30)
    assert night.verdict() == void(by="carrier")
    ana.gets_sms("was not reached", "Try again after")
    night.customer.gets_sms("we have your message").gets_sms("is calling you now").gets_sms("could not reach you")
    night.nobody_else_was_contacted()


def test_a_mailbox_is_no_conversation_even_when_nobody_presses_a_key(night: Night, ana: Person) -> None:
    bridge(night, ana)
    night.customer.mailbox_answers()
    night.passes(minutes(2))
    assert night.verdict() == PENDING
    assert night.emergency()["attempts"][0]["result"] == "machine"
    ana.gets_sms("was not reached", "Try again after")
    night.customer.gets_sms("we have your message").gets_sms("is calling you now").gets_sms("could not reach you")
    night.nobody_else_was_contacted()


def test_a_long_talk_counts_without_a_key(night: Night, ana: Person) -> None:
    bridge(night, ana)
    night.customer.answers(and_talks_for=seconds(45))
    ana.hangs_up()
    assert night.verdict() == met(by="carrier")
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.nobody_else_was_contacted()


def test_while_they_talk_it_is_a_bridge_and_no_contact_yet(night: Night, ana: Person) -> None:
    bridge(night, ana)
    assert night.emergency()["attempts"] == []
    night.customer.answers()
    night.passes(seconds(90))
    assert [a["result"] for a in night.emergency()["attempts"]] == ["bridged"]
    assert night.verdict() == PENDING and night.emergency()["contact_at"] is None
    night.customer.hangs_up()
    ana.hangs_up()
    assert night.verdict() == met(by="carrier")
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.nobody_else_was_contacted()


def test_talk_of_exactly_the_required_length_counts(night: Night, ana: Person) -> None:
    bridge(night, ana)
    night.customer.answers(and_talks_for=seconds(30))
    ana.hangs_up()
    assert night.emergency()["attempts"][0]["talk_seconds"] == 30
    assert night.verdict() == met(by="carrier")
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.nobody_else_was_contacted()


def test_a_short_bridge_is_a_try_unless_the_technician_calls_it_a_conversation(night: Night, ana: Person) -> None:
    bridge(night, ana)
    night.customer.answers(and_talks_for=seconds(12))
    assert night.verdict() == PENDING
    ana.presses("1")
    assert night.verdict() == met(by="declared")
    night.customer.gets_sms("we have your message").gets_sms("is calling you now").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()


def test_no_answer_after_a_bridge_makes_it_a_try(night: Night, ana: Person) -> None:
    bridge(night, ana)
    night.customer.answers(and_talks_for=seconds(45))
    ana.presses("2")
    assert night.verdict() == PENDING
    night.minutes_pass(31)
    assert night.verdict() == void(by="carrier")
    ana.gets_sms("was not reached", "Try again after")
    night.customer.gets_sms("we have your message").gets_sms("is calling you now").gets_sms("could not reach you")
    night.nobody_else_was_contacted()


def test_a_second_request_while_one_is_under_way_rings_nobody(night: Night, ana: Person) -> None:
    bridge(night, ana)
    ana.replies("3").gets_sms("a callback is in progress")
    night.customer.rejects()
    ana.gets_sms("was not reached", "Try again after")
    night.customer.gets_sms("we have your message").gets_sms("is calling you now").gets_sms("could not reach you")
    night.nobody_else_was_contacted()


def test_three_alone_acknowledges_too(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").is_called_back_by("3").gets_sms("is ringing").presses("1")
    night.customer.answers(and_talks_for=seconds(40))
    ana.hangs_up()
    assert night.emergency()["acknowledged_by"] == "ana"
    assert night.verdict() == met(by="carrier")
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.nobody_else_was_contacted()


@pytest.mark.parametrize("number", ["+19005550123", "+18765550123", "+442079460123", "+15149760123"])
def test_numbers_that_cost_or_lead_abroad_are_never_dialled(night: Night, number: str) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls(caller_id=number).leaves_message()
    ana.gets_sms("E-000001").replies("3").gets_sms("cannot be dialled", "4", "5")
    night.nobody_else_was_contacted()


def test_a_bridge_whose_answer_was_lost_is_never_placed_twice(night: Night, ana: Person) -> None:
    night.knobs(rest={"error_after_accept": True})
    ana.replies("3")
    night.knobs(rest={"error_after_accept": False})
    night.passes(seconds(5))
    ana.is_rung().answers().presses("1")
    night.customer.answers(and_talks_for=seconds(40))
    ana.hangs_up()
    night.taken_up.update(m.sid for m in night.sent() if "is ringing" in m.body)
    assert night.verdict() == met(by="carrier")
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.nobody_else_was_contacted()


def test_customer_leg_reports_stand_in_for_a_lost_dial_report(night: Night, ana: Person) -> None:
    night.knobs(callbacks={"duplicate": 1})
    bridge(night, ana)
    night.customer.answers(and_talks_for=seconds(50))
    ana.presses("1")
    assert len(night.emergency()["attempts"]) == 1
    assert night.verdict() == met(by="carrier")
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.nobody_else_was_contacted()


def test_a_day_has_an_end_of_calls_and_none_of_pages(make_night) -> None:  # type: ignore[no-untyped-def]
    """F92: what a stolen phone may spend is bounded in all, too; supervisors hear of it, once."""
    night: Night = make_night(policy=SMS_ONLY + "[limits]\nbridges_per_day = 1\n")
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("1").gets_sms("is yours")
    ana.replies("3").gets_sms("is ringing").is_rung().rejects()
    ana.gets_sms("could not connect your phone (busy)", "Send 3")
    for _ in range(2):
        ana.replies("3").gets_sms("is ringing").gets_sms("daily call limit reached", "Call the customer yourself", "4")
    night.sue.gets_sms("ALARM: daily call limit reached: 1 callbacks in 24 hours")
    night.other_customer.calls().leaves_message()
    ana.gets_sms("E-000002")
    night.other_customer.gets_sms()
    assert night.emergencies()[0]["attempts"] == []
    night.nobody_else_was_contacted()
