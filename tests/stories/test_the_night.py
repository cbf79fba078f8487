"""The main road: a message, a page, an acknowledgement, a callback, a verdict."""

from tests.night import PENDING, Night, met, minutes, seconds


def test_the_promise_is_kept_over_the_bridge(night: Night) -> None:
    ana, _bob = night.on_call("ana", "bob")
    night.customer_leaves_message(seconds(24))
    ana.gets_sms("P1 E-000001", "514-555-0142", "message of 0:24 at 02:00", "by 02:30", "Reply 1", "2 pass", "3")
    ana.replies("1").gets_sms("E-000001 is yours", "02:30")
    assert night.verdict() == PENDING
    ana.is_called_back_by("3").gets_sms("your phone is ringing").presses("1")
    night.customer.answers(and_talks_for=seconds(90))
    ana.hears("Press 1 if you spoke").presses("1")
    assert night.verdict() == met(by="carrier", after=seconds(24))
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.nobody_else_was_contacted()


def test_a_sleeping_technician_is_passed_over(night: Night) -> None:
    """F31."""
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("514-555-0142")
    night.minutes_pass(4)
    bob.gets_sms("514-555-0142").replies("1").gets_sms("is yours")
    bob.is_called_back_by("3").gets_sms("is ringing").presses("1")
    night.customer.answers(and_talks_for=seconds(90))
    bob.presses("1")
    assert night.verdict() == met(by="carrier", after=minutes(4) + seconds(20))
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.nobody_else_was_contacted()
