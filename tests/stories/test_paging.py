"""Nobody sleeps through it: failures of texts and people move the page on, at once or in their time."""

from collections.abc import Callable

from sqlmodel import select

from callbacks.store.sql import tables
from tests.night import MISSED, Night, minutes, seconds


def test_an_undelivered_text_pages_the_next_person_now(night: Night) -> None:
    """F30."""
    ana, bob = night.on_call("ana", "bob")
    night.knobs(numbers={ana.number: {"sms": {"fate": "undelivered", "error_code": 30003}}})
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    bob.gets_sms("E-000001").replies("1").gets_sms("is yours")
    assert night.emergency()["acknowledged_by"] == "bob"
    night.nobody_else_was_contacted()


def test_a_failed_text_pages_the_next_person_now(night: Night) -> None:
    ana, bob = night.on_call("ana", "bob")
    night.knobs(numbers={ana.number: {"sms": {"fate": "failed", "error_code": 30007}}})
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    bob.gets_sms("E-000001")
    night.nobody_else_was_contacted()


def test_no_delivery_report_is_no_failure(night: Night) -> None:
    """F29."""
    ana, bob = night.on_call("ana", "bob")
    night.knobs(sms={"fate": "sent-only"})
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    night.minutes_pass(3.9)
    night.nobody_else_was_contacted()
    night.minutes_pass(0.2)
    bob.gets_sms("E-000001")
    night.nobody_else_was_contacted()


def test_a_refused_text_pages_the_next_person_now(night: Night) -> None:
    """F33."""
    ana, bob = night.on_call("ana", "bob")
    night.network.texts.stopped.add(night.people["ana"].number)
    night.customer_leaves_message()
    bob.gets_sms("E-000001")
    ana.is_rung()
    night.sue.gets_sms("Texts to Ana Roy are not delivered")
    assert "PageFailed" in night.facts()
    night.nobody_else_was_contacted()


def test_a_busy_carrier_is_asked_again_until_the_page_leaves_once(night: Night) -> None:
    """F21."""
    ana, _ = night.on_call("ana", "bob")
    night.knobs(rest={"rate_limited": True})
    night.customer_leaves_message()
    assert night.sent() == []
    night.passes(seconds(5))
    night.knobs(rest={"rate_limited": False})
    night.passes(seconds(10))
    ana.gets_sms("E-000001")
    night.nobody_else_was_contacted()


def test_a_page_that_was_sent_though_the_answer_was_lost_is_not_sent_twice(night: Night) -> None:
    """F22, I12."""
    ana, _ = night.on_call("ana", "bob")
    night.knobs(rest={"error_after_accept": True})
    night.customer_leaves_message()
    night.knobs(rest={"error_after_accept": False})
    night.passes(seconds(10))
    ana.gets_sms("E-000001")
    assert "PageSent" in night.facts()
    night.nobody_else_was_contacted()


def test_an_answer_without_a_sid_is_looked_up_and_never_stored(night: Night) -> None:
    """The word None stood in the outbox, in the ledger and in one row that all pages shared; no delivery was recorded."""
    ana, _ = night.on_call("ana", "bob")
    night.knobs(rest={"no_sid_after_accept": True})
    night.customer_leaves_message()
    night.passes(seconds(10))
    ana.gets_sms("E-000001")
    sids = [sent.sid for sent in night.sent() if sent.to_number == ana.number]
    with night.database.read() as session:
        assert [row.sid for row in session.exec(select(tables.Outbox).where(tables.Outbox.kind == "page"))] == sids
        assert session.get(tables.Carrier, "None") is None
    assert night.facts().count("PageSent") == night.facts().count("PageDelivered") == 1
    night.nobody_else_was_contacted()


def test_a_page_that_was_not_sent_is_sent_again_after_a_server_error(night: Night) -> None:
    """F20."""
    ana, _ = night.on_call("ana", "bob")
    night.knobs(rest={"refuse": {"status": 503, "code": 20503}})
    night.customer_leaves_message()
    assert night.sent() == []
    night.knobs(rest={"refuse": None})
    night.passes(seconds(10))
    ana.gets_sms("E-000001")
    night.nobody_else_was_contacted()


def test_two_lives_who_both_sleep_wake_the_supervisor_and_then_all_begins_again(night: Night) -> None:
    """F47, I9."""
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    night.minutes_pass(4)
    bob.gets_sms("E-000001")
    night.minutes_pass(4)
    night.sue.gets_sms("E-000001")
    night.nobody_else_was_contacted()
    night.minutes_pass(4)
    ana.gets_sms("E-000001").replies("1").gets_sms("is yours")
    night.nobody_else_was_contacted()


