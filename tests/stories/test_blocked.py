"""Blocked callers: a polite end, kept, excluded; never silently."""

from dataclasses import replace
from html import unescape

import pytest
from sqlmodel import select

from callbacks.engine.intake import summary
from callbacks.engine.intake.summary import load
from callbacks.engine.jobs import erasure, verification
from callbacks.store import ledger
from callbacks.store.sql import customers, tables
from tests.night import Night, seconds
from tests.stories.test_erasure import everything


@pytest.fixture
def blocked(night: Night) -> Night:
    night.on_call("ana", "bob")
    with night.database.write() as session:
        customers.block(session, night.customer.number, "sue", "threatens staff", "page", night.clock.now())
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
    assert (excluded["facts"]["why"], "threatens staff" in excluded["facts"]["reason"]) == ("blocked-caller", True)
    report = blocked.get("/api/v1/report?from=2026-11-01&to=2026-11-30")
    assert (report["n"], report["excluded"], report["compliance"]) == (1, 1, None)
    blocked.nobody_else_was_contacted()


def test_once_unblocked_they_are_served_again(blocked: Night) -> None:
    with blocked.database.write() as session:
        customers.unblock(session, blocked.customer.number, "sue", "page", blocked.clock.now())
    blocked.customer.calls().leaves_message(seconds(4))
    blocked.people["ana"].gets_sms("E-000001")
    blocked.nobody_else_was_contacted()


def test_blocked_while_an_emergency_is_open_the_next_call_does_not_join(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls().leaves_message(seconds(4))
    ana.gets_sms("E-000001").replies("1").gets_sms("is yours")
    with night.database.write() as session:
        customers.block(session, night.customer.number, "sue", "test", "page", night.clock.now())
    night.customer.calls().hears("We cannot take your call")
    night.settle()
    assert [e["verdict"]["outcome"] for e in night.emergencies()] == ["pending", "excluded"]
    night.nobody_else_was_contacted()


def all_that_is_shown(night: Night) -> str:
    """Ledger, pages, CSV and the texts of the evidence pack's story."""
    night.web.cookies.set("callbacks_session", night.logged_in("supervisor"))
    paths = ("/emergencies/E-000001", "/compliance?month=2026-11", "/compliance.csv?month=2026-11", "/")
    pages = [night.web.get(path) for path in paths]
    assert {page.status_code for page in pages} == {200}
    ledger_told = night.get("/api/v1/emergencies/E-000001/ledger")
    return " ".join([str(ledger_told), *(page.text for page in pages)])


@pytest.mark.storage
def test_the_reason_of_a_block_goes_with_the_words(blocked: Night) -> None:
    """I34: it stood in the chain for good."""
    blocked.customer.calls()
    blocked.minutes_pass(1)
    assert "threatens staff" in all_that_is_shown(blocked)
    erasure.customer(blocked.context, blocked.customer.number, "sue")
    assert "threatens staff" not in everything(blocked)
    assert "threatens staff" not in all_that_is_shown(blocked)
    with blocked.database.read() as session:
        assert session.get_one(tables.Emergency, 1).excluded_why == "blocked caller"
        assert verification.verify(session, blocked.context.seal) is None
    blocked.nobody_else_was_contacted()


@pytest.mark.storage
@pytest.mark.parametrize("why", ["blocked caller: Jean of 514-555-0168 insults us", "Jean called to try it"])
def test_a_reason_that_an_older_version_chained_is_shown_no_more(night: Night, why: str) -> None:
    """I34: the chain holds it for good, since no hash may change; nothing shows it once the words are erased."""
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    now = night.clock.now()
    with night.database.write() as session:
        row = session.emergencies.find(1)
        assert row is not None
        fact = ledger.Record("Excluded", now, {"by": "sue", "why": why}, None)
        facts = ledger.append(session, 1, row.last_seq, row.head_hash, [fact], now)
        seq, head = facts[-1].seq, facts[-1].hash
        e = load(session, 1)
        assert e is not None
        fresh = replace(row, last_seq=seq, head_hash=head)
        session.emergencies.change(row, summary.refreshed(fresh, e, now))
    assert why in unescape(all_that_is_shown(night))
    erasure.customer(night.context, night.customer.number, "sue")
    assert "Jean" not in all_that_is_shown(night)
    with night.database.read() as session:
        assert "Jean" not in str(session.get_one(tables.Emergency, 1).excluded_why)
        assert "Jean" in " ".join(session.exec(select(tables.Ledger.body)).all())
        assert verification.verify(session, night.context.seal) is None
    night.nobody_else_was_contacted()
