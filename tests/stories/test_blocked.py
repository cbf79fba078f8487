"""Blocked callers: a polite end, kept, excluded; never silently."""

import pytest

from callbacks.store import customers
from tests.night import Night, seconds


@pytest.fixture
def blocked(night: Night) -> Night:
    night.on_call("ana", "bob")
    with night.database.write() as session:
        customers.block(session, night.customer.number, "sue", "threatens staff", night.clock.now())
    return night


def test_they_hear_a_polite_end_and_nobody_is_paged(blocked: Night) -> None:
    blocked.customer.calls().hears("We cannot take your call", "Goodbye")
    blocked.minutes_pass(40)
    e = blocked.emergency()
    assert (e["verdict"]["outcome"], e["state"]) == ("excluded", "withdrawn")
    assert blocked.sent() == []
    blocked.nobody_else_was_contacted()


def test_the_call_is_kept_with_who_blocked_them_and_why(blocked: Night) -> None:
    blocked.customer.calls()
    blocked.settle()
    items = blocked.get("/api/v1/emergencies/E-000001/ledger")["items"]
    excluded = next(item for item in items if item["kind"] == "Excluded")
    assert excluded["facts"]["by"] == "sue"
    assert "threatens staff" in excluded["facts"]["why"]
    report = blocked.get("/api/v1/report?from=2026-11-01&to=2026-11-30")
    assert (report["n"], report["excluded"], report["compliance"]) == (1, 1, None)


def test_once_unblocked_they_are_served_again(blocked: Night) -> None:
    with blocked.database.write() as session:
        customers.unblock(session, blocked.customer.number, blocked.clock.now())
    blocked.customer.calls().leaves_message(seconds(4))
    blocked.people["ana"].gets_sms("E-000001")
    blocked.nobody_else_was_contacted()


def test_blocked_while_an_emergency_is_open_the_next_call_does_not_join(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls().leaves_message(seconds(4))
    ana.gets_sms("E-000001").replies("1").gets_sms("is yours")
    with night.database.write() as session:
        customers.block(session, night.customer.number, "sue", "test", night.clock.now())
    night.customer.calls().hears("We cannot take your call")
    night.settle()
    assert [e["verdict"]["outcome"] for e in night.emergencies()] == ["pending", "excluded"]
    night.nobody_else_was_contacted()
