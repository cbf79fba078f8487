"""The chain finds every change, the triggers refuse it, and two writers never both win."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from callbacks.engine.intake import summary
from callbacks.store import ledger
from callbacks.store.errors import Conflict, DatabaseError
from callbacks.store.sql import tables
from callbacks.store.sql.database import Database
from tests.clock import NIGHT

Edit = Callable[[Database], None]


def emergency(database: Database, facts: int = 3) -> int:
    """An emergency whose ledger holds a few facts with private parts."""
    with database.write() as session:
        row = summary.blank((session.emergencies.newest_id() or 0) + 1, f"key-{facts}", NIGHT)
        session.emergencies.add(row)
        records = [ledger.Record("Noted", NIGHT, {"n": n}, {"words": f"secret {n}"}) for n in range(facts)]
        added = ledger.append(session, row.id, 0, ledger.GENESIS, records, NIGHT)
        seq, head = added[-1].seq, added[-1].hash
        session.emergencies.change(row, replace(row, last_seq=seq, head_hash=head))
        return row.id


def bad_row(database: Database) -> ledger.BadRow | None:
    with database.read() as session:
        return ledger.verify(session, session.ledger.emergencies(), lambda row, entries: None, lambda facts: None)


def unguarded(database: Database, statement: str) -> None:
    """What somebody with the database's own rights could do: the triggers are taken off first."""
    sqlite = ["DROP TRIGGER ledger_refuses_update", "DROP TRIGGER ledger_refuses_delete"]
    first = sqlite if database.is_sqlite else ["DROP TRIGGER ledger_is_append_only ON ledger"]
    with database.write() as session:
        for each in (*first, statement):
            session.execute(text(each))


def test_a_sound_chain_verifies(database: Database) -> None:
    emergency(database)
    assert bad_row(database) is None


EDITS = {
    "a word of a fact": "UPDATE ledger SET body = replace(body, 'Noted', 'Edited') WHERE seq = 2",
    "a kind": "UPDATE ledger SET kind = 'Other' WHERE seq = 2",
    "a time": "UPDATE ledger SET at = recorded_at, recorded_at = '2026-11-24 09:00:00' WHERE seq = 2",
    "a hash": "UPDATE ledger SET hash = replace(hash, 'a', 'b') WHERE seq = 1",
    "a fact taken out": "DELETE FROM ledger WHERE seq = 2",
    "the last fact taken out": "DELETE FROM ledger WHERE seq = 3",
    "the order": "UPDATE ledger SET seq = 9 WHERE seq = 2",
    "private words": 'UPDATE private SET data = \'{"words":"other"}\' WHERE seq = 2',
    "the head in the summary": "UPDATE emergency SET head_hash = 'x'",
}


@pytest.mark.parametrize("statement", EDITS.values(), ids=EDITS)
def test_every_change_is_found(database: Database, statement: str) -> None:
    """F73, I23."""
    emergency(database)
    unguarded(database, statement)
    assert bad_row(database) is not None


@pytest.mark.parametrize("statement", ["UPDATE ledger SET kind = 'x'", "DELETE FROM ledger"])
def test_the_database_itself_refuses_changes(database: Database, statement: str) -> None:
    """I22."""
    emergency(database)
    with pytest.raises((DatabaseError, Conflict), match="append-only"), database.write() as session:
        session.execute(text(statement))
    assert bad_row(database) is None


def test_erasing_private_words_leaves_the_chain_whole(database: Database) -> None:
    """I34."""
    number = emergency(database)
    with database.write() as session:
        session.delete(session.get(tables.Private, (number, 2)))
    assert bad_row(database) is None
    with database.read() as session:
        entries = session.ledger.read(number)
    assert [e.private for e in entries] == [{"words": "secret 0"}, None, {"words": "secret 2"}]


def test_of_two_writers_one_wins(database: Database) -> None:
    """F69, I22."""
    number = emergency(database)
    ready, outcomes = threading.Barrier(2), list[str]()

    def write() -> None:
        with database.read() as session:
            row = session.get(tables.Emergency, number)
            assert row is not None
            last, head = row.last_seq, row.head_hash
        ready.wait()
        try:
            with database.write() as session:
                record = ledger.Record("Noted", NIGHT, {}, None)
                ledger.append(session, number, last, head, [record], NIGHT)
            outcomes.append("won")
        except Conflict:
            outcomes.append("lost")

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["lost", "won"]


def test_times_come_back_as_they_went_in(database: Database) -> None:
    number = emergency(database)
    with database.read() as session:
        row = session.get(tables.Emergency, number)
        assert row is not None
        assert row.opened_at == NIGHT
        assert row.opened_at.utcoffset() == timedelta()
