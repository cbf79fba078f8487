"""Priorities, resolution, coverage and the seven times: what follows the reaction."""

from datetime import datetime, timedelta

import pytest

from callbacks.oncall.contacts import Entry
from callbacks.store.sql import customers
from tests.night import Night, met, minutes, seconds, void


def reach(night: Night) -> None:
    night.people["ana"].proves("4").gets_sms("you reached")


def post(night: Night, what: str, **form: str) -> int:
    return night.web.post(f"/emergencies/E-000001/{what}", data=form, follow_redirects=False).status_code


def test_resolved_within_four_hours_is_met(called: Night) -> None:
    reach(called)
    called.minutes_pass(239)
    called.people["ana"].proves("6 restarted the queue").gets_sms("is resolved")
    second = called.emergency()["resolution"]
    assert (second["due_at"][:19], second["outcome"], second["how"]) == ("2026-11-24T11:00:00", "met", "resolved")
    called.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    called.sue.gets_sms("UNCONFIRMED")
    called.nobody_else_was_contacted()


def test_resolved_a_second_late_is_missed(called: Night) -> None:
    reach(called)
    called.until(datetime.fromisoformat("2026-11-24T11:00:01+00:00"))
    called.people["ana"].proves("6").gets_sms("is resolved")
    e = called.emergency()
    assert (e["resolution"]["outcome"], e["verdict"]) == ("missed", met(by="declared"))
    called.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    called.sue.gets_sms("UNCONFIRMED")
    called.nobody_else_was_contacted()


@pytest.mark.parametrize("words", ["workaround: rerouted", "Workaround rerouted", "contournement par le relais"])
def test_a_workaround_stops_the_clock_and_may_be_resolved_later(called: Night, words: str) -> None:
    code = called.people["ana"].code
    reach(called)
    called.minutes_pass(60)
    called.people["ana"].proves(f"6 {words}").gets_sms("has a workaround", "solved for good")
    assert called.emergency()["resolution"]["how"] == "workaround"
    called.minutes_pass(300)
    called.people["ana"].replies(f"6 {code} fixed").gets_sms("is resolved")
    assert called.emergency()["resolution"]["outcome"] == "met"
    called.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    called.sue.gets_sms("UNCONFIRMED")
    called.nobody_else_was_contacted()


def test_resolved_behind_a_missed_deadline_it_is_over(called: Night) -> None:
    """Nobody is reminded of a promise that is broken in a case that is closed, and nobody is paged again."""
    called.minutes_pass(31)
    called.people["ana"].replies("1")
    called.taken_up |= {text.sid for text in called.sent()}
    assert called.verdict()["outcome"] == "missed"
    called.people["ana"].proves("6 mailed them").gets_sms("is resolved", "Nobody called")
    called.minutes_pass(120)
    assert (called.emergency()["state"], called.facts()[-1]) == ("resolved", "Resolved")
    called.nobody_else_was_contacted()


def test_reached_in_time_but_not_available_voids_both_times(called: Night) -> None:
    called.people["ana"].proves("5").gets_sms("no answer, recorded")
    called.minutes_pass(31)
    e = called.emergency()
    assert (e["verdict"], e["resolution"]["outcome"]) == (void(by="declared"), "void")
    called.customer.gets_sms("we have your message").gets_sms("could not reach you")
    called.nobody_else_was_contacted()


def test_nobody_resolved_it_in_time(called: Night) -> None:
    reach(called)
    assert called.emergency()["resolution"]["outcome"] == "pending"
    called.minutes_pass(241)
    assert called.emergency()["resolution"]["outcome"] == "missed"
    called.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    called.sue.gets_sms("UNCONFIRMED")
    called.nobody_else_was_contacted()


@pytest.mark.parametrize("priority,due", [("p2", "2026-11-24T13:30:00Z"), ("p3", "2026-11-24T16:30:00Z")])
def test_reclassified_it_keeps_its_clock_and_shows_both_verdicts(called: Night, priority: str, due: str) -> None:
    called.people["ana"].replies(priority).gets_sms(f"is now {priority.upper()}", "by 02:30")
    e = called.emergency()
    assert e["due_at"][:19] == "2026-11-24T07:30:00"
    shown = e["reclassified"]
    assert (shown["from"], shown["to"], shown["outcome"]) == ("P1", priority.upper(), "pending")
    assert shown["due_at"][:19] == due[:19]
    called.people["ana"].replies("1").gets_sms("is yours")
    called.minutes_pass(40)
    called.taken_up.update(m.sid for m in called.sent())
    called.people["ana"].proves("4")
    e = called.emergency()
    assert (e["verdict"]["outcome"], e["reclassified"]["outcome"]) == ("missed", "met")
    called.people["ana"].gets_sms("you reached the customer")
    called.customer.gets_sms("did we reach you?")
    called.nobody_else_was_contacted()


def test_and_back_again(called: Night) -> None:
    called.people["ana"].replies("p3").gets_sms("is now P3").replies("p1").gets_sms("is now P1")
    assert called.emergency()["reclassified"] is None
    called.nobody_else_was_contacted()


def test_a_supervisor_changes_the_priority_with_a_reason(called: Night) -> None:
    assert post(called, "priority", priority="P2", reason="digests only") == 303
    facts = called.get("/api/v1/emergencies/E-000001/ledger")["items"]
    changed = next(f for f in facts if f["kind"] == "PriorityChanged")
    assert (changed["facts"]["reason"], changed["facts"]["by"]) == ("digests only", "sandbox")
    called.nobody_else_was_contacted()


