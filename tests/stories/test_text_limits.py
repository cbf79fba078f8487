"""Nobody fills the line: answers, receipts and notes have bounds, and pages go first."""

from itertools import pairwise

import pytest
from sqlmodel import select

from callbacks.emergency import commands
from callbacks.engine.intake import texts
from callbacks.store.sql import tables
from tests.night import SMS_ONLY, Night, minutes, seconds
from tests.stories.test_where_to_call import leaves

FEW = SMS_ONLY + "[limits]\ntexts_per_customer_per_day = 3\ncustomer_texts_per_hour = 5\n"


def to(night: Night, number: str) -> list[str]:
    return [m.body for m in night.sent() if m.to_number == number]


# --- answers to commands ---


@pytest.mark.parametrize("word", ["who", "0", "ready", "hello?", "1 Z9Z"])
def test_answers_to_one_number_end_with_a_last_one(night: Night, word: str) -> None:
    _, bob = night.on_call("ana", "bob")
    for _ in range(30):
        bob.texts(word)
    told = to(night, bob.number)
    assert len(told) == texts.MOST + 1
    assert "no more replies until" in told[-1]
    alarms = [body for body in to(night, night.sue.number) if "more than 20 texts" in body]
    assert len(alarms) == 1
    assert "Bob Chen" in alarms[0]
    night.minutes_pass(10.1)
    bob.texts("who")
    assert len(to(night, bob.number)) == texts.MOST + 2
    bob.gets_all(
        "You have no handoff to confirm",
        "Too many texts from this number",
        "On call: primary Ana Roy",
        "You have no open emergency with the code",
        "Not understood",
        "No open emergency",
    )
    night.sue.gets_all("texts in 10 minutes")
    night.nobody_else_was_contacted()


def test_commands_without_an_answer_still_act_and_pages_still_come(night: Night) -> None:
    """A bare 1 may be forged when the real phone would not hear of it: with the page's code it counts."""
    ana, _ = night.on_call("ana", "bob")
    for _ in range(30):
        ana.texts("who")
    night.taken_up |= {m.sid for m in night.sent()}
    night.customer_leaves_message()
    ana.gets_sms("E-000001 #").replies("1").replies("p2")
    assert night.emergency()["acknowledged_by"] is None
    assert night.emergency()["priority"] == "P2"
    ana.proves("1")
    assert night.emergency()["acknowledged_by"] == "ana"
    night.nobody_else_was_contacted()


def test_all_numbers_together_have_a_bound_too(night: Night) -> None:
    night.on_call("ana", "bob")
    everybody = [*night.people.values(), night.sue]
    for _ in range(25):
        for person in everybody:
            person.texts("who")
    told = [m.body for m in night.sent() if "primary" in m.body or "no more replies" in m.body]
    assert len(told) == texts.MOST_IN_ALL
    assert len([m for m in night.sent() if "technicians' numbers" in m.body]) == 1
    night.people["ana"].gets_all("On call: primary Ana Roy")
    night.people["bob"].gets_all("On call: primary Ana Roy")
    night.people["cleo"].gets_all("On call: primary Ana Roy")
    night.sue.gets_all("On call: primary Ana Roy", "texts in 10 minutes")
    night.nobody_else_was_contacted()


# --- texts to customers ---


def test_a_number_takes_so_many_texts_a_day_and_supervisors_hear_of_it_once(make_night) -> None:  # type: ignore[no-untyped-def]
    night: Night = make_night(policy=SMS_ONLY + "[limits]\ntexts_per_customer_per_day = 1\n")
    night.on_call("ana", "bob")
    night.customer.calls().presses("1").hangs_up()
    night.people["ana"].replies("1")
    ana_calls = night.people["ana"].is_called_back_by("3").presses("1")
    assert ana_calls.call
    night.settle()
    assert len(to(night, night.customer.number)) == 1
    alarms = [body for body in to(night, night.sue.number) if "in 24 hours" in body]
    assert len(alarms) == 1
    assert "the customer of E-000001 was sent 1 texts" in alarms[0]
    night.people["ana"].gets_sms("P1 E-000001").gets_sms("is yours").gets_sms("your phone is ringing")
    night.sue.gets_sms("the customer of E-000001 was sent")
    night.customer.is_rung()
    night.nobody_else_was_contacted()


