"""The number to call back: confirmed, corrected, or asked for when it is withheld. The message comes first."""

import pytest

from tests.night import Night, met, seconds


def leaves(night: Night, caller_id: str | None = None) -> None:
    """A message ended with pound, so that the caller stays on the line."""
    night.customer.calls(caller_id=caller_id).presses("1").speaks(seconds(9))
    night.customer.presses("#")


def test_the_message_is_paged_before_any_number_is_asked_for(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    leaves(night)
    ana.gets_sms("E-000001", "514-555-0142")
    night.customer.hears("Thank you", "call you back at 5 1 4, 5 5 5, 0 1 4 2", "press 1")
    night.customer.hangs_up()
    night.nobody_else_was_contacted()


def test_one_confirms_it(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    leaves(night)
    ana.gets_sms("E-000001")
    night.customer.presses("1#").hears("We will call you at 5 1 4, 5 5 5, 0 1 4 2")
    assert "NumberGiven" in night.facts()
    night.nobody_else_was_contacted()


def test_another_number_is_told_to_whoever_was_paged_and_is_the_one_dialled(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    other = night.other_customer.number
    leaves(night)
    ana.gets_sms("E-000001")
    night.customer.presses(f"{other[2:]}#").hears("We will call you at")
    ana.gets_sms("gave a number", other[-4:])
    ana.is_called_back_by("3").presses("1")
    night.other_customer.answers(and_talks_for=seconds(31))
    ana.presses("1")
    assert night.verdict() == met(by="carrier")
    assert night.emergency()["customer"]["number"] == other


def test_a_withheld_caller_is_always_asked(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    leaves(night, "anonymous")
    ana.gets_sms("number withheld")
    night.customer.hears("Your number is hidden").presses("5145550142#").hears("We will call you at")
    ana.gets_sms("gave a number: 514-555-0142")
    night.customer.gets_sms("E-000001: we have your message")
    e = night.emergency()
    assert (e["customer"]["number"], e["customer"]["withheld"]) == ("+15145550142", True)
    ana.is_called_back_by("3").presses("1")
    night.customer.is_rung()


@pytest.mark.parametrize("keyed", ["911", "12", "9005551234", "0114420718387500", "5145550100", "1"])
def test_a_number_that_cannot_be_dialled_is_asked_for_once_more(night: Night, keyed: str) -> None:
    ana, _ = night.on_call("ana", "bob")
    leaves(night, "anonymous")
    ana.gets_sms("number withheld")
    night.customer.presses(f"{keyed}#").hears("That is not a number we can call", "once more")
    night.customer.presses("5145550142#").hears("We will call you at")
    ana.gets_sms("gave a number")
    night.nobody_else_was_contacted()


def test_twice_wrong_ends_politely_and_nothing_is_lost(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    leaves(night, "anonymous")
    ana.gets_sms("number withheld")
    night.customer.presses("12#").presses("13#").hears("Goodbye")
    assert night.emergency()["customer"]["number"] is None
    night.nobody_else_was_contacted()


def test_silence_is_no_answer_and_the_call_ends(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    leaves(night)
    ana.gets_sms("E-000001")
    night.passes(seconds(10))
    assert night.customer.call and night.customer.call.is_over
    night.nobody_else_was_contacted()


def test_in_french(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls(caller_id="anonymous").presses("2").speaks(seconds(9))
    night.customer.presses("#").hears("Votre numéro nous est masqué").presses("12#").hears("Il faut dix chiffres")
    night.customer.presses("5145550142#").hears("Nous vous appellerons au 5 1 4")
    ana.gets_sms("number withheld").gets_sms("gave a number")
    night.nobody_else_was_contacted()
