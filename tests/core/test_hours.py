"""Support hours and business deadlines, by table and by an oracle that walks minute by minute."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callbacks.policy.hours import (
    NeverOpen,
    deadlines,
    easter,
    holidays,
    is_open,
    next_close,
    next_open,
    open_time_deadline,
    periods,
)
from callbacks.policy.model import END_OF_DAY, PUBLISHED, WEEKDAYS, Priority, SupportHours, Weekday

HOURS = PUBLISHED.support_hours
TORONTO = ZoneInfo("America/Toronto")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TORONTO).astimezone(UTC)


OPEN = {
    "2026-11-24T07:29": False, "2026-11-24T07:30": True, "2026-11-24T17:59": True, "2026-11-24T18:00": False,
    "2026-11-21T12:00": False, "2026-11-22T12:00": False, "2026-12-25T12:00": False, "2026-12-24T12:00": True,
    "2026-01-01T12:00": False, "2026-04-03T12:00": False, "2026-04-06T12:00": True, "2026-05-18T12:00": False,
    "2026-06-24T12:00": False, "2026-07-01T12:00": False, "2026-09-07T12:00": False, "2026-10-12T12:00": False,
    "2026-03-09T07:30": True, "2026-11-02T07:29": False,
}  # fmt: skip


@pytest.mark.parametrize("at,expected", OPEN.items())
def test_open_or_closed(at: str, expected: bool) -> None:
    assert is_open(HOURS, utc(at)) is expected


QUEBEC = {
    2025: "01-01 04-18 05-19 06-24 07-01 09-01 10-13 12-25", 2026: "01-01 04-03 05-18 06-24 07-01 09-07 10-12 12-25",
    2027: "01-01 03-26 05-24 06-24 07-01 09-06 10-11 12-25", 2028: "01-01 04-14 05-22 06-24 07-01 09-04 10-09 12-25",
    2029: "01-01 03-30 05-21 06-25 07-02 09-03 10-08 12-25", 2018: "01-01 03-30 05-21 06-25 07-02 09-03 10-08 12-25",
}  # fmt: skip


@pytest.mark.parametrize("year,days", QUEBEC.items())
def test_the_days_of_quebec(year: int, days: str) -> None:
    assert holidays("CA-QC", year) == {date.fromisoformat(f"{year}-{day}") for day in days.split()}


@pytest.mark.parametrize(
    "year,day", [(2000, "04-23"), (2024, "03-31"), (2025, "04-20"), (2038, "04-25"), (2285, "03-22")]
)
def test_easter(year: int, day: str) -> None:
    assert easter(year) == date.fromisoformat(f"{year}-{day}")


def around_the_clock(days: tuple[Weekday, ...] = WEEKDAYS, opens: int = 0) -> SupportHours:
    return SupportHours(open=time(opens), close=END_OF_DAY, days=days, holidays="")


def test_around_the_clock_is_open_at_every_minute_of_both_clock_changes_and_never_closes() -> None:
    """Seven days from 00:00 to 24:00."""
    for day in ("2026-03-08", "2026-11-01", "2026-12-31"):
        first = utc(f"{day}T00:00") - timedelta(hours=3)
        assert all(is_open(around_the_clock(), first + timedelta(minutes=n)) for n in range(31 * 60))
        assert periods(around_the_clock(), first, first + timedelta(days=3)) == [(first, first + timedelta(days=3))]
        assert open_time_deadline(around_the_clock(), first, timedelta(hours=30)) == first + timedelta(hours=30)
    assert next_open(around_the_clock(), utc("2026-11-24T12:00")) is None
    assert next_close(around_the_clock(), utc("2026-11-24T12:00")) is None


def test_open_until_midnight_closes_at_midnight() -> None:
    evenings = around_the_clock(WEEKDAYS[:5], 18)
    assert is_open(evenings, utc("2026-11-24T23:59"))
    assert not is_open(evenings, utc("2026-11-25T00:00"))
    assert next_close(evenings, utc("2026-11-24T20:00")) == utc("2026-11-25T00:00")
    assert open_time_deadline(evenings, utc("2026-11-24T23:00"), timedelta(hours=2)) == utc("2026-11-25T19:00")


def test_days_that_touch_are_one_period() -> None:
    week = around_the_clock(WEEKDAYS[:5])
    whole = (utc("2026-11-23T00:00"), utc("2026-11-28T00:00"))
    assert periods(week, whole[0] - timedelta(days=1), whole[1] + timedelta(days=1)) == [whole]
    assert (next_open(week, utc("2026-11-24T12:00")), next_close(week, utc("2026-11-24T12:00"))) == (
        utc("2026-11-30T00:00"), whole[1],
    )  # fmt: skip


def test_a_single_day_that_is_worked_is_found_and_after_it_nothing() -> None:
    one = replace(around_the_clock(()), open_on=(date(2026, 11, 25),))
    assert next_open(one, utc("2026-11-24T12:00")) == utc("2026-11-25T00:00")
    assert next_close(one, utc("2026-11-24T12:00")) == utc("2026-11-26T00:00")
    assert (next_open(one, utc("2026-11-25T12:00")), next_close(one, utc("2026-11-26T00:00"))) == (None, None)


def test_a_midnight_that_the_clocks_skip_or_repeat_closes_and_opens_nothing() -> None:
    """Beirut's clocks change at midnight."""
    zone = replace(around_the_clock(), timezone="Asia/Beirut")
    for day in (datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 10, 23, tzinfo=UTC)):
        assert all(is_open(zone, day + timedelta(minutes=5 * n)) for n in range(12 * 60))
        assert len(periods(zone, day, day + timedelta(days=4))) == 1


