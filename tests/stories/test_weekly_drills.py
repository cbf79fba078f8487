"""Every technician's phone is tried once a week, by day, and supervisors hear of one that stays silent."""

from datetime import timedelta

import pytest
from sqlmodel import select

from callbacks.engine.jobs import periodic
from callbacks.store.sql import tables
from tests.night import SMS_ONLY, Night, seconds

TUESDAYS = SMS_ONLY + '[drills]\nday = "tue"\nat = "14:00"\n'
BEFORE, DUE = "2026-11-24 13:59", "2026-11-24 14:00"


def look(night: Night) -> None:
    periodic.hold_weekly_drills(night.context)
    night.settle()


@pytest.mark.storage
def test_each_technician_once_a_week_and_one_at_a_time(make_night) -> None:  # type: ignore[no-untyped-def]
    night: Night = make_night(policy=TUESDAYS)
    night.on_call("ana", "bob")
    night.it_is(BEFORE)
    look(night)
    night.nobody_else_was_contacted()
    night.it_is(DUE)
    for name in ("ana", "bob", "cleo"):
        look(night)
        night.people[name].gets_sms("DRILL").replies("1").gets_sms("drill confirmed")
        night.nobody_else_was_contacted()
        night.passes(seconds(30))
    look(night)
    night.nobody_else_was_contacted()
    night.until(night.clock.now() + timedelta(days=7))
    look(night)
    night.people["ana"].gets_sms("DRILL").replies("1").gets_sms("drill confirmed")
    report = night.get("/api/v1/report?from=2026-11-24&to=2026-12-01")
    assert (report["n"], report["excluded"], report["compliance"]) == (4, 4, None)
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_a_phone_that_stays_silent_is_told_once_and_left_alone(make_night) -> None:  # type: ignore[no-untyped-def]
    night: Night = make_night(policy=TUESDAYS)
    (ana,) = night.on_call("ana")
    night.it_is(DUE)
    look(night)
    ana.gets_sms("DRILL E-000001")
    night.passes(seconds(61))
    ana.is_rung()
    periodic.end_silent(night.context)
    night.nobody_else_was_contacted()
    night.minutes_pass(9.7)
    ana.gets_sms("DRILL")
    ana.is_rung()
    ana.gets_sms("DRILL")
    for _ in range(2):
        periodic.end_silent(night.context)
        night.settle()
    night.sue.gets_sms("Ana Roy has not answered drill", "E-000001")
    night.minutes_pass(30)
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_nobody_is_drilled_while_a_customer_waits(make_night) -> None:  # type: ignore[no-untyped-def]
    night: Night = make_night(policy=TUESDAYS)
    (ana,) = night.on_call("ana")
    night.it_is(BEFORE)
    night.customer_leaves_message()
    ana.gets_sms("P1 E-000001").replies("1").gets_sms("yours")
    night.customer.gets_sms()
    night.it_is(DUE)
    look(night)
    night.nobody_else_was_contacted()
    ana.proves("4").gets_sms()
    night.customer.gets_sms()
    look(night)
    ana.gets_sms("DRILL E-000002").replies("1 " + code_of_the_drill(night)).gets_sms("drill confirmed")
    night.nobody_else_was_contacted()


def code_of_the_drill(night: Night) -> str:
    with night.database.read() as session:
        return session.exec(select(tables.Emergency.code).where(tables.Emergency.drill)).one()


def test_late_is_not_at_night(make_night) -> None:  # type: ignore[no-untyped-def]
    """Nothing of ours ran in the afternoon: that week's drill is left out."""
    night: Night = make_night(policy=TUESDAYS)
    night.on_call("ana")
    night.it_is("2026-11-24 18:01")
    look(night)
    night.minutes_pass(1)
    night.nobody_else_was_contacted()


def test_none_is_held_unless_the_policy_says_so(night: Night) -> None:
    night.on_call("ana", "bob")
    for hour in range(9, 17):
        night.it_is(f"2026-11-24 {hour:02d}:00")
        look(night)
    night.nobody_else_was_contacted()


def test_the_schedule_says_when_and_who_was_silent(make_night) -> None:  # type: ignore[no-untyped-def]
    night: Night = make_night(policy=TUESDAYS)
    night.on_call("ana")
    page = night.web.get("/schedule", cookies={"callbacks_session": night.logged_in("supervisor")}).text
    assert "Every technician gets a drill on Tuesday at 14:00" in page
    night.nobody_else_was_contacted()
