"""Every promise of `store/interface.py`, on memory, SQLite and PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from callbacks.store.interface import Store
from callbacks.store.memory.store import MemoryStore
from tests.conftest import fresh_database
from tests.lent import LentDatabase


@pytest.fixture(params=["memory", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield MemoryStore()
        return
    opened = LentDatabase(fresh_database(request.param, tmp_path))
    yield opened
    opened.give_back()
