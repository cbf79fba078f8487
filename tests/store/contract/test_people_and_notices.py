"""Who can be woken, whose texts are refused, the address book, calendars, and what was told once."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest
from sqlmodel import Session

from callbacks.oncall.roster import EMPTY, Roster, read_roster
from callbacks.oncall.schedule import Shift
from callbacks.store.errors import Conflict
from callbacks.store.interface import Store, Transaction
from callbacks.store.memory.store import MemoryTransaction
from callbacks.store.rows import CustomerRow, FeedRow, HandoffRow, SweepRow
from callbacks.store.sql import people
from tests.clock import NIGHT

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NUMBER = "+15145550142"
TEXT = """
timezone = "America/Toronto"
[[technician]]
name = "ana"
full_name = "Ana Roy"
phone = "+15145550101"
[[technician]]
name = "bob"
full_name = "Bob Cyr"
phone = "+15145550102"
[[supervisor]]
name = "sue"
full_name = "Sue Tremblay"
phone = "+15145550199"
[[calendar]]
rotation = "primary"
url = "https://example.com/a.ics"
[[rotation]]
name = "backup"
members = ["bob"]
every = "1w"
starts = "2026-01-05T09:00"
"""


def put_in_force(session: Transaction, roster: Roster) -> None:
    if isinstance(session, MemoryTransaction):
        session.people.load(roster)
    else:
        people.load_roster(cast(Session, session), roster, "test", NIGHT)


def shift(who: str, start: int, end: int) -> Shift:
    return Shift("primary", who, NIGHT + start * HOUR, NIGHT + end * HOUR)


def in_two_threads(store: Store, step: Callable[[Transaction], object]) -> list[object]:
    """What `step` gave each of two transactions, tried again after a Conflict as the engine does."""
    both, answers = threading.Barrier(2), list[object]()

    def once() -> None:
        both.wait()
        answers.append(store.transact(step))

    threads = [threading.Thread(target=once) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_what_one_put_in_force_the_next_transaction_sees(store: Store) -> None:
    first = read_roster(TEXT)
    second = read_roster(TEXT.replace("Ana Roy", "Ana Royer"))
    with store.read() as session:
        assert session.people.current_roster() == EMPTY == session.people.duty(NIGHT).roster
    for roster, before in ((first, EMPTY), (second, first)):
        with store.write() as session:
            put_in_force(session, roster)
            assert session.people.current_roster() == roster
        with store.read() as session:
            assert (session.people.duty(NIGHT).roster, session.people.roster_before()) == (roster, before)
    with pytest.raises(ZeroDivisionError), store.write() as session:
        put_in_force(session, first)
        raise ZeroDivisionError
    with store.read() as session:
        assert session.people.duty(NIGHT).roster == second


def test_what_is_learnt_of_phones(store: Store) -> None:
    with store.write() as session:
        assert session.people.mark_sms("ana", "technician", "opted-out", NIGHT)
        assert not session.people.mark_sms("ana", "technician", "opted-out", NIGHT)
        assert not session.people.mark_sms("bob", "technician", None, NIGHT)
        assert session.people.sms_dead() == {"ana"} == session.people.duty(NIGHT).sms_dead
    with store.write() as session:
        assert [session.people.count_unreachable("bob", "technician") for _ in range(3)] == [1, 2, 3]
        session.people.forget_unreachable("bob")
        assert session.people.count_unreachable("bob", "technician") == 1
        assert [session.people.count_passive("bob", "technician") for _ in range(2)] == [1, 2]
        session.people.forget_passive("bob")
        assert session.people.count_passive("bob", "technician") == 1
        session.people.has_another_number("ana")
        session.people.verified("eve", "technician", NIGHT)
        assert session.people.sms_dead() == frozenset()


def test_of_two_that_count_none_is_lost(store: Store) -> None:
    store.transact(lambda session: session.people.verified("ana", "technician", NIGHT))
    assert sorted(map(str, in_two_threads(store, lambda s: s.people.count_passive("ana", "technician")))) == ["1", "2"]


def test_the_address_book(store: Store) -> None:
    with store.write() as session:
        assert session.customers.known(None) is None is session.customers.known(NUMBER)
        assert session.customers.takes_texts(NUMBER)
        session.customers.remember_language(None, "fr", NIGHT)
        session.customers.remember_language(NUMBER, "fr", NIGHT)
        session.customers.mark_sms(NUMBER, "opted-out", NIGHT + HOUR)
    with store.write() as session:
        dead = CustomerRow(
            number=NUMBER, language="fr", sms_dead_at=NIGHT + HOUR, sms_dead_why="opted-out", updated_at=NIGHT + HOUR
        )
        assert session.customers.known(NUMBER) == dead
        assert not session.customers.takes_texts(NUMBER)
        session.customers.mark_sms(NUMBER, None, NIGHT)
        session.customers.put(replace(dead, name="Nora"))
        assert session.customers.forget(NUMBER) == replace(dead, name="Nora")
        assert session.customers.forget(NUMBER) is None is session.customers.known(NUMBER)


def test_a_calendar_replaces_only_what_lies_ahead(store: Store) -> None:
    roster = read_roster(TEXT)
    row = FeedRow(rotation="primary", url="https://example.com/a.ics", tried_at=NIGHT, version="1")
    with store.write() as session:
        assert session.feeds.unread(roster) == {"primary"}
        assert session.feeds.calendars(roster, NIGHT) == {}
        assert session.feeds.replace("primary", [shift("ana", 0, 8), shift("bob", 8, 16)], NIGHT, NIGHT)
        session.feeds.keep(row)
        put_in_force(session, roster)
        assert session.people.duty(NIGHT).calendars == {"primary": (shift("ana", 0, 8), shift("bob", 8, 16))}
    now = NIGHT + 4 * HOUR
    with store.write() as session:
        assert not session.feeds.replace("primary", [shift("ana", 4, 8), shift("bob", 8, 16)], now, now)
        assert session.feeds.replace("primary", [shift("bob", 4, 8), shift("eve", 8, 16)], now, now)
        session.feeds.keep(replace(row, version="2", error="answered 500", left_out='[{"a": 1}]'))
    with store.read() as session:
        assert session.feeds.find("primary") == replace(row, version="2", error="answered 500", left_out='[{"a": 1}]')
        left = session.people.duty(now).calendars
        assert left == session.feeds.calendars(roster, now) == {"primary": (shift("ana", 0, 4), shift("bob", 4, 8))}
        assert session.feeds.errors() == {"primary": "answered 500"}
        assert session.feeds.left_out() == {"primary": [{"a": 1}]}
        assert (session.feeds.unread(roster), session.feeds.old_copies()) == (set(), {})


def test_news_is_told_once(store: Store) -> None:
    assert sorted(map(bool, in_two_threads(store, lambda s: s.notices.is_news("gap", NIGHT)))) == [False, True]
    with store.write() as session:
        assert session.notices.is_known("gap")
        assert session.notices.is_due("texts stopped", HOUR, NIGHT)
        assert not session.notices.is_due("texts stopped", HOUR, NIGHT + MINUTE)
        assert session.notices.is_due("texts stopped", HOUR, NIGHT + HOUR)
        assert session.notices.last("texts stopped") == NIGHT + HOUR
        session.notices.write(["a_1", "a_2", "ab", "x" * 200], NIGHT)
        assert session.notices.is_known("x" * 160)
        session.notices.forget("a_")
        known = [session.notices.is_known(key) for key in ("a_1", "a_2", "ab")]
        assert (known, session.notices.last("none")) == ([False, False, True], None)


def test_handoffs_are_confirmed_or_told_on(store: Store) -> None:
    row = HandoffRow(rotation="primary", at=NIGHT, until=NIGHT + DAY, outgoing="bob", incoming="ana", told_at=NIGHT)
    with store.write() as session:
        assert session.notices.add_handoff(row)
        assert not session.notices.add_handoff(replace(row, incoming="bob"))
        assert session.notices.add_handoff(replace(row, rotation="backup", at=NIGHT + HOUR))
    with store.write() as session:
        assert session.notices.is_told("primary", "ana", NIGHT)
        assert not session.notices.is_told("primary", "ana", NIGHT + MINUTE)
        first, second = session.notices.unconfirmed(NIGHT + HOUR, NIGHT - HOUR)
        assert replace(first, id=0) == row
        session.notices.escalate(first, NIGHT + HOUR)
        assert session.notices.unconfirmed(NIGHT + HOUR, NIGHT - HOUR) == [second]
        assert session.notices.unconfirmed(NIGHT + HOUR, NIGHT + HOUR) == []
        found = session.notices.confirm("ana", NIGHT + 2 * HOUR)
        assert [(one.rotation, one.confirmed_at) for one in found] == [
            ("primary", NIGHT + 2 * HOUR),
            ("backup", NIGHT + 2 * HOUR),
        ]
        assert session.notices.confirm("ana", NIGHT) == []


def test_how_far_comparisons_got(store: Store) -> None:
    with store.write() as session:
        assert session.checks.sweep("calls") == SweepRow(name="calls")
        session.checks.note_sweep("calls", NIGHT, NIGHT, None)
        session.checks.note_sweep("calls", NIGHT + HOUR, None, "x" * 300)
        failed = SweepRow(name="calls", ran_at=NIGHT + HOUR, succeeded_through=NIGHT, error="x" * 200)
        assert session.checks.sweep("calls") == failed
        session.checks.forget("calls")
        session.checks.forget("none")
        assert session.checks.sweep("calls").ran_at is None


def test_nothing_of_a_transaction_that_raises_is_kept(store: Store) -> None:
    with pytest.raises(Conflict), store.write() as session:
        session.notices.is_news("gap", NIGHT)
        session.customers.remember_language(NUMBER, "fr", NIGHT)
        session.audits.put(NIGHT, "sue", "page", "override.added", "ana", to="bob")
        raise Conflict
    with store.read() as session:
        assert not session.notices.is_known("gap")
        assert session.customers.known(NUMBER) is None
        assert session.audits.last_about("override.added", "ana") is None
