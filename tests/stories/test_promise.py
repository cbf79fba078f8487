"""Acknowledged is not reached: reminders, taking back, and the edge of the deadline."""

from datetime import datetime

import pytest

from tests.night import Night, met, minutes, seconds


def due(night: Night) -> datetime:
    return datetime.fromisoformat(night.emergency()["due_at"])


def test_an_owner_who_does_nothing_is_reminded_then_relieved(night: Night) -> None:
    """F41, F49, F91, I20."""
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("1").gets_sms("is yours")
    night.until(due(night) - minutes(15))
    ana.gets_sms("has not been called yet", "Send 3", f"2 {ana.code} to pass")
    night.nobody_else_was_contacted()
    night.until(due(night) - minutes(10))
    ana.gets_sms("taken back", "Send 1")
    night.sue.gets_sms("AT RISK")
    bob.gets_sms("E-000001").replies("1").gets_sms("is yours")
    night.nobody_else_was_contacted()


def test_who_takes_it_late_still_gets_time_to_act(night: Night) -> None:
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    night.minutes_pass(19)
    night.taken_up.update(m.sid for m in night.sent())
    bob.replies("1").gets_sms("is yours")
    night.until(due(night) - minutes(10))
    night.sue.gets_sms("AT RISK", "Bob Chen has it")
    assert night.emergency()["acknowledged_by"] == "bob"
    bob.proves("4").gets_sms("you reached the customer")
    night.taken_up.update(m.sid for m in night.sent() if "has not been called yet" in m.body)
    night.customer.gets_sms("did we reach you?")
    night.nobody_else_was_contacted()


def test_a_try_ends_the_reminders(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").proves("5").gets_sms("no answer, recorded")
    night.minutes_pass(40)
    night.customer.gets_sms("we have your message").gets_sms("could not reach you")
    night.nobody_else_was_contacted()


def test_a_contact_at_the_very_deadline_is_in_time(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").proves("5").gets_sms("no answer, recorded")
    night.until(due(night) - seconds(0.02))
    night.network.texts.receive(ana.number, f"4 {ana.code}")
    night.until(due(night))
    ana.gets_sms("you reached")
    assert night.verdict() == met(by="declared", after=minutes(30))
    night.minutes_pass(1)
    night.sue.gets_sms("UNCONFIRMED")
    night.customer.gets_sms("we have your message").gets_sms("could not reach you").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()


def test_a_contact_after_the_deadline_is_too_late_but_kept(night: Night) -> None:
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    night.until(due(night) + seconds(5))
    night.taken_up.update(m.sid for m in night.sent())
    bob.proves("4").gets_sms("you reached the customer")
    e = night.emergency()
    assert e["verdict"]["outcome"] == "missed"
    assert e["contact_at"] is not None
    night.customer.gets_sms("did we reach you?")
    night.nobody_else_was_contacted()


def test_a_talk_that_begins_in_time_may_run_on(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("1").gets_sms("is yours")
    night.until(due(night) - minutes(11))
    ana.gets_sms("has not been called yet")
    ana.is_called_back_by("3").gets_sms("is ringing").presses("1")
    night.customer.answers()
    night.until(due(night) + minutes(3))
    assert night.verdict()["outcome"] == "pending"
    night.customer.hangs_up()
    ana.presses("1")
    assert night.verdict()["outcome"] == "met"
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_an_outage_of_ours_is_told_beside_the_missed_promise(night: Night) -> None:
    night.customer.calls().leaves_message()
    night.engine.beat()
    night.clock.turn(hours=1)
    night.engine.register()
    night.settle()
    verdict = night.verdict()
    assert (verdict["outcome"], verdict["our_outage"]) == ("missed", True)
    assert "We were down" in verdict["why"]
    night.customer.gets_sms("we have your message").gets_sms("we promised to call you")
    night.nobody_else_was_contacted()


def test_who_is_paged_after_the_deadline_is_told_to_call_now(night: Night) -> None:
    """Not to call by a time that has passed."""
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    night.until(due(night))
    night.taken_up.update(m.sid for m in night.sent())
    night.minutes_pass(14)
    ana.gets_sms("P1 E-000001", "Was due 02:30: call now.")
    assert "by 02:30" not in ana.last_text
    ana.replies("1").gets_sms("is yours", "was due 02:30, so call now")
    night.sue.gets_sms("MISSED E-").gets_sms("P1 E-000001")
    night.customer.gets_sms("we promised to call you")
    night.people["bob"].gets_sms("P1 E-000001")
    night.nobody_else_was_contacted()
