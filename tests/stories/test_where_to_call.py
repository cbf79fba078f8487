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
    ana.gets_sms("left a number", other[-4:])
    ana.is_called_back_by("3").presses("1")
    night.other_customer.answers(and_talks_for=seconds(31))
    ana.presses("1")
    assert night.verdict() == met(by="carrier")
    assert night.emergency()["customer"]["number"] == other
    ana.gets_sms("your phone is ringing")
    night.nobody_else_was_contacted()


def test_a_withheld_caller_is_always_asked(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    leaves(night, "anonymous")
    ana.gets_sms("number withheld")
    night.customer.hears("Your number is hidden").presses("5145550142#").hears("We will call you at")
    ana.gets_sms("left a number: 514-555-0142")
    assert [m for m in night.sent() if m.to_number == night.customer.number] == []
    e = night.emergency()
    assert (e["customer"]["number"], e["customer"]["withheld"]) == ("+15145550142", True)
    ana.is_called_back_by("3").presses("1")
    night.customer.is_rung()
    ana.gets_sms("your phone is ringing")
    night.nobody_else_was_contacted()


@pytest.mark.parametrize("keyed", ["911", "12", "9005551234", "0114420718387500", "5145550100", "1"])
def test_a_number_that_cannot_be_dialled_is_asked_for_once_more(night: Night, keyed: str) -> None:
    ana, _ = night.on_call("ana", "bob")
    leaves(night, "anonymous")
    ana.gets_sms("number withheld")
    night.customer.presses(f"{keyed}#").hears("We cannot call that number", "enter the number again")
    night.customer.presses("5145550142#").hears("We will call you at")
    ana.gets_sms("left a number")
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
    night.customer.presses("#").hears("Votre numéro est masqué").presses("12#").hears("Il faut dix chiffres")
    night.customer.presses("5145550142#").hears("Nous vous appellerons au 5 1 4")
    ana.gets_sms("number withheld").gets_sms("left a number")
    night.nobody_else_was_contacted()


@pytest.mark.parametrize(
    "junk", ["+10000000000", "5550142", "+15550142", "+11145550111", "+442071838", "sip:anonymous"]
)
def test_a_caller_id_that_is_no_number_is_withheld_and_merges_nobody(night: Night, junk: str) -> None:
    ana, _ = night.on_call("ana", "bob")
    leaves(night, junk)
    ana.gets_sms("E-000001", "number withheld")
    night.customer.hears("Your number is hidden").hangs_up()
    night.other_customer.calls(caller_id=junk).leaves_message()
    ana.gets_sms("E-000002", "number withheld")
    people = [e["customer"] for e in night.emergencies()]
    assert [(p["number"], p["withheld"]) for p in people] == [(None, True), (None, True)]
    assert [m.body for m in night.sent() if m.to_number == junk] == []
    night.nobody_else_was_contacted()


@pytest.mark.parametrize("shown", ["+19005550142", "+442071838750", "+18765550142", "+17872345678", "+15145551212"])
def test_a_number_that_we_shall_not_dial_is_not_read_out_but_asked_for(night: Night, shown: str) -> None:
    ana, _ = night.on_call("ana", "bob")
    leaves(night, shown)
    ana.gets_sms("E-000001")
    night.customer.hears("We cannot call the number you are calling from").presses("5145550142#")
    night.customer.hears("We will call you at 5 1 4")
    ana.gets_sms("left a number: 514-555-0142").is_called_back_by("3").gets_sms("is ringing").presses("1")
    night.customer.is_rung()
    night.nobody_else_was_contacted()


def test_a_number_that_we_shall_not_dial_cannot_be_confirmed(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    leaves(night, "+442071838750")
    ana.gets_sms("E-000001")
    night.customer.presses("1#").hears("We cannot call that number")
    assert "NumberGiven" not in night.facts()
    night.customer.hangs_up()
    assert night.emergency()["customer"] == {"number": "+442071838750", "withheld": False, "name": None}
    night.nobody_else_was_contacted()


@pytest.mark.parametrize("keyed,limit", [("5145550142", 1800), ("1", 14400)])
def test_a_call_to_a_keyed_in_number_may_last_for_less_time(night: Night, keyed: str, limit: int) -> None:
    """Anybody can key in anybody's number; the caller's own stands in the carrier's word."""
    ana, _ = night.on_call("ana", "bob")
    leaves(night, "anonymous" if keyed != "1" else None)
    ana.gets_sms("E-000001")
    night.customer.presses(f"{keyed}#").hears("We will call you at")
    night.taken_up.update(m.sid for m in night.sent())
    ana.is_called_back_by("3").gets_sms("is ringing").presses("1")
    assert ana.call and ana.call.dial
    assert ana.call.dial.verb.number("timeLimit", 0) == limit
    night.customer.is_rung()
    if keyed == "1":
        night.customer.gets_sms("is calling you now")
    night.nobody_else_was_contacted()