DEADLINES = [
    ("2026-11-24T17:00", 60, "2026-11-24T18:00"), ("2026-11-24T17:00", 61, "2026-11-25T07:31"),
    ("2026-11-27T17:45", 60, "2026-11-30T08:15"), ("2026-11-24T03:00", 30, "2026-11-24T08:00"),
    ("2026-11-21T12:00", 60, "2026-11-23T08:30"), ("2026-12-24T17:30", 60, "2026-12-28T08:00"),
    ("2026-03-06T17:30", 60, "2026-03-09T08:00"), ("2026-10-30T17:30", 60, "2026-11-02T08:00"),
    ("2026-11-24T18:00", 10, "2026-11-25T07:40"), ("2028-02-29T17:30", 60, "2028-03-01T08:00"),
    ("2026-11-24T07:30", 630, "2026-11-24T18:00"), ("2026-11-24T07:30", 631, "2026-11-25T07:31"),
    ("2026-06-23T17:30", 60, "2026-06-25T08:00"), ("2026-04-02T17:59", 2, "2026-04-06T07:31"),
    ("2026-11-24T12:00", 0, "2026-11-24T12:00"), ("2026-11-21T12:00", 0, "2026-11-21T12:00"),
]  # fmt: skip


@pytest.mark.parametrize("start,minutes,expected", DEADLINES)
def test_business_deadlines(start: str, minutes: int, expected: str) -> None:
    assert open_time_deadline(HOURS, utc(start), timedelta(minutes=minutes)) == utc(expected)


def test_next_is_strictly_after() -> None:
    assert next_open(HOURS, utc("2026-11-24T07:30")) == utc("2026-11-25T07:30")
    assert next_close(HOURS, utc("2026-11-24T18:00")) == utc("2026-11-25T18:00")
    assert next_open(HOURS, utc("2026-11-24T07:29")) == utc("2026-11-24T07:30")


def test_never_open_is_never() -> None:
    never = replace(HOURS, days=())
    assert next_open(never, utc("2026-11-24T07:30")) is None


def test_open_on_opens_a_holiday_and_closed_on_closes_a_day() -> None:
    hours = replace(HOURS, open_on=(date(2026, 12, 25),), closed_on=(date(2026, 11, 24),))
    assert is_open(hours, utc("2026-12-25T12:00"))
    assert not is_open(hours, utc("2026-11-24T12:00"))


def test_periods_are_clipped_and_half_open() -> None:
    found = periods(HOURS, utc("2026-11-24T12:00"), utc("2026-11-25T08:00"))
    assert found == [
        (utc("2026-11-24T12:00"), utc("2026-11-24T18:00")),
        (utc("2026-11-25T07:30"), utc("2026-11-25T08:00")),
    ]


def test_the_close_that_comes_twice_is_the_last() -> None:
    late = SupportHours(
        open=datetime(1, 1, 1, 0, 30).time(), close=datetime(1, 1, 1, 1, 30).time(), days=(Weekday.SUN,)
    )
    assert next_close(late, datetime(2026, 11, 1, 4, tzinfo=UTC)) == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


def test_deadlines_by_priority() -> None:
    found = deadlines(PUBLISHED, utc("2026-11-27T17:45"))
    assert found[Priority.P1].react_by == utc("2026-11-27T18:15")
    assert found[Priority.P2].react_by == utc("2026-11-30T08:15")
    assert found[Priority.P2].resolve_by == utc("2026-11-28T17:45")


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 60 * 24 * 20), st.integers(1, 900))
def test_a_deadline_is_where_the_open_minutes_run_out(offset: int, length: int) -> None:
    start = utc("2026-03-02T00:00") + timedelta(minutes=offset)
    at, left = start, length
    while left:
        left -= is_open(HOURS, at)
        at += timedelta(minutes=1)
    assert open_time_deadline(HOURS, start, timedelta(minutes=length)) == at


def test_no_open_time_is_needed_for_none_and_never_comes_where_support_is_closed() -> None:
    start = utc("2026-11-24T02:00")
    assert open_time_deadline(HOURS, start, timedelta()) == start
    assert open_time_deadline(HOURS, start, timedelta(seconds=-1)) == start
    closed = replace(HOURS, days=())
    with pytest.raises(NeverOpen, match=r"^support is never open for that long$"):
        open_time_deadline(closed, start, timedelta(seconds=1))
    assert periods(closed, start, start + timedelta(days=400)) == []
    assert not is_open(closed, start)
    assert (next_open(closed, start), next_close(closed, start)) == (None, None)


def test_periods_that_only_touch_the_span_are_none() -> None:
    opens, closes = utc("2026-11-24T07:30"), utc("2026-11-24T18:00")
    assert periods(HOURS, closes, closes + timedelta(hours=1)) == []
    assert periods(HOURS, opens - timedelta(hours=1), opens) == []
    assert periods(HOURS, opens, closes) == [(opens, closes)]
