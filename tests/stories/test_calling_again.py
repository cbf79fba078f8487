"""The same caller while their emergency is open."""

from tests.night import Night, seconds


def test_they_hear_how_it_stands_and_add_a_message_on_the_same_clock(called: Night) -> None:
    due = called.emergency()["due_at"]
    called.minutes_pass(2)
    called.customer.calls().hears("Your emergency E 1 is open", "being paged", "by 02:30").leaves_message(seconds(12))
    called.people["bob"].gets_sms("E-000001", "called 2 times")
    e = called.emergency()
    assert e["due_at"] == due
    assert "MessageAdded" in called.facts()
    assert called.facts().count("RecordingStored") == 2
    called.nobody_else_was_contacted()


def test_the_owner_is_told_and_nobody_else_is_paged(called: Night) -> None:
    called.people["ana"].replies("1").gets_sms("is yours")
    called.minutes_pass(2)
    called.customer.calls().hears("A technician is handling it").leaves_message()
    called.people["ana"].gets_sms("called again and is still waiting", "02:30")
    called.nobody_else_was_contacted()


def test_a_hang_up_the_second_time_pages_on_too(called: Night) -> None:
    called.minutes_pass(2)
    called.customer.calls().hangs_up()
    called.people["bob"].gets_sms("E-000001")
    called.nobody_else_was_contacted()


def test_calling_ten_times_in_a_minute_does_not_use_up_the_escalation_policy(called: Night) -> None:
    for _ in range(10):
        called.customer.calls().leaves_message(seconds(1))
    called.nobody_else_was_contacted()
    called.passes(seconds(62))
    called.people["bob"].gets_sms("called 11 times")
    called.nobody_else_was_contacted()


def test_something_else_is_an_emergency_of_its_own(called: Night) -> None:
    called.minutes_pass(1)
    called.customer.calls().presses("2").hears("You have reached").leaves_message()
    called.people["ana"].gets_sms("E-000002")
    assert len(called.emergencies()) == 2
    called.nobody_else_was_contacted()


def test_once_reached_a_new_call_is_a_new_emergency(called: Night) -> None:
    called.people["ana"].proves("4").gets_sms("you reached")
    called.customer.calls().leaves_message()
    called.people["ana"].gets_sms("E-000002")
    called.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    called.nobody_else_was_contacted()


def test_after_four_hours_it_is_a_new_emergency(called: Night) -> None:
    called.people["ana"].proves("5").gets_sms("no answer, recorded")
    called.minutes_pass(241)
    called.taken_up.update(m.sid for m in called.sent())
    called.customer.calls().leaves_message()
    called.people["ana"].gets_sms("E-000002")
    called.nobody_else_was_contacted()


def test_another_caller_is_not_mixed_up_with_them(called: Night) -> None:
    called.other_customer.calls().hears("For service in English").leaves_message()
    called.people["ana"].gets_sms("E-000002")
    called.nobody_else_was_contacted()


def test_withheld_callers_never_join(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    for _ in range(2):
        night.customer.calls(caller_id="anonymous").leaves_message(seconds(3))
    ana.gets_sms("E-000001").gets_sms("E-000002")
    night.nobody_else_was_contacted()


def test_in_french(night: Night) -> None:
    ana, bob = night.on_call("ana", "bob")
    night.customer.calls().presses("2").leaves_message()
    ana.gets_sms("E-000001")
    night.minutes_pass(2)
    night.customer.calls().hears("Votre urgence E 1 est ouverte", "avant 02:30").leaves_message()
    bob.gets_sms("E-000001")
    night.nobody_else_was_contacted()


def test_a_second_call_that_no_webhook_told_of_is_found_and_joins(called: Night) -> None:
    called.minutes_pass(2)
    called.knobs(webhooks_down=True)
    called.customer.calls()
    called.minutes_pass(1)
    called.knobs(webhooks_down=False)
    called.sweeps()
    assert len(called.emergencies()) == 1
    called.people["bob"].gets_sms("called 2 times")
    called.network.errors.clear()
    called.nobody_else_was_contacted()


def test_an_added_message_whose_recording_report_was_lost_is_fetched_by_the_sweep(called: Night) -> None:
    called.people["ana"].replies("1").gets_sms("is yours")
    called.knobs(callbacks={"drop": 1, "only": "recording"})
    called.customer.calls().leaves_message(seconds(7))
    called.people["ana"].gets_sms("called again")
    called.knobs(callbacks={"drop": 0})
    called.minutes_pass(2)
    called.sweeps()
    assert called.facts().count("RecordingStored") == 2
    called.nobody_else_was_contacted()
