"""Pages by voice, under the published policy: a key is the only acknowledgement, whoever answers."""

from collections.abc import Callable

import pytest

from tests.night import Night, Person, met, seconds


@pytest.fixture
def night(make_night: Callable[..., Night]) -> Night:
    return make_night(policy="")


@pytest.fixture
def ana(night: Night) -> Person:
    """Ana slept through the text, and her phone rings a minute later."""
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    night.minutes_pass(1)
    return ana.is_rung()


def test_one_takes_it(night: Night, ana: Person) -> None:
    ana.answers().hears("Emergency from 5 1 4", "Call back by 02:30", "Press 1")
    ana.presses("1").hears("It is yours").hangs_up()
    assert night.emergency()["acknowledged_by"] == "ana"
    night.nobody_else_was_contacted()


def test_the_message_is_played(night: Night, ana: Person) -> None:
    ana.answers().hears("/media/")
    ana.presses("1").hangs_up()
    night.nobody_else_was_contacted()


def test_star_repeats_and_a_wrong_key_is_told(night: Night, ana: Person) -> None:
    ana.answers().presses("*").presses("8").hears("does nothing here")
    ana.presses("1").hears("It is yours").hangs_up()
    night.nobody_else_was_contacted()


def test_three_connects_at_once_for_that_key_is_the_proof(night: Night, ana: Person) -> None:
    ana.answers().presses("3")
    night.customer.answers(and_talks_for=seconds(40))
    ana.hears("Press 1 if you spoke").presses("1")
    assert night.verdict() == met(by="carrier")
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.nobody_else_was_contacted()


def test_one_then_three_connects_on_the_same_call(night: Night, ana: Person) -> None:
    ana.answers().presses("1").presses("3")
    night.customer.answers(and_talks_for=seconds(40))
    ana.presses("1")
    assert night.verdict() == met(by="carrier")
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.nobody_else_was_contacted()


def test_three_on_the_page_while_the_callback_rings_dials_the_customer_once(night: Night, ana: Person) -> None:
    """Ana texts 3 while the page still rings: the customer is dialled by the call she asked for, never by both."""
    page = ana.call
    ana.replies("3").gets_sms("is ringing")
    ana.answers().presses("3").hears("callback is already in progress")
    assert page is not None
    assert "CustomerRang" not in night.facts()
    ana.is_rung().answers().presses("1")
    night.customer.answers(and_talks_for=seconds(40))
    ana.presses("1")
    assert night.verdict() == met(by="carrier")
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.nobody_else_was_contacted()


def test_two_wakes_the_next_person_now(night: Night, ana: Person) -> None:
    ana.answers().presses("2").hears("next person is being paged")
    bob = night.people["bob"].gets_sms("E-000001").is_rung()
    bob.answers().presses("1").hangs_up()
    assert night.emergency()["acknowledged_by"] == "bob"
    night.nobody_else_was_contacted()


@pytest.mark.parametrize("what", ["mailbox", "reject", "silence"])
def test_whatever_is_not_a_key_moves_on(night: Night, ana: Person, what: str) -> None:
    """F40, I21."""
    if what == "mailbox":
        ana.mailbox_answers()
        night.passes(seconds(21))
    elif what == "reject":
        ana.rejects()
    else:
        ana.answers()
        night.passes(seconds(14))
    bob = night.people["bob"].gets_sms("E-000001").is_rung()
    bob.answers().presses("1").hangs_up()
    assert night.emergency()["acknowledged_by"] == "bob"
    night.nobody_else_was_contacted()


def test_a_phone_that_rings_out_moves_on(night: Night, ana: Person) -> None:
    """F36."""
    night.passes(seconds(40))
    bob = night.people["bob"].gets_sms("E-000001").is_rung()
    bob.answers().presses("1").hangs_up()
    night.nobody_else_was_contacted()


def test_a_key_on_an_emergency_that_somebody_has_says_so(night: Night, ana: Person) -> None:
    ana.answers()
    night.sue.texts(f"1 {night.sue.code}").gets_sms("is yours")
    ana.presses("1").hears("Somebody else already has it")
    assert night.emergency()["acknowledged_by"] == "sue"
    night.nobody_else_was_contacted()


def test_a_phone_that_rings_is_not_called_a_second_time_before_the_first_has_ended(night: Night) -> None:
    """STOP rings at once, and twenty seconds later the step for calls comes: its call waits, and is not lost."""
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    night.passes(seconds(40))
    ana.texts("STOP").is_rung()
    night.sue.gets_sms("Ana Roy has opted out of our texts")
    first, began = ana.call, night.clock.now()
    night.passes(seconds(23))
    assert len([c for c in night.placed() if c.to_number == ana.number]) == 1
    assert "0.1.ana.voice" in str(night.get("/api/v1/emergencies/E-000001/ledger"))
    night.passes(seconds(5))
    assert first is not None and first.status == "no-answer"
    assert (night.clock.now() - began).total_seconds() < 30
    ana.is_rung().answers().presses("1").hears("It is yours").hangs_up()
    night.nobody_else_was_contacted()


def test_the_next_call_leaves_though_the_end_of_the_first_is_never_reported(night: Night) -> None:
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    night.passes(seconds(40))
    ana.texts("STOP").is_rung()
    night.sue.gets_sms("Ana Roy has opted out of our texts")
    night.knobs(webhooks_down=True)
    night.passes(seconds(60))
    night.knobs(webhooks_down=False)
    night.network.errors.clear()
    night.passes(seconds(70))
    ana.is_rung().rejects()
    bob.gets_sms("E-000001").is_rung()
    night.nobody_else_was_contacted()
