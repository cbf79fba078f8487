"""One node on SQLite, where a test asks for no other."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import fresh_database
from tests.faults.desk import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = Desk(fresh_database("sqlite", tmp_path), tmp_path)
    yield opened
    opened.close()
