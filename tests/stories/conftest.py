"""A night for every story, on SQLite and on PostgreSQL."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.night import Night


@pytest.fixture
def make_night(database_url: str, tmp_path: Path) -> Iterator[Callable[..., Night]]:
    nights: list[Night] = []

    def make(**options: Any) -> Night:
        nights.append(Night(database_url, tmp_path, **options))
        return nights[-1]

    yield make
    for night in nights:
        night.close()


@pytest.fixture
def night(make_night: Callable[..., Night]) -> Night:
    """Three steps by SMS: primary at once, backup after 4 minutes, supervisors after 8."""
    return make_night()
