"""A callback whose end no webhook told of: the carrier's own record of the customer's leg is the evidence."""

from collections.abc import Callable

import pytest

from tests.night import PENDING, SUPPORT, Night, Person, met, minutes, seconds, void

MakeNight = Callable[..., Night]


@pytest.fixture
def ana(night: Night) -> Person:
    """Ana has it, and the customer's phone rings."""
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("1").gets_sms("is yours")
    ana.is_called_back_by("3").gets_sms("is ringing").presses("1")
    night.customer.is_rung()
    return ana


def is_lost(night: Night, deed: str) -> None:
    """The customer does it, and no webhook of the next half minute arrives."""
    night.knobs(webhooks_down=True)
    getattr(night.customer, deed)()
    night.passes(seconds(30))
    night.knobs(webhooks_down=False)
    night.network.errors.clear()


def test_a_talk_whose_end_was_lost_counts_from_when_it_began(night: Night, ana: Person) -> None:
    night.customer.answers()
    night.passes(seconds(60))
    assert night.sweeps() == 0
    assert "CustomerLegEnded" not in night.facts()
    is_lost(night, "hangs_up")
    assert night.verdict() == PENDING
    night.sweeps()
    assert night.verdict() == met(by="carrier", after=seconds(22))
    assert [a["talk_seconds"] for a in night.emergency()["attempts"]] == [60]
    facts = night.facts()
    night.sweeps()
    assert night.facts() == facts
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.nobody_else_was_contacted()


def test_a_talk_of_which_nothing_was_heard_counts_too(night: Night, ana: Person) -> None:
    night.knobs(webhooks_down=True)
    night.customer.answers()
    night.passes(seconds(45))
    is_lost(night, "hangs_up")
    night.sweeps()
    assert night.verdict() == met(by="carrier", after=seconds(22))
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.nobody_else_was_contacted()


def test_a_mailbox_of_which_nothing_was_heard_is_no_conversation(night: Night, ana: Person) -> None:
    is_lost(night, "mailbox_answers")
    night.passes(seconds(20))
    night.sweeps()
    assert [a["result"] for a in night.emergency()["attempts"]] == ["machine"]
    night.minutes_pass(31)
    assert night.verdict() == void(by="carrier")
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.nobody_else_was_contacted()


def test_a_mailbox_whose_machine_verdict_was_lost_is_no_conversation(night: Night, ana: Person) -> None:
    """The end was heard and long enough, and nobody pressed a key: the carrier is asked who had answered."""
    night.knobs(webhooks_down=True)
    night.customer.mailbox_answers()
    night.passes(seconds(3))
    night.knobs(webhooks_down=False)
    night.network.errors.clear()
    night.passes(seconds(60))
    night.sweeps()
    assert [a["result"] for a in night.emergency()["attempts"]] == ["machine"]
    facts = night.facts()
    night.sweeps()
    assert night.facts() == facts
    night.minutes_pass(31)
    assert night.verdict() == void(by="carrier")
    night.taken_up.update(m.sid for m in night.sent())
    night.nobody_else_was_contacted()


def test_the_owner_may_try_again_soon_after_a_lost_end(night: Night, ana: Person) -> None:
    night.customer.answers()
    night.passes(seconds(3))
    night.knobs(webhooks_down=True)
    night.customer.hangs_up()
    night.passes(seconds(2))
    night.knobs(webhooks_down=False)
    night.network.errors.clear()
    ana.replies("3").gets_sms("a callback is in progress")
    assert ana.call
    form = {
        "CallSid": ana.call.sid, "AccountSid": night.settings.account_sid, "CallStatus": "completed",
        "Direction": "outbound-api", "CallDuration": "20", "SequenceNumber": "3", "From": SUPPORT, "To": ana.number,
    }  # fmt: skip
    with night.network.lock:
        night.network.report(ana.call.status_url, form, 0, "call")
    night.settle()
    night.sweeps()
    assert [a["talk_seconds"] for a in night.emergency()["attempts"]] == [3]
    ana.is_called_back_by("3").gets_sms("is ringing").presses("1")
    night.customer.is_rung().rejects()
    ana.hears("could not be reached").gets_sms("was not reached")
    night.customer.gets_sms("we have your message").gets_sms("is calling you now").gets_sms("could not reach you")
    night.nobody_else_was_contacted()


def test_a_customer_who_does_not_answer_is_a_try_though_no_webhook_says_so(night: Night, ana: Person) -> None:
    is_lost(night, "rejects")
    night.sweeps()
    assert [a["result"] for a in night.emergency()["attempts"]] == ["busy"]
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.nobody_else_was_contacted()


def test_a_carrier_that_cannot_be_asked_is_asked_again(night: Night, ana: Person) -> None:
    night.customer.answers()
    night.passes(seconds(60))
    is_lost(night, "hangs_up")
    night.knobs(rest={"rate_limited": True})
    night.sweeps()
    assert night.verdict() == PENDING
    night.knobs(rest={"rate_limited": False})
    night.sweeps()
    assert night.verdict() == met(by="carrier")
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.nobody_else_was_contacted()


def test_the_dials_own_word_still_counts_when_it_comes_late(night: Night, ana: Person) -> None:
    night.customer.answers()
    night.passes(seconds(60))
    is_lost(night, "hangs_up")
    night.sweeps()
    child = night.customer.call
    assert child and ana.call
    form = {
        "CallSid": ana.call.sid, "AccountSid": night.settings.account_sid, "DialCallStatus": "completed",
        "DialCallSid": child.sid, "DialCallDuration": "58", "DialBridged": "true",
    }  # fmt: skip
    with night.network.lock:
        night.network.report(f"{night.address}/twilio/callback/1/c1/ended", form, 0, "dial")
    night.settle()
    assert [a["talk_seconds"] for a in night.emergency()["attempts"]] == [58]
    assert night.verdict() == met(by="carrier")
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.nobody_else_was_contacted()


def test_a_page_call_on_which_3_was_pressed_is_asked_about_too(make_night: MakeNight) -> None:
    night = make_night(policy="")
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    night.passes(minutes(1))
    ana.is_rung().answers().presses("3")
    night.customer.answers()
    night.passes(seconds(60))
    is_lost(night, "hangs_up")
    night.sweeps()
    assert night.verdict() == met(by="carrier")
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.nobody_else_was_contacted()
