"""What other paging systems got wrong, played here; docs/pitfalls.md says which story answers which pitfall."""

import pytest

from tests.night import Night, minutes, seconds


@pytest.mark.parametrize("sender", ["+15145550100", "12345", "+19999", ""])
def test_our_own_number_and_short_codes_are_never_answered(night: Night, sender: str) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    night.network.texts.receive(sender, "1")
    night.settle()
    assert night.emergency()["state"] == "open"
    night.nobody_else_was_contacted()


def test_who_passed_is_asked_again_after_everybody_else(night: Night) -> None:
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("2").gets_sms("next person")
    bob.gets_sms("E-000001").replies("2").gets_sms("next person")
    night.sue.gets_sms("E-000001")
    night.passes(minutes(4) - seconds(5))
    night.nobody_else_was_contacted()
    night.passes(seconds(10))
    ana.gets_sms("E-000001").replies("1").gets_sms("is yours")
    night.nobody_else_was_contacted()


def test_a_roster_loaded_in_the_middle_of_the_night_is_asked_at_the_next_step(night: Night) -> None:
    """F81."""
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    night.on_call("ana", "cleo")
    night.minutes_pass(4)
    night.people["cleo"].gets_sms("E-000001")
    night.nobody_else_was_contacted()


def test_an_emergency_keeps_the_plan_it_opened_with(night: Night) -> None:
    """F81."""
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    terms = night.get("/api/v1/emergencies/E-000001/ledger")["items"][0]["facts"]["terms"]
    assert [step["target"] for step in terms["rungs"]] == ["primary", "backup", "supervisors"]
    night.minutes_pass(4)
    bob.gets_sms("E-000001")
    night.nobody_else_was_contacted()


def test_a_code_is_not_used_again_for_a_week(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    codes = set()
    for _ in range(4):
        night.customer.calls(caller_id="anonymous").leaves_message(seconds(2))
        codes.add(ana.gets_sms("withheld").code)
        ana.replies(f"4 {ana.code}").gets_sms("reached")
        night.minutes_pass(2)
    assert len(codes) == 4
    night.nobody_else_was_contacted()


def test_the_caller_always_ends_in_a_recording_even_when_nobody_is_on_call(night: Night) -> None:
    night.customer.calls()
    night.passes(seconds(5))
    assert night.customer.call and night.customer.call.waits == "record"
    night.customer.leaves_message()
    assert night.customer.call.status == "completed"
    assert len([x for x in night.network.calls.all.values() if x.direction == "inbound"]) == 1
    night.nobody_else_was_contacted()


def test_paging_ends_with_the_acknowledgement_and_begins_again_when_it_is_given_back(night: Night) -> None:
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("1").gets_sms("is yours")
    night.minutes_pass(10)
    night.nobody_else_was_contacted()
    ana.proves("pass").gets_sms("next person")
    bob.gets_sms("E-000001")
    night.nobody_else_was_contacted()


def test_a_voicemail_is_recorded_once_and_never_loops(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls().speaks(seconds(10))
    night.passes(seconds(30))
    assert night.customer.call and night.customer.call.is_over
    assert sum(1 for item in night.customer.call.heard if item.get("beep")) == 1
    ana.gets_sms("E-000001")
    night.nobody_else_was_contacted()
