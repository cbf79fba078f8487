"""Two writers, exhausted pools and large tables."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import Session

from callbacks.store.errors import Conflict
from callbacks.store.sql.database import TRIES, Database
from tests.clock import NIGHT
from tests.conftest import fresh_database


@pytest.fixture
def on_postgres(tmp_path: Path) -> Iterator[Database]:
    opened = Database(fresh_database("postgres", tmp_path))
    yield opened
    opened.close()


@pytest.mark.postgres
def test_a_deadlock_is_a_conflict_and_is_tried_again(on_postgres: Database) -> None:
    """F69: two transactions that wait for each other; the one that PostgreSQL ends is done again."""
    with on_postgres.write() as session:
        for key in ("a", "b"):
            session.execute(text("INSERT INTO strike (key, count, last_at) VALUES (:k, 0, now())"), {"k": key})
    both, tries = threading.Barrier(2), list[str]()

    def turn(first: str, second: str) -> None:
        def once(session: Session) -> None:
            tries.append(first)
            session.execute(text("UPDATE strike SET count = count + 1 WHERE key = :k"), {"k": first})
            if len(tries) <= 2:
                both.wait(30)
            session.execute(text("UPDATE strike SET count = count + 1 WHERE key = :k"), {"k": second})

        on_postgres.transact(once)

    threads = [threading.Thread(target=turn, args=pair) for pair in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    with on_postgres.read() as session:
        assert session.execute(text("SELECT sum(count) FROM strike")).scalar_one() == 4
    assert len(tries) >= 3, "there was no deadlock"


@pytest.mark.postgres
def test_a_transaction_that_stood_still_for_too_long_is_done_again(on_postgres: Database) -> None:
    """F69: a machine that froze for seconds finds its transaction ended by the server; nothing of it was kept."""
    tries = list[int]()

    def once(session: Session) -> None:
        tries.append(1)
        session.execute(text("INSERT INTO strike (key, count, last_at) VALUES ('a', 0, now())"))
        if len(tries) == 1:
            session.execute(text("SET LOCAL idle_in_transaction_session_timeout = '50ms'"))
            time.sleep(0.3)

    on_postgres.transact(once)
    with on_postgres.read() as session:
        assert (session.execute(text("SELECT count(*) FROM strike")).scalar_one(), len(tries)) == (1, 2)


def test_a_conflict_that_never_ends_is_told_after_a_bounded_number_of_tries(database: Database) -> None:
    """F69."""
    tries = list[int]()

    def never(session: Session) -> None:
        tries.append(1)
        raise Conflict("always")

    with pytest.raises(Conflict):
        database.transact(never)
    assert len(tries) == TRIES


@pytest.mark.postgres
def test_pages_that_hold_every_connection_leave_the_engine_its_own(on_postgres: Database) -> None:
    """F70: `serve` gives pages a pool of their own on PostgreSQL."""
    pages = Database(on_postgres.url, web=True)
    held = [pages.connect() for _ in range(10)]
    try:
        with pytest.raises(Exception, match="QueuePool limit"):
            pages._writer.pool._timeout = 0.2  # type: ignore[attr-defined]
            pages.connect()
        with on_postgres.write() as session:
            assert session.emergencies.claim_wakes(NIGHT, "n", timedelta(seconds=6), 5) == []
    finally:
        for connection in held:
            connection.close()
        pages.close()


def test_due_work_is_read_from_its_index(database: Database) -> None:
    """F75: the two questions of each tick never walk the table."""
    with database.write() as session:
        seen = list[str]()
        for query in (
            "SELECT id FROM emergency WHERE wake_at <= :now",
            "SELECT id FROM outbox WHERE due_at <= :now AND state = 'queued'",
        ):
            if database.is_sqlite:
                plan = session.execute(text(f"EXPLAIN QUERY PLAN {query}"), {"now": NIGHT}).all()
            else:
                session.execute(text("SET LOCAL enable_seqscan = off"))
                plan = session.execute(text(f"EXPLAIN {query}"), {"now": NIGHT}).all()
            seen.append(" ".join(str(part) for part in plan))
        assert all("INDEX" in plan.upper() for plan in seen), seen
        assert session.outbox.next_due() is None
