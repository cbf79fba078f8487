"""Facts, and where their chains end: what is written once stays, and of two writers of one number one loses."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from callbacks.engine.intake import summary
from callbacks.store import heads, ledger
from callbacks.store.checkpoint import GENESIS, made
from callbacks.store.errors import Conflict, DatabaseError
from callbacks.store.interface import Store, Transaction
from callbacks.store.rows import Fact, OpeningRow
from tests.clock import NIGHT

SECOND = timedelta(seconds=1)
WORDS = {"words": "mail is down", "number": "+15145550142"}


def seal(content: bytes) -> str:
    return f"mac {ledger._sha(content.decode())[:20]}"


def noted(n: int, private: bool = True) -> ledger.Record:
    return ledger.Record("Noted", NIGHT + n * SECOND, {"n": n}, WORDS if private else None)


def opened(session: Transaction, facts: int = 2) -> list[Fact]:
    """An emergency with its first facts, chained and sealed."""
    row = summary.blank(heads.give_number(session, seal), session.token(4), NIGHT)
    session.emergencies.add(row)
    added = ledger.append(session, row.id, 0, GENESIS, [noted(n, n != 1) for n in range(facts)], NIGHT)
    fresh = replace(row, last_seq=added[-1].seq, head_hash=added[-1].hash)
    session.emergencies.change(row, heads.sealed(fresh, seal))
    heads.chain(session, row.id, added[0].hash, seal)
    return added


def outcomes(step: Callable[[int], None]) -> list[str]:
    """What two threads came to that took the same step at once."""
    ready, found = threading.Barrier(2), list[str]()

    def run(n: int) -> None:
        ready.wait()
        try:
            step(n)
            found.append("won")
        except (Conflict, DatabaseError):
            found.append("lost")

    threads = [threading.Thread(target=run, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(found)


def test_facts_are_read_as_they_were_given_and_hashed(store: Store) -> None:
    with store.write() as session:
        facts = opened(session)
        assert session.ledger.facts([1]) == {1: facts}
    with store.read() as session:
        first, second = session.ledger.read(1)
        assert (first.seq, first.kind, first.at, first.recorded_at) == (1, "Noted", NIGHT, NIGHT)
        assert (first.private, second.private, second.body) == (WORDS, None, {"n": 1})
        assert session.ledger.read_many([2, 1]) == {1: [first, second]} and session.ledger.read(2) == []
        assert session.ledger.facts([1, 2]) == {1: facts}
        assert [session.ledger.hash_at(1, seq) for seq in (1, 2, 3)] == [facts[0].hash, facts[1].hash, None]
        assert ledger.verify(session, [1], lambda row, entries: None, lambda seen: None) is None


def test_facts_of_a_span_by_the_time_they_were_recorded(store: Store) -> None:
    with store.write() as session:
        one, other = opened(session), opened(session, facts=1)
        more = ledger.append(session, 1, 2, one[-1].hash, [ledger.Record("Ended", NIGHT, {}, None)], NIGHT + SECOND)
    with store.read() as session:
        before, at, after = NIGHT - SECOND, NIGHT, NIGHT + SECOND
        assert [session.ledger.count(before, at), session.ledger.count(at, after)] == [3, 1]
        assert list(session.ledger.hashes(before, after)) == [fact.hash for fact in (*one, *more, *other)]
        assert session.ledger.is_any_of(at, after, ["Ended", "Noted"])
        assert not session.ledger.is_any_of(before, at, ["Ended"])
        assert list(session.ledger.emergencies()) == [1, 2]


def test_a_number_is_given_to_one_fact_alone(store: Store) -> None:
    """Two acknowledgements at once: one is refused, and leaves nothing."""
    with store.write() as session:
        last = opened(session)[-1]

    def step(n: int) -> None:
        with store.write() as session:
            ledger.append(session, 1, last.seq, last.hash, [noted(n)], NIGHT)

    assert outcomes(step) == ["lost", "won"]
    with pytest.raises(Conflict):
        step(7)
    with store.read() as session:
        assert len(session.ledger.read(1)) == 3
        assert ledger.verify(session, [1], lambda row, entries: None, lambda seen: None) is not None  # no summary of it


def test_openings_at_once_get_numbers_without_gaps_and_a_lost_one_gives_its_number_back(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.write() as session:
        opened(session)
        _ = 1 // 0
    threads = [threading.Thread(target=lambda: store.transact(opened)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as session:
        head = session.heads.read()
        assert head and (head.last_id, head.openings) == (2, 2) and heads.holds(head, seal)
        assert [row.number for row in session.heads.openings(2)] == [1, 2]
        assert len(list(session.heads.openings(1))) == 1
        newest = session.heads.newest_opening()
        assert newest and newest.head == head.head and session.heads.is_chained(newest.emergency_id)
        found = heads.openings(session, head, seal)
        assert found.wrong is None and sorted(found.first_hashes) == [1, 2]


def test_what_is_chained_is_chained_once(store: Store) -> None:
    with store.write() as session:
        first = opened(session)[0]
    for row in (OpeningRow(1, 9, "", ""), OpeningRow(9, 1, first.hash, "")):
        with pytest.raises(Conflict), store.write() as session:
            session.heads.add_opening(row)


def test_what_another_version_opened_is_found_chained_and_sealed(store: Store) -> None:
    with store.write() as session:
        row = summary.blank(4, "old", NIGHT)
        session.emergencies.add(row)
        facts = ledger.append(session, 4, 0, GENESIS, [noted(0)], NIGHT)
        session.emergencies.change(row, replace(row, last_seq=1, head_hash=facts[0].hash))
        assert list(session.heads.unchained(1)) == [4] and list(session.heads.unchained(5)) == []
        assert heads.chain_the_rest(session, seal) == 1
        assert list(session.heads.unchained(1)) == []
    with store.write() as session:
        row = session.emergencies.some([4])[0]
        assert row.seal == heads.ledger_seal(4, 1, facts[0].hash, seal)
        assert list(session.heads.ends_behind(0, 9)) == [(4, 1, facts[0].hash)]
        session.heads.seal_first(4, "another")
        session.heads.seal(4, 2, "another")
        assert session.emergencies.some([4])[0].seal == row.seal
        session.heads.seal(4, 1, None)
        assert session.emergencies.some([4])[0].seal is None
        assert session.heads.lone_ledger() is None


def test_checkpoints_follow_one_another(store: Store) -> None:
    first = made("2026-01-01T00:00:00+00:00", 0, "", GENESIS, seal)
    second = made("2026-01-01T01:00:00+00:00", 0, "", first.head, seal)
    with store.write() as session:
        assert heads.add_checkpoint(session, first, seal) and not heads.add_checkpoint(session, first, seal)
        assert heads.add_checkpoint(session, second, seal)
    with store.write() as session:
        assert session.heads.last_line() == second.line()
        assert session.heads.lines_behind(GENESIS) == [first.line(), second.line()]
        assert session.heads.lines_behind(first.head) == [second.line()]
        assert session.heads.knows_line(second.head) and not session.heads.knows_line("other")
        heads.accept(session, seal)
        head = session.heads.read()
        assert head and (head.anchors, head.anchor_head, session.heads.last_line()) == (0, GENESIS, None)
