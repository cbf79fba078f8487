"""Two nodes, their database and the carrier in networks of their own, and what happens when packets are lost between them."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.apart import BASE, CARRIER, NODES, Apart, apart
from tests.faults.desk import eventually

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Apart]:
    with apart(tmp_path) as ready:
        yield ready


def test_up(world: Apart) -> None:
    desk = world.desk
    t = time.monotonic()
    desk.leave_message()
    eventually(desk.paged, 20)
    print("paged after", time.monotonic() - t)
