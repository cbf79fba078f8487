"""What technicians text, and what they are told."""

import pytest

from callbacks.store.sql import tables
from tests.night import PENDING, Night, met, minutes, seconds, void


def test_two_open_emergencies_need_a_code(night: Night) -> None:
    """F45."""
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    first = ana.gets_sms("514-555-0142").code
    night.other_customer.calls().leaves_message()
    second = ana.gets_sms("514-555-0163").code
    ana.replies("1").gets_sms("Which one?", f"#{first}", f"#{second}", "Send the command and the code")
    assert {e["state"] for e in night.emergencies()} == {"open"}
    ana.replies(f"1 {second}").gets_sms("E-000002 is yours")
    ana.replies(f"{first}ack").gets_sms("E-000001 is yours")
    assert {e["acknowledged_by"] for e in night.emergencies()} == {"ana"}
    night.nobody_else_was_contacted()


def test_an_unknown_sender_gets_silence_and_changes_nothing(night: Night) -> None:
    """F43."""
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    code = ana.gets_sms("E-000001").code
    night.other_customer.texts(f"1 {code}")
    assert night.emergency()["state"] == "open"
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_somebody_who_was_not_paged_may_not_act(night: Night) -> None:
    """F43, F91, I18."""
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    bob.texts(f"1 {ana.code}").gets_sms("You were not paged for E-000001", "Send 0")
    bob.texts("1 Z9").gets_sms("You have no open emergency with the code Z9", "Send 0")
    assert night.emergency()["acknowledged_by"] is None
    night.nobody_else_was_contacted()


