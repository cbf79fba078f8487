"""When a weekly drill is due: by the wall clock, in the hours after it, on both changes of the clocks."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from callbacks.oncall.coverage import WINDOW, due_day
from callbacks.policy.model import Drills, Weekday

TORONTO = ZoneInfo("America/Toronto")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TORONTO).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "found"),
    [
        ("2026-11-24T13:59:59", None),
        ("2026-11-24T14:00", date(2026, 11, 24)),
        ("2026-11-24T17:59:59", date(2026, 11, 24)),
        ("2026-11-24T18:00", None),
        ("2026-11-25T14:00", None),
        ("2026-12-01T14:00", date(2026, 12, 1)),
    ],
)
def test_from_its_hour_on_for_four_hours(now: str, found: date | None) -> None:
    assert due_day(Drills(Weekday.TUE, time(14)), at(now), TORONTO) == found


def test_past_midnight_it_is_still_the_day_before() -> None:
    late = Drills(Weekday.TUE, time(22))
    assert due_day(late, at("2026-11-25T01:30"), TORONTO) == date(2026, 11, 24)
    assert due_day(late, at("2026-11-25T02:00"), TORONTO) is None


def test_none_without_a_day() -> None:
    assert due_day(Drills(), at("2026-11-24T14:00"), TORONTO) is None


def test_when_the_clocks_change() -> None:
    """02:30 does not exist on 8 March 2026, and 01:30 comes twice on 1 November: the first counts."""
    skipped, twice = Drills(Weekday.SUN, time(2, 30)), Drills(Weekday.SUN, time(1, 30))
    opens = datetime(2026, 3, 8, 7, tzinfo=UTC)
    assert due_day(skipped, opens - timedelta(seconds=1), TORONTO) is None
    assert due_day(skipped, opens, TORONTO) == date(2026, 3, 8)
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert due_day(twice, first, TORONTO) == date(2026, 11, 1)
    assert due_day(twice, first + WINDOW, TORONTO) is None
