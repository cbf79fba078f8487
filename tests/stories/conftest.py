"""A night for every story, on SQLite; on PostgreSQL too, in `make test` if it is marked `storage`, else in `make faults`."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.night import Night
from tests.stories.site import Site

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents and _is_on_postgres(item) and not item.get_closest_marker("storage"):
            item.add_marker("slow")


def _is_on_postgres(item: pytest.Item) -> bool:
    given = getattr(item, "callspec", None)
    return given is not None and given.params.get("database_url") == "postgres"


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


@pytest.fixture
def called(night: Night) -> Night:
    """A night in which Ana is paged about the customer's emergency."""
    night.on_call("ana", "bob")
    night.customer.calls().presses("1").leaves_message()
    night.people["ana"].gets_sms("E-000001")
    return night


@pytest.fixture
def site(night: Night) -> Iterator[Site]:
    made = Site(night)
    yield made
    made.server.stop()
