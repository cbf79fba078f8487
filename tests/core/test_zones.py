"""F77, F80, I11, I24: every time zone there is, and odd days: shifts tile the time and hours end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callbacks.lib.toml import FaultyFile
from callbacks.lib.wallclock import ends_at, starts_at, wall_time
from callbacks.oncall.roster import Roster
from callbacks.oncall.schedule import on_call, shifts
from callbacks.policy.hours import is_open, next_close, next_open, open_time_deadline
from callbacks.policy.model import PUBLISHED, read_policy
from tests.core.test_schedule import PEOPLE, rotation, window

ZONES = sorted(z for z in available_timezones() if z not in ("Factory", "localtime"))
DAY = timedelta(days=1)
moments = st.datetimes(datetime(2006, 1, 1), datetime(2046, 1, 1))


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(ZONES), moments, st.sampled_from(["12h", "1d", "1w"]))
def test_every_zone_tiles_its_days(zone: str, moment: datetime, every: str) -> None:
    """F77."""
    rule = rotation(every, "2006-01-02T09:00", zone=zone, active=(window("18:00", "07:30"), window("12:00", "12:30")))
    start = moment.replace(tzinfo=UTC)
    found = shifts(Roster(zone, PEOPLE, (), (rule,)), start, start + 9 * DAY)
    assert found[0].start == start and found[-1].end == start + 9 * DAY
    assert all(a.end == b.start for a, b in pairwise(found))
    assert all(s.start < s.end for s in found)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(ZONES), moments)
def test_a_wall_clock_time_is_an_instant_in_every_zone(zone: str, wall: datetime) -> None:
    """An hour that never comes is the first instant after it; one that comes twice begins with the first and ends with the last."""
    here = ZoneInfo(zone)
    first, last = starts_at(wall, here), ends_at(wall, here)
    assert first <= last <= first + timedelta(hours=25)
    if wall_time(first, here) == wall.replace(tzinfo=None):
        assert wall_time(last, here) == wall.replace(tzinfo=None)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(ZONES), moments, st.integers(1, 3000))
def test_open_time_runs_out_in_every_zone(zone: str, moment: datetime, minutes: int) -> None:
    hours = replace(PUBLISHED.support_hours, timezone=zone)
    start = moment.replace(tzinfo=UTC)
    due = open_time_deadline(hours, start, timedelta(minutes=minutes))
    assert due >= start + timedelta(minutes=minutes)
    opens, closes = next_open(hours, start), next_close(hours, start)
    assert opens is not None and closes is not None
    assert is_open(hours, opens) and not is_open(hours, closes)


ODD = ["2024-02-29T12:00", "2028-02-29T23:59", "2027-02-28T23:59", "2026-12-31T23:59", "2027-01-01T00:00", "2038-01-19T03:14",
       "2038-01-19T03:15", "2016-12-31T23:59", "2100-02-28T23:59"]  # fmt: skip


@pytest.mark.parametrize("day", ODD)
def test_odd_days_are_days(day: str) -> None:
    """F80."""
    moment = datetime.fromisoformat(day).replace(tzinfo=UTC)
    roster = Roster("America/Toronto", PEOPLE, (), (rotation("1d", "2010-01-31T09:00"),))
    assert on_call(roster, moment)["primary"] in ("ana", "bob")
    found = shifts(roster, moment, moment + 3 * DAY)
    assert found[-1].end == moment + 3 * DAY
    assert open_time_deadline(PUBLISHED.support_hours, moment, timedelta(hours=1)) > moment


@pytest.mark.parametrize("name", ["localtime", "posixrules", "Factory", "right/UTC", "posix/America/Toronto"])
def test_a_zone_that_is_the_machines_own_is_a_fault(name: str) -> None:
    """The same file must mean the same hours everywhere."""
    with pytest.raises(FaultyFile) as caught:
        read_policy(f'[support_hours]\ntimezone = "{name}"\n')
    assert "America/Toronto" in str(caught.value.faults[0])
