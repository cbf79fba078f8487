"""SQLite's write-ahead log after words were erased: emptied, or said to hold them still."""

from pathlib import Path

import pytest
from sqlalchemy import text

from callbacks.store.sql import database
from callbacks.store.sql.database import Database

WORD = b"xyzzy-plugh"


@pytest.fixture
def logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A database in write-ahead mode, whose erased word is in its log."""
    monkeypatch.setattr(database, "wal_is_safe", lambda version: True)
    monkeypatch.setattr(database, "BUSY_SECONDS", 0)
    opened = Database(f"sqlite:///{tmp_path / 'x.db'}")
    with opened.write() as session:
        session.execute(text("CREATE TABLE words (word TEXT)"))
        session.execute(text("INSERT INTO words VALUES ('xyzzy-plugh')"))
    with opened.write() as session:
        session.execute(text("DELETE FROM words"))
    return opened


def kept(tmp_path: Path) -> bool:
    return any(WORD in path.read_bytes() for path in tmp_path.iterdir())


def test_the_log_is_emptied_and_nothing_of_the_word_is_left(logged: Database, tmp_path: Path) -> None:
    """I34."""
    assert kept(tmp_path)
    assert logged.empty_log()
    assert not kept(tmp_path)


def test_who_reads_all_the_while_is_told_of(logged: Database, tmp_path: Path) -> None:
    with logged.read() as session:
        session.execute(text("SELECT * FROM words")).all()
        with logged.write() as writer:
            writer.execute(text("CREATE TABLE more (word TEXT)"))
        assert not logged.empty_log()
        assert kept(tmp_path)
    assert logged.empty_log()
    assert not kept(tmp_path)
    logged.close()