def test_each_step_keeps_its_time_to_the_second(night: Night) -> None:
    """I8."""
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    opened = night.context.clock.now()
    night.passes(minutes(4) - seconds(2))
    night.nobody_else_was_contacted()
    night.passes(seconds(3))
    bob.gets_sms("E-000001")
    assert night.context.clock.now() - opened < minutes(4) + seconds(2)
    night.nobody_else_was_contacted()


def test_nobody_at_all_is_a_missed_promise_and_supervisors_know(night: Night) -> None:
    """I10."""
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message(seconds(20))
    ana.gets_sms("E-000001")
    night.minutes_pass(8)
    bob.gets_sms("E-000001")
    night.sue.gets_sms("E-000001")
    night.minutes_pass(11)
    ana.gets_sms("E-000001")
    bob.gets_sms("E-000001")
    night.minutes_pass(1)
    night.sue.gets_sms("AT RISK", "nobody has it".capitalize())
    night.sue.gets_sms("E-000001")
    night.minutes_pass(10)
    for person in (ana, bob):
        person.gets_sms("E-000001")
    night.sue.gets_sms("MISSED", "02:30")
    assert night.verdict() == MISSED
    night.minutes_pass(2)
    night.sue.gets_sms("E-000001")
    night.customer.gets_sms("we have your message").gets_sms("we promised to call you")
    night.nobody_else_was_contacted()


def test_passing_wakes_the_next_person_now(night: Night) -> None:
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("2").gets_sms("the next person is being paged", "Send 1")
    bob.gets_sms("E-000001").replies("pass").gets_sms("next person is being paged")
    night.sue.gets_sms("E-000001").replies("ok").gets_sms("is yours")
    night.nobody_else_was_contacted()


def test_the_owner_may_give_it_back(night: Night) -> None:
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("1").gets_sms("is yours")
    ana.replies("2").gets_sms("None of yours is waiting for an answer", "(Ana Roy)", f"such as 2 {ana.code}.")
    assert night.emergency()["acknowledged_by"] == "ana"
    ana.replies(f"2 {ana.code}").gets_sms("next person is being paged")
    bob.gets_sms("E-000001")
    assert night.emergency()["acknowledged_by"] is None
    night.nobody_else_was_contacted()


def test_a_gap_in_the_rota_goes_to_the_next_step_and_to_supervisors(night: Night) -> None:
    """F46, I11."""
    (ana,) = night.on_call("ana")
    gap = '[[override]]\nrotation = "primary"\ntechnician = ""\nfrom = "2026-11-23T18:00"\nto = "2026-11-24T07:30"\n'
    night.on_call("ana", "bob", extra=gap)
    night.customer_leaves_message()
    night.sue.gets_sms("NOBODY ON CALL", "514-555-0142")
    night.people["bob"].gets_sms("E-000001")
    assert ana.last_text == ""
    night.nobody_else_was_contacted()


def test_an_empty_roster_still_opens_the_emergency_and_keeps_asking(night: Night) -> None:
    night.customer_leaves_message()
    assert night.emergency()["state"] == "open"
    night.minutes_pass(13)
    ana, _ = night.on_call("ana", "bob")
    night.minutes_pass(12)
    ana.gets_sms("E-000001")
    night.people["bob"].gets_sms("E-000001")
    night.taken_up.update(m.sid for m in night.sent() if m.to_number == night.sue.number)
    night.nobody_else_was_contacted()


def test_opting_out_turns_the_page_into_a_call_and_tells_supervisors(make_night: Callable[..., Night]) -> None:
    """F39."""
    night = make_night()
    ana, _ = night.on_call("ana", "bob")
    ana.texts("STOP")
    night.sue.gets_sms("Ana Roy", "opted out of our texts", "START")
    night.customer_leaves_message()
    ana.is_rung().answers().hears("Emergency from", "Press 1")
    ana.presses("1").hears("It is yours")
    ana.hangs_up()
    assert night.emergency()["acknowledged_by"] == "ana"
    night.nobody_else_was_contacted()


def test_start_brings_the_texts_back(night: Night) -> None:
    """F39."""
    ana, _ = night.on_call("ana", "bob")
    ana.texts("stop")
    night.sue.gets_sms("opted out of our texts")
    ana.texts("START")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    night.nobody_else_was_contacted()


def test_when_the_last_one_has_passed_ahead_the_others_are_asked_again_at_once(night: Night) -> None:
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    code = ana.gets_sms("E-000001").code
    night.sue.texts(f"2 {code}").gets_sms("next person is being paged")
    night.minutes_pass(4)
    bob.gets_sms("E-000001")
    night.minutes_pass(4)
    ana.gets_sms("E-000001")
    night.nobody_else_was_contacted()
