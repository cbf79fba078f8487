"""The chain over emergencies: openings at the same time, nodes and rows of an older version."""

import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text
from sqlmodel import col, select

from callbacks.engine.intake import summary
from callbacks.engine.jobs import checkpoints, verification
from callbacks.engine.jobs.checkpoints import Held
from callbacks.store import heads, ledger
from callbacks.store.sql import tables
from callbacks.store.sql.database import Database
from callbacks.store.sql.transaction import Transaction
from tests.clock import NIGHT
from tests.store.test_checkpoints import Place, seal
from tests.store.test_ledger import emergency

WRITERS, EACH = 2, 8


def opens(database: Database, key: str) -> int:
    def once(session: Transaction) -> int:
        row = summary.blank(heads.give_number(session, seal), key, NIGHT)
        session.emergencies.add(row)
        records = [ledger.Record("Noted", NIGHT, {}, None)]
        facts = ledger.append(session, row.id, 0, ledger.GENESIS, records, NIGHT)
        seq, head = facts[-1].seq, facts[-1].hash
        session.emergencies.change(row, heads.sealed(replace(row, last_seq=seq, head_hash=head), seal))
        heads.chain(session, row.id, facts[0].hash, seal)
        return row.id

    return database.transact(once)


def wrong(database: Database) -> heads.Missing | None:
    with database.read() as session:
        return heads.openings(session, session.heads.read(), seal).wrong


def test_openings_at_the_same_time_get_numbers_without_gaps(database: Database, database_url: str) -> None:
    """Two nodes, each with connections of its own."""
    ready, given = threading.Barrier(WRITERS), list[int]()

    def node(name: int) -> None:
        own = Database(database_url)
        ready.wait()
        for n in range(EACH):
            given.append(opens(own, f"{name}-{n}"))
        own.close()

    threads = [threading.Thread(target=node, args=(n,)) for n in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == list(range(1, WRITERS * EACH + 1))
    assert wrong(database) is None


def test_what_an_older_node_opened_is_chained_with_the_next_checkpoint(database: Database, tmp_path: Path) -> None:
    """F83: during an upgrade it gives numbers by itself and neither chains nor seals."""
    opens(database, "new")
    assert emergency(database) == 2
    place = Place(database, tmp_path)
    assert wrong(database) is None
    place.now = NIGHT + timedelta(hours=1)
    assert checkpoints.look(place) is not None  # type: ignore[arg-type]
    with database.read() as session:
        assert session.exec(select(tables.Opening.emergency_id).order_by(col(tables.Opening.number))).all() == [1, 2]
    assert opens(database, "newer") == 3
    assert wrong(database) is None


def test_emergencies_from_before_are_not_chained_and_covered_by_the_first_checkpoint(
    database: Database, tmp_path: Path
) -> None:
    emergency(database)
    with database.write() as session:  # as the migration leaves it
        session.execute(text("UPDATE ledger_head SET first_id = 2, last_id = 1"))
    place = Place(database, tmp_path)
    place.now = NIGHT + timedelta(hours=1)
    assert checkpoints.look(place) is not None  # type: ignore[arg-type]
    assert opens(database, "new") == 2
    with database.read() as session:
        found = verification.report(session, Held(), None)
        lines = checkpoints.read_lines(tmp_path / checkpoints.NAME)
        assert (found.emergencies, found.not_chained, lines[0].facts) == (2, 1, 3)
        assert session.get_one(tables.Emergency, 1).seal is None


def test_without_the_row_of_the_heads_a_call_is_opened_all_the_same(database: Database) -> None:
    emergency(database)
    with database.write() as session:
        session.execute(text("DELETE FROM ledger_head"))
    assert opens(database, "after") == 2
    assert wrong(database) is not None
