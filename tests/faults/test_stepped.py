"""Killed, or paused for 30 s, at points of the night: nothing is lost, and at most one text comes twice. Every point is
walked by `python -m tests.faults.stepper`; here a few that differ."""

import pytest

from tests.faults.stepper import pair_walk, walk

TAKEN_UP_SECONDS = 10.0


@pytest.mark.parametrize(
    ("kind", "signal", "at"),
    [("sqlite", "KILL", 4), pytest.param("sqlite", "KILL", 8, marks=pytest.mark.slow), ("sqlite", "STOP", 7)],
)
def test_one_node_on_sqlite(kind: str, signal: str, at: int) -> None:
    """F07, F08, F50, F58, I3."""
    found = walk(kind, signal, at)
    assert found.point, "the night has fewer points than that"
    assert found.is_whole, found


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("kind", "signal", "at"), [("postgres", "KILL", 6), pytest.param("postgres", "STOP", 9, marks=pytest.mark.slow)]
)
def test_one_node_on_postgres(kind: str, signal: str, at: int) -> None:
    """F07, F50, F51."""
    found = walk(kind, signal, at)
    assert found.point, "the night has fewer points than that"
    assert found.is_whole, found


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.parametrize("signal", ["KILL", "STOP"])
def test_one_of_two_nodes(signal: str) -> None:
    """F50, F51, I27: the other node has taken up what was due within ten seconds; who was paused comes back and does no harm."""
    found = pair_walk(signal, 5)
    assert found.point, "the night has fewer points than that"
    assert found.is_whole, found
    assert found.takeover < TAKEN_UP_SECONDS, found