@pytest.mark.storage
def test_coverage_is_shown_in_the_report_and_never_ends_the_callback(called: Night) -> None:
    assert post(called, "coverage", product="modusGate", coverage="billable") == 303
    e = called.emergency()
    assert e["coverage"] == {"product": "modusGate", "coverage": "billable"}
    assert e["verdict"]["outcome"] == "pending"
    assert called.get("/api/v1/report?from=2026-11-01&to=2026-11-30")["by_coverage"] == {"billable": 1}
    called.minutes_pass(4)
    called.people["bob"].gets_sms("E-000001")
    called.nobody_else_was_contacted()


@pytest.mark.parametrize(
    "what,form",
    [("coverage", {"coverage": "free"}), ("coverage", {"coverage": "inside", "product": "Excel"}),
     ("priority", {"priority": "P9"}), ("withdrawal", {"reason": " "})],
)  # fmt: skip
def test_a_wrong_form_is_told_what_would_be_right(called: Night, what: str, form: dict[str, str]) -> None:
    before = called.facts()
    assert post(called, what, **form) == 422
    assert called.facts() == before
    called.nobody_else_was_contacted()


def test_a_form_from_another_site_is_refused(called: Night) -> None:
    answer = called.web.post(
        "/emergencies/E-000001/withdrawal", data={"reason": "x"}, headers={"Origin": "https://evil.example"}
    )
    assert answer.status_code == 403
    assert called.emergency()["state"] == "open"
    called.nobody_else_was_contacted()


def test_a_supervisor_withdraws_with_a_reason(called: Night) -> None:
    assert post(called, "withdrawal", reason="called by mistake", sure="yes") == 303
    assert called.emergency()["verdict"]["outcome"] == "withdrawn"
    called.minutes_pass(40)
    called.nobody_else_was_contacted()


def test_the_seven_times_each_with_its_source(called: Night) -> None:
    ana = called.people["ana"]
    called.minutes_pass(1)
    ana.replies("1").gets_sms("is yours")
    ana.is_called_back_by("3").gets_sms("is ringing").presses("1")
    called.customer.answers(and_talks_for=seconds(40))
    ana.presses("1")
    times = called.emergency()["times"]
    assert list(times) == [
        "call_started", "message_ended", "first_page_sent", "page_delivered", "acknowledged", "first_attempt",
        "human_contact",
    ]  # fmt: skip
    assert [t["source"] for t in times.values()] == [
        "webhook", "carrier", "carrier", "carrier", "person", "carrier", "carrier",
    ]  # fmt: skip
    order = [datetime.fromisoformat(times[name]["at"]) for name in ("call_started", "acknowledged", "human_contact")]
    assert order == sorted(order)
    page = called.web.get("/emergencies/E-000001").text
    assert "page delivered" in page
    assert "The policy counts from the call" in page
    called.customer.gets_sms("we have your message").gets_sms("is calling you now")
    called.nobody_else_was_contacted()


def test_both_clocks_are_shown_and_the_policys_decides(called: Night) -> None:
    clocks = called.emergency()["clocks"]
    call, message = (datetime.fromisoformat(clocks[c]["due_at"]) for c in ("call", "message"))
    assert (clocks["decides"], round((message - call) / timedelta(seconds=1))) == ("call", 20)
    called.until(call + seconds(10))
    called.taken_up.update(m.sid for m in called.sent())
    called.people["ana"].proves("4")
    clocks = called.emergency()["clocks"]
    assert (clocks["call"]["outcome"], clocks["message"]["outcome"]) == ("missed", "met")
    assert called.verdict()["outcome"] == "missed"
    called.people["ana"].gets_sms("you reached the customer")
    called.customer.gets_sms("did we reach you?")
    called.nobody_else_was_contacted()


def test_the_page_shows_what_we_know_of_the_caller(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    with night.database.write() as session:
        customers.put_down(
            session, [Entry(night.customer.number, "Priya Shah", "Acme", "en", "Uses modusGate")], night.clock.now()
        )
    night.customer.calls().hears("You have reached").leaves_message()
    ana.gets_sms("Priya Shah, Acme 514-555-0142").proves("4").gets_sms("you reached").proves("6").gets_sms("resolved")
    night.minutes_pass(1)
    night.customer.calls().leaves_message()
    page = night.web.get("/emergencies/E-000002").text
    for words in ("Priya Shah, Acme", "Uses modusGate", "E-000001", "met"):
        assert words in page
    assert night.emergencies()[0]["customer"]["name"] == "Priya Shah"
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    ana.gets_sms("P1 E-000002")
    night.nobody_else_was_contacted()


def test_calls_are_told_to_the_second_the_night_the_clocks_change(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.it_is("2027-03-14 01:50")
    night.taken_up.update(m.sid for m in night.sent())
    night.customer.calls().presses("1").leaves_message()
    ana.gets_sms("E-000001", "Call by 03:20")
    night.customer.gets_sms("by 03:20")
    night.minutes_pass(20)
    night.taken_up.update(m.sid for m in night.sent())
    ana.proves("4").gets_sms("you reached")
    assert night.verdict() == met(by="declared", after=minutes(20) + seconds(20))
    night.customer.gets_sms("did we reach you?")
    night.nobody_else_was_contacted()
