"""Turns that only active time counts: the same by the week's round as one by one, and as cheap after decades."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, time

import pytest

from callbacks.oncall import schedule
from callbacks.oncall.roster import Roster, Rotation, Technician, Turns, Window
from callbacks.oncall.schedule import Turn, active_spans, begins, on_call, turn_numbers
from tests.core.test_handoffs import rule

NIGHTS = Window(frozenset(range(4)), time(18), time(7, 30))
WEEKEND = Window(frozenset((5, 6)), time(0), time(0))
BRIEF = Window(frozenset((6,)), time(2, 10), time(2, 50))
ZONES = ("America/Toronto", "Australia/Lord_Howe", "Pacific/Apia", "UTC", "Africa/Casablanca", "America/St_Johns")


def one_by_one(given: Rotation, upto: int) -> list[int]:
    """The definition: how many of the turns before each number had active time."""
    edges = [begins(given, n) for n in range(upto + 1)]
    spans = active_spans(given, edges[0], edges[-1]) or []
    flags = [
        any(max(start, s.start) < min(end, s.end) for s in spans if s.end > start and s.start < end)
        for start, end in itertools.pairwise(edges)
    ]
    return list(itertools.accumulate(flags, initial=0))


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("windows", [(NIGHTS,), (WEEKEND,), (BRIEF,), (NIGHTS, BRIEF)])
@pytest.mark.parametrize("every", ["1h", "5h", "12h", "1d", "3d", "40h"])
def test_the_count_by_rounds_is_the_count_one_by_one(
    monkeypatch: pytest.MonkeyPatch, zone: str, windows: Sequence[Window], every: str
) -> None:
    monkeypatch.setattr(schedule, "CHUNK", 8)
    schedule._counts.cache_clear()
    given = rule(zone, every, "2011-10-20T17:20", "ana bob cleo", Turns.ACTIVE, *windows)
    upto = 1600 if every == "1h" else 400
    assert turn_numbers(given, [Turn(n, begins(given, n)) for n in range(upto)]) == one_by_one(given, upto)[:upto]
    schedule._counts.cache_clear()


def test_hourly_turns_since_1970_are_not_walked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is on call is asked in every transaction."""
    given = rule("America/Toronto", "1h", "1970-01-01T00:00", "ana bob cleo", Turns.ACTIVE, NIGHTS)
    asked = 0

    def counted(of: Rotation, number: int) -> datetime:
        nonlocal asked
        asked += 1
        return begins(of, number)

    monkeypatch.setattr(schedule, "begins", counted)
    assert on_call_of(given, datetime(2026, 11, 24, 7, tzinfo=UTC)) is not None
    assert asked < 60_000, "half a million hours have passed since"


def on_call_of(given: Rotation, at: datetime) -> str | None:
    people = tuple(Technician(name, name, f"+1514555011{n}") for n, name in enumerate(given.members))
    return on_call(Roster(timezone=given.timezone, technicians=people, rotations=(given,)), at)["primary"]
