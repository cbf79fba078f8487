"""A drill: a real page, timed to the answer, outside every figure."""

import pytest

from callbacks.engine.jobs import drills
from callbacks.store.sql import tables
from tests.night import SMS_ONLY, Night, seconds


def test_a_drill_is_marked_confirmed_and_in_no_figure(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    number = drills.begin(night.context, "ana")
    ana.gets_sms("DRILL E-000001", "no customer is waiting").replies("1").gets_sms("drill confirmed")
    found = drills.answered(night.context, number)
    assert found is not None
    assert found[0] == "ana"
    report = night.get("/api/v1/report?from=2026-11-01&to=2026-11-30")
    assert (report["excluded"], report["compliance"]) == (1, None)
    night.minutes_pass(60)
    night.nobody_else_was_contacted()


def test_who_sleeps_is_rung_a_minute_later_and_only_they(night: Night) -> None:
    _, bob = night.on_call("ana", "bob")
    drills.begin(night.context, "bob")
    bob.gets_sms("DRILL")
    night.passes(seconds(61))
    bob.is_rung().answers().hears("This is a drill").presses("1").hears("confirmed")
    night.nobody_else_was_contacted()


def test_nobody_answers_and_it_ends(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    number = drills.begin(night.context, "ana")
    ana.gets_sms("DRILL")
    drills.end(night.context, number)
    night.minutes_pass(30)
    assert drills.answered(night.context, number) is None
    night.nobody_else_was_contacted()


def test_the_phone_counts_as_verified_afterwards(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    drills.begin(night.context, "ana")
    ana.gets_sms("DRILL").replies("ok").gets_sms("confirmed")
    with night.database.read() as session:
        row = session.get(tables.Person, "ana")
        assert row is not None
        assert row.verified_at is not None
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_a_supervisor_can_be_drilled_too(make_night) -> None:  # type: ignore[no-untyped-def]
    night: Night = make_night(policy=SMS_ONLY)
    night.on_call("ana", "bob")
    drills.begin(night.context, "sue")
    night.sue.gets_sms("DRILL").replies("1").gets_sms("confirmed")
    night.nobody_else_was_contacted()
