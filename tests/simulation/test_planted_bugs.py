"""The measure of the simulation: bugs planted on purpose are found, each of them; the real rules are not blamed."""

import pytest

from tests.simulation.bugs.bank import BANK, found_at
from tests.simulation.bugs.bug import Bug

MOST = 400


@pytest.mark.parametrize("bug", BANK, ids=lambda bug: bug.name)
def test_the_simulation_finds(bug: Bug) -> None:
    assert found_at(bug, MOST, storm=True), f"{bug.what}: not found in {MOST} nights"


def test_there_are_many_and_each_has_its_own_name() -> None:
    assert len({bug.name for bug in BANK}) == len(BANK) >= 40
