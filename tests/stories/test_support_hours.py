"""In hours the desk answers; after hours, and when nobody does, the promise holds."""

import pytest

from tests.night import DESK, PENDING, SMS_ONLY, Night, minutes, seconds

FORWARD = f'[intake]\ndesk_number = "{DESK}"\n' + SMS_ONLY


@pytest.fixture
def office(make_night) -> Night:  # type: ignore[no-untyped-def]
    night: Night = make_night(policy=FORWARD)
    night.on_call("ana", "bob")
    return night


def test_in_hours_the_desk_is_rung_and_a_talk_there_is_no_emergency(office: Night) -> None:
    office.it_is("2026-11-24 10:00")
    office.customer.calls()
    office.desk.is_rung().answers()
    office.passes(minutes(3))
    office.customer.hangs_up()
    office.sweeps()
    office.minutes_pass(5)
    office.sweeps()
    assert office.emergencies() == []
    office.nobody_else_was_contacted()


def test_the_desk_hangs_up_first_and_it_is_no_emergency_either(office: Night) -> None:
    office.it_is("2026-11-24 10:00")
    office.customer.calls()
    office.desk.is_rung().answers()
    office.passes(minutes(1))
    office.desk.hangs_up()
    office.passes(seconds(30))
    office.sweeps()
    assert office.emergencies() == []
    office.nobody_else_was_contacted()


@pytest.mark.parametrize("lost", ["desk", "leg"])
def test_a_lost_report_of_the_desk_makes_no_emergency(office: Night, lost: str) -> None:
    office.it_is("2026-11-24 10:00")
    if lost == "leg":
        office.knobs(callbacks={"drop": 1, "only": "call"})
    else:
        office.knobs(left_dial="not-asked")
    office.customer.calls()
    office.desk.is_rung().answers()
    office.passes(minutes(1))
    office.customer.hangs_up()
    office.minutes_pass(1)
    assert office.emergencies() == []
    office.nobody_else_was_contacted()


def test_nobody_answers_at_the_desk_and_the_message_has_the_same_promise(office: Night) -> None:
    office.it_is("2026-11-24 10:00")
    office.customer.calls()
    office.desk.is_rung()
    office.passes(seconds(26))
    office.customer.skips_menus().hears("Nobody is free", "within 30 minutes").leaves_message()
    office.people["ana"].gets_sms("E-000001", "10:30")
    e = office.emergency()
    assert (e["priority"], e["verdict"]) == ("P1", PENDING)
    office.nobody_else_was_contacted()


def test_a_busy_desk_takes_a_message(office: Night) -> None:
    office.it_is("2026-11-24 10:00")
    office.customer.calls()
    office.desk.is_rung().rejects()
    office.customer.leaves_message()
    office.people["ana"].gets_sms("E-000001")
    office.nobody_else_was_contacted()


def test_a_caller_who_gives_up_while_the_desk_rings_is_paged(office: Night) -> None:
    office.it_is("2026-11-24 10:00")
    office.customer.calls()
    office.desk.is_rung()
    office.passes(seconds(8))
    office.customer.hangs_up()
    office.people["ana"].gets_sms("E-000001")
    office.nobody_else_was_contacted()


@pytest.mark.parametrize(
    "moment",
    ["2026-11-24 07:29", "2026-11-24 18:00", "2026-11-28 11:00", "2026-12-25 11:00", "2027-01-01 11:00"],
    ids=["before opening", "at closing", "saturday", "christmas", "new year"],
)
def test_after_hours_and_on_holidays_the_desk_is_left_alone(office: Night, moment: str) -> None:
    office.it_is(moment)
    office.taken_up.update(m.sid for m in office.sent())
    office.customer.calls().skips_menus().hears("after-hours emergency").leaves_message()
    office.people["ana"].gets_sms("E-000001")
    assert [c for c in office.placed() if c.to_number == DESK] == []
    office.nobody_else_was_contacted()


def test_without_a_desk_number_a_message_is_taken_in_hours(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.it_is("2026-11-24 10:00")
    night.customer.calls().skips_menus().hears("Nobody is free").leaves_message()
    ana.gets_sms("E-000001", "10:30")
    night.nobody_else_was_contacted()


def test_a_policy_that_takes_messages_in_hours_never_rings_the_desk(make_night) -> None:  # type: ignore[no-untyped-def]
    night: Night = make_night(policy=f'[intake]\nin_hours = "message"\ndesk_number = "{DESK}"\n' + SMS_ONLY)
    ana, _ = night.on_call("ana", "bob")
    night.it_is("2026-11-24 10:00")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    night.nobody_else_was_contacted()


def test_a_hang_up_is_kept_and_wakes_nobody_where_the_policy_says_so(make_night) -> None:  # type: ignore[no-untyped-def]
    night: Night = make_night(policy='[intake]\nno_message = "record"\n' + SMS_ONLY)
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls()
    night.customer.hangs_up()
    night.minutes_pass(40)
    e = night.emergency()
    assert (e["state"], e["verdict"]["outcome"]) == ("open", "excluded")
    assert "E-000001" in night.web.get("/").text
    night.customer.calls().leaves_message()
    ana.gets_sms("E-000002", "message of 0:20")
    night.nobody_else_was_contacted()


def test_a_message_pages_even_when_the_end_of_the_call_comes_first(make_night) -> None:  # type: ignore[no-untyped-def]
    night: Night = make_night(policy='[intake]\nno_message = "record"\n' + SMS_ONLY)
    ana, _ = night.on_call("ana", "bob")
    night.knobs(ended_first=True)
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    night.nobody_else_was_contacted()


def test_a_talk_at_the_desk_whose_every_report_was_lost_is_no_emergency(office: Night) -> None:
    office.it_is("2026-11-24 10:00")
    office.customer.calls()
    office.desk.is_rung()
    office.knobs(callbacks={"drop": 1}, left_dial="not-asked")
    office.desk.answers()
    office.passes(minutes(1))
    office.customer.hangs_up()
    office.knobs(callbacks={"drop": 0})
    office.minutes_pass(1)
    office.sweeps()
    assert office.emergencies() == []
    office.nobody_else_was_contacted()