def test_all_customers_together_take_so_many_an_hour_and_every_one_is_paged(make_night) -> None:  # type: ignore[no-untyped-def]
    night: Night = make_night(policy=FEW)
    night.on_call("ana", "bob")
    shown = [f"+1514555{2000 + n}" for n in range(8)]
    for number in shown:
        night.customer.calls(caller_id=number).presses("1").hangs_up()
        night.passes(seconds(12))
    night.passes(minutes(1))
    assert sum(len(to(night, number)) for number in shown) == 5
    assert len([body for body in to(night, night.sue.number) if "texts went to customers in an hour" in body]) == 1
    assert all(e["first_page_at"] for e in night.emergencies())
    night.people["ana"].gets_sms("P1 E-000001").gets_sms("P1 E-000002").gets_sms("emergencies, call back by").gets_sms(
        "P1 E-000006"
    ).gets_sms("emergencies, call back by")
    night.sue.gets_sms("texts went to customers in an hour")
    night.nobody_else_was_contacted()


def test_no_text_to_a_keyed_in_number_before_it_texts_or_calls(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    leaves(night, "anonymous")
    night.customer.presses("5145550142#")
    ana.gets_sms("number withheld").gets_sms("left a number: 514-555-0142")
    night.minutes_pass(1)
    assert to(night, night.customer.number) == []
    night.customer.texts("it is me")
    ana.gets_sms("the customer writes: it is me")
    night.customer.gets_sms("E-000001: we have your message")
    assert night.facts().count("NumberGiven") == 2
    night.nobody_else_was_contacted()


def test_no_text_to_a_keyed_in_number_before_somebody_spoke_with_it(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    leaves(night, "anonymous")
    night.customer.presses("5145550142#")
    ana.gets_sms("number withheld").gets_sms("left a number")
    ana.is_called_back_by("3").gets_sms("your phone is ringing").presses("1")
    night.customer.is_rung().rejects()
    night.passes(seconds(20))
    assert to(night, night.customer.number) == []
    ana.gets_sms("the customer was not reached")
    night.nobody_else_was_contacted()


def test_something_else_opens_two_more_an_hour_and_then_joins(night: Night) -> None:
    night.on_call("ana", "bob")
    night.customer.calls().presses("1").hangs_up()
    for _ in range(4):
        night.passes(minutes(2))
        night.customer.calls().presses("2").hangs_up()
    assert [e["ref"] for e in night.emergencies()] == ["E-000001", "E-000002", "E-000003"]
    night.passes(minutes(60))
    night.customer.calls().presses("2").hangs_up()
    assert len(night.emergencies()) == 4
    night.people["ana"].gets_all("P1 E-")
    night.customer.gets_all("we saw your call", "we promised to call you")
    night.people["bob"].gets_all("P1 E-")
    night.sue.gets_all("P1 E-", "AT RISK", "MISSED E-")
    night.nobody_else_was_contacted()


# --- the pace ---


@pytest.mark.storage
def test_on_an_idle_line_an_answer_leaves_at_once(make_night) -> None:  # type: ignore[no-untyped-def]
    night: Night = make_night(pace=1)
    ana, _ = night.on_call("ana", "bob")
    ana.texts("who").gets_sms("primary Ana Roy")
    night.nobody_else_was_contacted()


def test_texts_leave_one_after_another_and_a_page_goes_first(make_night) -> None:  # type: ignore[no-untyped-def]
    night: Night = make_night(pace=1)
    ana, bob = night.on_call("ana", "bob")
    for _ in range(6):
        bob.texts("who")
    assert len(to(night, bob.number)) <= 3
    night.customer.calls().hangs_up()
    ana.gets_sms("E-000001 #")
    page = next(m for m in night.sent() if m.to_number == ana.number)
    before = [m for m in night.sent() if m.created_at <= page.created_at and m is not page]
    assert len(before) < 6
    night.passes(seconds(30))
    assert len(to(night, bob.number)) == 6
    left = sorted(m.created_at for m in night.sent() if m.to_number == bob.number)
    assert all(later - first >= seconds(1) for first, later in pairwise(left))
    bob.gets_sms("On call: primary Ana Roy").gets_sms("On call: primary Ana Roy").gets_sms(
        "On call: primary Ana Roy"
    ).gets_sms("On call: primary Ana Roy").gets_sms("On call: primary Ana Roy").gets_sms("On call: primary Ana Roy")
    night.nobody_else_was_contacted()


def test_answers_leave_before_receipts(make_night) -> None:  # type: ignore[no-untyped-def]
    night: Night = make_night(pace=1)
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls().presses("1").leaves_message()
    ana.gets_sms("E-000001 #").replies("1")
    night.passes(seconds(20))
    order = [("answer" if m.to_number == ana.number else "receipt") for m in night.sent() if "Reply 1" not in m.body]
    assert order == ["answer", "receipt"]
    ana.gets_sms("is yours")
    night.nobody_else_was_contacted()


# --- what is put down of one emergency ---


def test_a_customers_notes_have_a_bound_that_both_sides_hear_of(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commands, "MOST_NOTES", 5)
    night.on_call("ana", "bob")
    night.customer_leaves_message().gets_sms("we have your message")
    for n in range(30):
        night.customer.texts(f"note {n}")
    assert night.facts().count("NoteAdded") == 5
    night.customer.gets_sms("E-000001: we have kept 5 notes from you", "Call this number")
    assert len([body for body in to(night, night.sue.number) if "so many texts came" in body]) == 1
    with night.database.read() as session:
        kept = session.exec(select(tables.Received.form).where(tables.Received.source == "sms")).all()
    assert len([form for form in kept if "note " in form]) == 30, "nothing that was said is lost"
    night.customer.texts("withdraw").gets_sms("To close E-000001")
    night.people["ana"].gets_sms("P1 E-000001").gets_sms("the customer writes")
    night.sue.gets_sms("so many texts came about it")
    night.nobody_else_was_contacted()


@pytest.mark.parametrize(("words", "kind"), [("note again", "NoteAdded"), ("p1 p2", "PriorityChanged")])
def test_a_technicians_notes_and_priorities_have_a_bound(
    night: Night, monkeypatch: pytest.MonkeyPatch, words: str, kind: str
) -> None:
    monkeypatch.setattr(commands, "MOST_NOTES", 4)
    monkeypatch.setattr(commands, "MOST_PRIORITIES", 4)
    monkeypatch.setattr(commands, "MOST_REFUSALS", 3)
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    for n in range(15):
        ana.texts(words if kind == "NoteAdded" else f"p{2 - n % 2}")
    assert night.facts().count(kind) == 4
    assert night.facts().count("CommandRefused") == 3
    assert "not recorded: too many texts" in to(night, ana.number)[-1]
    assert len([body for body in to(night, night.sue.number) if "so many texts came" in body]) == 1
    ana.texts("1")
    assert night.emergency()["acknowledged_by"] == "ana"
    ana.gets_all("P1 E-", "The callback is still", "not recorded", "E-000001 is P1 already.", "is yours", "note added")
    night.sue.gets_all("so many texts came about it")
    night.nobody_else_was_contacted()


def test_the_priority_that_it_has_is_no_fact(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").texts("p2").gets_sms("is now P2").texts("p2").gets_sms("E-000001 is P2 already")
    assert night.facts().count("PriorityChanged") == 1
    night.nobody_else_was_contacted()
