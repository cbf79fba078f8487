"""What a database must be before anything is trusted to it."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select

from callbacks.store.errors import DatabaseError, DatabaseUnavailable
from callbacks.store.sql import tables
from callbacks.store.sql.database import BUSY_SECONDS, Database, EngineLocked, engine_lock, listen, wal_is_safe
from tests.clock import NIGHT

VERSIONS = [
    ((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 45, 0), False), ((3, 50, 6), False),
    ((3, 50, 7), True), ((3, 51, 2), False), ((3, 51, 3), True), ((3, 52, 0), True), ((4, 0, 0), True),
]  # fmt: skip


@pytest.mark.parametrize("version,safe", VERSIONS)
def test_write_ahead_only_where_it_keeps_what_was_committed(version: tuple[int, int, int], safe: bool) -> None:
    assert wal_is_safe(version) is safe


def test_the_settings_that_a_promise_needs_are_really_set(database: Database) -> None:
    """F68."""
    with database.write() as session:
        if database.is_sqlite:
            found = {
                n: session.execute(text(f"PRAGMA {n}")).scalar()
                for n in ("synchronous", "foreign_keys", "busy_timeout")
            }
            mode = str(session.execute(text("PRAGMA journal_mode")).scalar())
            assert found == {"synchronous": 2 if mode == "wal" else 3, "foreign_keys": 1, "busy_timeout": 5000}
            assert mode.upper() == database.journal_mode
        else:
            names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "synchronous_commit")
            assert [session.execute(text(f"SHOW {n}")).scalar() for n in names] == ["5s", "2s", "5s", "on"]
            assert session.execute(text("SHOW client_connection_check_interval")).scalar() == "2s"


def test_a_statement_that_the_database_refuses_is_an_error_of_ours(database: Database) -> None:
    with pytest.raises(DatabaseError, match="no_such_table") as caught, database.read() as session:
        session.execute(text("SELECT 1 FROM no_such_table"))
    assert type(caught.value) is (DatabaseUnavailable if database.is_sqlite else DatabaseError)
    assert any(frame.name.startswith("test_a_statement") for frame in caught.traceback)


def test_a_second_engine_on_one_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    """F71."""
    url = f"sqlite:///{tmp_path / 'x.db'}"
    held = engine_lock(url)
    script = f"from callbacks.store.sql.database import *\ntry:\n  engine_lock({url!r})\nexcept EngineLocked as e:\n  print(e)"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert str(os.getpid()) in told
    assert "--no-engine" in told
    assert held is not None
    held.close()
    again = engine_lock(url)
    assert again is not None
    again.close()


def test_the_lock_refuses_in_this_process_too(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    held = engine_lock(url)
    with pytest.raises(EngineLocked):
        engine_lock(url)
    assert held is not None
    held.close()


def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.write() as session:
        session.execute(text("INSERT INTO sweep (name) VALUES ('x')"))
        raise ZeroDivisionError
    with database.read() as session:
        assert session.execute(text("SELECT count(*) FROM sweep")).scalar() == 0


def test_commands_read_and_write_beside_a_running_process(database: Database, database_url: str) -> None:
    other = Database(database_url)
    with database.write() as session:
        session.execute(text("INSERT INTO sweep (name) VALUES ('a')"))
    with other.write() as session:
        session.execute(text("INSERT INTO sweep (name) VALUES ('b')"))
    with database.read() as session:
        assert session.execute(text("SELECT count(*) FROM sweep")).scalar() == 2
    other.close()


def test_other_nodes_hear_of_a_commit_at_once(database: Database) -> None:
    if database.is_sqlite:
        assert database.is_sqlite
        return
    heard, stopping = threading.Event(), threading.Event()
    thread = threading.Thread(target=listen, args=(database, heard.set, stopping))
    thread.start()
    ends = time.monotonic() + 10
    while not heard.is_set() and time.monotonic() < ends:
        with database.write() as session:
            session.notify()
        heard.wait(0.2)
    stopping.set()
    thread.join()
    assert heard.is_set()


def test_who_reads_for_long_keeps_nobody_from_writing(database: Database) -> None:
    """A report or a verification that takes minutes must not hold up the page of tonight."""
    with database.read() as reading:
        reading.exec(select(tables.Notice)).all()
        began = time.monotonic()
        with database.write() as session:
            session.add(tables.Notice(key="meanwhile", at=NIGHT))
        assert time.monotonic() - began < BUSY_SECONDS / 2