def test_a_supervisor_may_act_without_being_paged(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    night.sue.texts("1").gets_sms("None of yours is waiting", f"such as 1 {ana.code}.")
    assert night.emergency()["acknowledged_by"] is None
    night.sue.texts(f"1 {ana.code}").gets_sms("is yours")
    assert night.emergency()["acknowledged_by"] == "sue"
    night.nobody_else_was_contacted()


def test_the_second_to_answer_is_told_who_has_it(night: Night) -> None:
    """F32."""
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    night.minutes_pass(4)
    bob.gets_sms("E-000001").replies("1").gets_sms("is yours")
    ana.replies("1").gets_sms("None of yours is waiting", f"#{ana.code} due 02:30 (Bob Chen)")
    ana.replies(f"1 {ana.code}").gets_sms("Bob Chen has had E-000001 since 02:04", "send 0")
    assert night.emergency()["acknowledged_by"] == "bob"
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_an_unclear_text_is_answered_with_what_to_send(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("hm what?").gets_sms("Not understood", "1 have it", "2 pass", "6 done")
    ana.replies("ok thanks").gets_sms("Not understood")
    assert night.emergency()["state"] == "open"
    night.nobody_else_was_contacted()


def test_a_machine_that_never_makes_sense_is_answered_25_times(night: Night) -> None:
    """A person half asleep is told each time what to send; two machines do not text each other all night."""
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("1").gets_sms("is yours")
    for _n in range(19):
        ana.replies("hello?").gets_sms("Not understood")
    night.minutes_pass(10.1)
    for _n in range(6):
        ana.replies("hello?").gets_sms("Not understood")
    ana.replies("hello?")
    night.nobody_else_was_contacted()
    ana.replies(f"1 {ana.code}").gets_sms("already yours")
    ana.replies("hello?").gets_sms("Not understood")
    night.nobody_else_was_contacted()


def test_status_lists_what_is_open(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    ana.texts("0").gets_sms("No open emergency")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("status").gets_sms("E-000001", "due 02:30", "nobody has it")
    night.nobody_else_was_contacted()


def test_who_is_on_call(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    ana.texts("who").gets_sms("primary Ana Roy", "backup Bob Chen")
    night.nobody_else_was_contacted()


def test_reached_from_the_own_phone_is_a_declared_contact(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message(seconds(30))
    ana.gets_sms("E-000001")
    night.minutes_pass(3)
    ana.proves("4").gets_sms("you reached the customer", "Send 6")
    assert night.verdict() == met(by="declared", after=minutes(3) + seconds(30))
    assert night.emergency()["acknowledged_by"] == "ana"
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()


def test_a_try_without_an_answer_makes_the_promise_void_not_missed(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies(f"no answer {ana.code}").gets_sms("no answer, recorded", "Try again before 02:30")
    assert night.verdict() == PENDING
    night.minutes_pass(31)
    assert night.verdict() == void(by="declared")
    attempt = night.emergency()["attempts"][0]
    assert (attempt["by"], attempt["result"], attempt["talk_seconds"]) == ("ana", "no-answer", 0)
    night.customer.gets_sms("we have your message").gets_sms("could not reach you")
    night.nobody_else_was_contacted()


def test_done_with_a_note_resolves(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").proves("4").gets_sms("reached")
    ana.proves("6 Restarted the queue; mail flows").gets_sms("is resolved")
    e = night.emergency()
    assert e["state"] == "resolved"
    items = night.get(f"/api/v1/emergencies/{e['ref']}/ledger")["items"]
    assert items[-1]["facts"]["note"] == "Restarted the queue; mail flows"
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()


def test_done_without_a_call_still_owes_the_callback(night: Night) -> None:
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").proves("done fixed it").gets_sms("still owed a call by 02:30")
    night.minutes_pass(15)
    ana.gets_sms("has not been called yet")
    night.minutes_pass(5)
    ana.gets_sms("taken back")
    night.sue.gets_sms("AT RISK")
    bob.gets_sms("E-000001")
    assert night.emergency()["state"] == "open"
    night.nobody_else_was_contacted()


def test_reached_after_it_was_resolved_is_not_asked_to_resolve_it_again(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").proves("done fixed it").gets_sms("still owed a call by 02:30")
    ana.proves("4").gets_sms("recorded at 02:00. It is resolved; nothing more to do.")
    ana.proves("4").gets_sms("E-000001 is resolved. Thank you.")
    assert night.emergency()["verdict"]["outcome"] == "met"
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()


def test_a_lower_priority_does_not_cancel_the_callback(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("p2").gets_sms("is now P2", "still owed")
    e = night.emergency()
    assert (e["priority"], e["verdict"]["outcome"]) == ("P2", "pending")
    night.nobody_else_was_contacted()


def test_a_note_goes_into_the_story(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("note Customer is on night shift").gets_sms("note added")
    assert "Customer is on night shift" in night.web.get("/emergencies/E-000001").text
    night.nobody_else_was_contacted()


def test_a_closed_emergency_takes_no_more_commands(night: Night) -> None:
    """F32."""
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    code = ana.gets_sms("E-000001").code
    ana.proves("4").gets_sms("reached").proves("6").gets_sms("is resolved")
    ana.replies(f"2 {code}").gets_sms("is closed", "Send 0")
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()


def test_full_width_and_keycap_digits_are_digits(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("１").gets_sms("is yours")
    ana.proves("4️⃣").gets_sms("you reached the customer")
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()


def test_status_and_refused_commands_never_use_up_the_answers(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    night.other_customer.calls().leaves_message()
    ana.gets_sms("E-000001").gets_sms("E-000002")
    for _n in range(7):
        ana.replies("0").gets_sms("E-000001", "E-000002")
    ana.replies("1").gets_sms("Which one?")
    ana.replies("1 Z9Z9").gets_sms("with the code Z9Z9")
    night.nobody_else_was_contacted()


def test_resolving_after_a_try_says_that_nobody_was_reached_and_stays_open(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").proves("5").gets_sms("no answer, recorded")
    ana.proves("6 solved itself").gets_sms("was not reached", "before 02:30", "send 3")
    assert night.get("/api/v1/emergencies?open=true")["items"]
    night.minutes_pass(31)
    assert night.get("/api/v1/emergencies?open=true")["items"] == []
    assert night.verdict() == void(by="declared")
    night.customer.gets_sms("we have your message").gets_sms("could not reach you")
    night.nobody_else_was_contacted()


def test_a_priority_after_the_contact_owes_no_callback(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").proves("4").gets_sms("you reached the customer")
    ana.replies("p2").gets_sms("is now P2", "was reached at 02:00")
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()


def test_a_note_after_the_end_needs_no_code(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").proves("4").gets_sms("you reached").proves("6").gets_sms("is resolved")
    ana.replies("6 Disk was full").gets_sms("E-000001: note added")
    ana.replies("note Ordered a bigger one").gets_sms("E-000001: note added")
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()


def test_a_withheld_caller_is_not_offered_to_be_connected(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls(caller_id="").leaves_message()
    page = ana.gets_sms("number withheld", "listen to the message").last_text
    assert "3" not in page.partition("Reply")[2].partition("http")[0]
    ana.replies("1").gets_sms("The number is withheld", f"Send 4 {ana.code} once you have spoken")
    night.nobody_else_was_contacted()


def test_a_roster_in_force_pages_and_hears_a_number_that_a_later_version_knows_nothing_of(night: Night) -> None:
    """A new area code: what the installed list of numbers says of it keeps nobody from being paged."""
    ana, _ = night.on_call("ana", "bob")
    text = night.roster_text.replace(ana.number, "+12215550111")
    with night.database.write() as session:
        session.add(tables.Roster(text=text, loaded_at=night.clock.now(), loaded_by="an earlier version"))
    ana.number = "+12215550111"
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("1").gets_sms("is yours")
    night.nobody_else_was_contacted()


def test_what_a_phone_adds_is_forgiven_and_its_automatic_reply_is_not_answered(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    code = ana.gets_sms("E-000001").code
    page = ana.last_text
    ana.texts("I'm driving with Do Not Disturb While Driving turned on.")
    night.nobody_else_was_contacted()
    ana.texts(f"4\n> {page}").gets_sms("not recorded", f"Send 4 {code}")
    ana.texts(f"1\nOn Mon, Nov 23, 2026 at 2:00 AM Support wrote:\n> {page}").gets_sms("is yours")
    ana.texts(f"4 {code}\nSent from my iPhone").gets_sms("you reached the customer")
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()
