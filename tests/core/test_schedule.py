"""Rotations against the rules of wall-clock time: tables, and a slow oracle of its own making."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callbacks.lib.wallclock import ends_at, starts_at
from callbacks.oncall.roster import CalendarFeed, Every, Override, Roster, Rotation, Technician, Turns, Unit, Window
from callbacks.oncall.schedule import Shift, gaps, next_shift, on_call, shifts, who_has

TORONTO = ZoneInfo("America/Toronto")
PEOPLE = tuple(Technician(n, n, f"+1514555011{i}") for i, n in enumerate(("ana", "bob", "cleo")))
ALL = frozenset(range(7))


def roster(rule: Rotation, *overrides: Override) -> Roster:
    return Roster("America/Toronto", PEOPLE, (), (rule,), overrides)


def rotation(
    every: str = "1w", starts: str = "2026-11-02T09:00", members: str = "ana bob", turns: Turns = Turns.CALENDAR,
    active: tuple[Window, ...] = (), zone: str = "America/Toronto",
) -> Rotation:  # fmt: skip
    number, unit = int("".join(c for c in every if c.isdigit())), every.lstrip("0123456789")
    return Rotation(
        "primary",
        tuple(members.split()),
        Every(number, Unit(unit)),
        turns,
        datetime.fromisoformat(starts),
        zone,
        active,
    )


def window(start: str, end: str, days: frozenset[int] = ALL) -> Window:

    return Window(days, time.fromisoformat(start), time.fromisoformat(end))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TORONTO).astimezone(UTC)


WALLS = [
    ("a plain time", "2026-11-24T02:00", "2026-11-24T07:00", "2026-11-24T07:00"),
    ("an hour that comes twice", "2026-11-01T01:30", "2026-11-01T05:30", "2026-11-01T06:30"),
    ("an hour that never comes", "2026-03-08T02:30", "2026-03-08T07:00", "2026-03-08T07:00"),
]


@pytest.mark.parametrize("name,wall,start,end", WALLS, ids=[w[0] for w in WALLS])
def test_wall_clock_rules(name: str, wall: str, start: str, end: str) -> None:
    at = datetime.fromisoformat(wall)
    assert starts_at(at, TORONTO) == datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert ends_at(at, TORONTO) == datetime.fromisoformat(end).replace(tzinfo=UTC)


def test_a_skipped_day_is_the_first_instant_after_it() -> None:
    apia = ZoneInfo("Pacific/Apia")
    assert starts_at(datetime(2011, 12, 30, 12), apia) == datetime(2011, 12, 30, 10, tzinfo=UTC)


NOW = [
    ("before the start nobody", rotation(), "2026-11-02T08:59", None),
    ("from the start the first", rotation(), "2026-11-02T09:00", "ana"),
    ("a week later the second", rotation(), "2026-11-09T09:00", "bob"),
    ("just before the handoff still the first", rotation(), "2026-11-09T08:59", "ana"),
    ("then the first again", rotation(), "2026-11-16T09:00", "ana"),
    ("every 12 hours", rotation("12h", "2026-11-02T08:00"), "2026-11-02T20:00", "bob"),
    ("12 hours of wall clock over the spring change", rotation("12h", "2026-03-07T20:00"), "2026-03-08T08:00", "bob"),
    ("a month", rotation("1mo", "2026-01-31T09:00"), "2026-02-28T09:00", "bob"),
    ("a month from the 31st comes back to the 31st", rotation("1mo", "2026-01-31T09:00"), "2026-03-30T09:00", "bob"),
    ("and hands off there", rotation("1mo", "2026-01-31T09:00"), "2026-03-31T09:00", "ana"),
    ("three people", rotation("1d", members="ana bob cleo"), "2026-11-04T09:30", "cleo"),
    ("active at night only", rotation(active=(window("18:00", "07:30"),)), "2026-11-03T12:00", None),
    ("past midnight", rotation(active=(window("18:00", "07:30"),)), "2026-11-04T03:00", "ana"),
    ("a window belongs to the day it begins on", rotation(active=(window("18:00", "07:30", frozenset({4})),)),
     "2026-11-07T07:00", "ana"),
    ("equal times are 24 hours", rotation(active=(window("08:00", "08:00", frozenset({5})),)), "2026-11-08T07:59", "ana"),
]  # fmt: skip


@pytest.mark.parametrize("name,rule,at,who", NOW, ids=[n[0] for n in NOW])
def test_who_is_on_call(name: str, rule: Rotation, at: str, who: str | None) -> None:
    assert on_call(roster(rule), utc(at)) == {"primary": who}
    assert who_has(roster(rule), "primary", utc(at)) == who
    assert who_has(roster(rule), "backup", utc(at)) is None


def test_overrides_hold_for_their_whole_span_and_the_later_wins() -> None:
    span = (datetime(2026, 11, 3, 10), datetime(2026, 11, 3, 14))
    inner = (datetime(2026, 11, 3, 12), datetime(2026, 11, 3, 13))
    night_only = rotation(active=(window("18:00", "07:30"),))
    found = shifts(
        roster(night_only, Override("primary", "bob", *span), Override("primary", "", *inner)),
        utc("2026-11-03T08:00"), utc("2026-11-03T18:00"),
    )  # fmt: skip
    seen = [(s.technician, s.override, s.start) for s in found]
    assert seen == [
        (None, False, utc("2026-11-03T08:00")), ("bob", True, utc("2026-11-03T10:00")),
        (None, True, utc("2026-11-03T12:00")), ("bob", True, utc("2026-11-03T13:00")),
        (None, False, utc("2026-11-03T14:00")),
    ]  # fmt: skip


def test_next_is_answered_in_a_gap_too() -> None:
    book = roster(rotation(active=(window("18:00", "07:30"),)))
    following = next_shift(book, "primary", utc("2026-11-03T12:00"))
    assert following is not None
    assert (following.technician, following.start) == ("ana", utc("2026-11-03T18:00"))
    handoff = next_shift(roster(rotation()), "primary", utc("2026-11-03T12:00"))
    assert handoff is not None
    assert handoff.start == utc("2026-11-09T09:00")


def test_gaps_are_what_nobody_has() -> None:
    book = roster(rotation(active=(window("18:00", "07:30"),)))
    found = gaps(book, utc("2026-11-03T00:00"), utc("2026-11-04T00:00"))
    assert [(g.start, g.end) for g in found] == [(utc("2026-11-03T07:30"), utc("2026-11-03T18:00"))]


def test_only_active_turns_count_when_the_file_says_so() -> None:
    weekends = (window("00:00", "00:00", frozenset({5, 6})),)
    daily = rotation("1d", "2026-11-02T00:00", active=weekends, turns=Turns.ACTIVE)
    book = roster(daily)
    found = [s.technician for s in shifts(book, utc("2026-11-07T00:00"), utc("2026-11-16T00:00")) if s.technician]
    assert found == ["ana", "bob", "ana", "bob"]


# --- an oracle that scans minutes instead of reasoning ---


@cache
def instant(wall: datetime, zone: ZoneInfo, last: bool) -> datetime:
    """The first or last minute that reads `wall`; else the first that reads later."""
    around = wall.replace(tzinfo=UTC)
    minutes = [around + timedelta(minutes=n) for n in range(-60 * 15, 60 * 15)]
    same = [m for m in minutes if m.astimezone(zone).replace(tzinfo=None, fold=0) == wall]
    if same:
        return same[-1] if last else same[0]
    later = [m for m in minutes if m.astimezone(zone).replace(tzinfo=None, fold=0) > wall]
    return later[0]


def add(wall: datetime, every: Every, times: int) -> datetime:
    if every.unit == "mo":
        month = wall.month - 1 + every.count * times
        year, month = wall.year + month // 12, month % 12 + 1
        last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
        return wall.replace(year=year, month=month, day=min(wall.day, last))
    return (
        wall
        + {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}[every.unit] * every.count * times
    )


def oracle(rule: Rotation, at: datetime) -> str | None:
    zone, turn = ZoneInfo(rule.timezone), -1
    while instant(add(rule.starts, rule.every, turn + 1), zone, False) <= at:
        turn += 1
    if turn < 0 or (rule.active and not any(in_window(w, zone, at) for w in rule.active)):
        return None
    return rule.members[turn % len(rule.members)]


def in_window(w: Window, zone: ZoneInfo, at: datetime) -> bool:
    today = at.astimezone(zone).date()
    for day in (today - timedelta(days=n) for n in range(-1, 4)):
        if day.weekday() in w.days:
            end_day = day if w.start < w.end else day + timedelta(days=1)
            start = instant(datetime.combine(day, w.start), zone, False)
            end = instant(datetime.combine(end_day, w.end), zone, True)
            if start <= at < end:
                return True
    return False


CHANGES = [datetime(2026, 3, 8, 7, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC)]
rules = st.builds(
    rotation,
    every=st.sampled_from(["6h", "12h", "1d", "2d", "1w", "1mo"]),
    starts=st.sampled_from(["2026-02-27T01:30", "2026-03-01T02:30", "2026-02-28T18:00", "2026-03-06T00:00"]),
    members=st.sampled_from(["ana bob", "ana bob cleo", "ana"]),
    active=st.sampled_from([(), (window("18:00", "07:30"),), (window("01:30", "02:30"),), (window("02:30", "02:30", frozenset({6})),)]),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(rules, st.integers(-3 * 24 * 60, 3 * 24 * 60))
def test_the_schedule_agrees_with_the_oracle_around_the_spring_change(rule: Rotation, offset: int) -> None:
    """F77."""
    at = CHANGES[0] + timedelta(minutes=offset)
    assert on_call(roster(rule), at)["primary"] == oracle(rule, at)


@settings(max_examples=40, deadline=None)
@given(rules, st.integers(-2 * 24 * 60, 2 * 24 * 60))
def test_shifts_tile_the_time_without_overlap(rule: Rotation, offset: int) -> None:
    start = CHANGES[1] + timedelta(minutes=offset)
    found = shifts(roster(rule), start, start + timedelta(days=3))
    assert found[0].start == start
    assert found[-1].end == start + timedelta(days=3)
    assert all(a.end == b.start for a, b in pairwise(found))
    assert all(a.technician != b.technician or a.override != b.override for a, b in pairwise(found))


# --- a rotation whose turns come from a feed ---


def test_a_feed_is_tiled_with_its_gaps_and_clipped() -> None:
    start, end = utc("2026-11-24T00:00"), utc("2026-11-25T00:00")

    def turn(who: str, begins: str, ends: str) -> Shift:
        return Shift("elsewhere", who, utc(begins), utc(ends))

    feed = [
        turn("cleo", "2026-11-24T12:00", "2026-11-24T20:00"), turn("ana", "2026-11-23T20:00", "2026-11-24T08:00"),
        turn("bob", "2026-11-24T06:00", "2026-11-24T09:00"), turn("ana", "2026-11-24T07:00", "2026-11-24T09:00"),
        turn("bob", "2026-11-25T00:00", "2026-11-26T00:00"), turn("bob", "2026-11-22T00:00", "2026-11-24T00:00"),
    ]  # fmt: skip
    nobody = Roster("America/Toronto", PEOPLE)
    found = [(s.technician, s.start, s.end) for s in shifts(nobody, start, end, "primary", {"primary": feed})]
    assert found == [
        ("ana", start, utc("2026-11-24T08:00")), ("bob", utc("2026-11-24T08:00"), utc("2026-11-24T09:00")),
        (None, utc("2026-11-24T09:00"), utc("2026-11-24T12:00")), ("cleo", utc("2026-11-24T12:00"), utc("2026-11-24T20:00")),
        (None, utc("2026-11-24T20:00"), end),
    ]  # fmt: skip
    assert [s.technician for s in shifts(nobody, start, end, "primary")] == [None], "no feed yet: nobody"
    assert {s.rotation for s in shifts(nobody, start, end, "primary", {"primary": feed})} == {"primary"}


def test_who_is_next_comes_from_the_feed_too() -> None:
    now = utc("2026-11-24T00:00")
    turns = [
        Shift("primary", "ana", utc("2026-11-23T00:00"), utc("2026-11-25T00:00")),
        Shift("primary", "bob", utc("2026-11-25T00:00"), utc("2026-12-30T00:00")),
    ]
    calendars = {"primary": turns, "backup": [Shift("backup", "cleo", now, utc("2026-11-25T00:00"))]}
    feeds = Roster(
        "America/Toronto",
        PEOPLE,
        calendars=(CalendarFeed("primary", "file:///a.ics"), CalendarFeed("backup", "file:///a.ics")),
    )
    assert on_call(feeds, now, calendars) == {"primary": "ana", "backup": "cleo"}
    assert on_call(feeds, now) == {"primary": None, "backup": None}
    found = next_shift(feeds, "primary", now, calendars)
    assert found is not None
    assert (found.technician, found.start, found.end) == ("bob", utc("2026-11-25T00:00"), utc("2026-12-30T00:00"))
    assert next_shift(feeds, "backup", now, calendars) is None
    assert next_shift(feeds, "primary", now) is None
    span = gaps(feeds, now, utc("2026-11-26T00:00"), calendars)
    assert [(g.rotation, g.start, g.end) for g in span] == [
        ("backup", utc("2026-11-25T00:00"), utc("2026-11-26T00:00"))
    ]


def test_a_turn_far_ahead_is_found_and_told_to_its_end() -> None:
    """Looks on in growing spans, two years at most."""
    now = utc("2026-11-24T00:00")

    def found(starts: timedelta, lasts: timedelta) -> Shift | None:
        turn = Shift("primary", "bob", now + starts, now + starts + lasts)
        one = Roster("America/Toronto", PEOPLE, calendars=(CalendarFeed("primary", "file:///a.ics"),))
        return next_shift(one, "primary", now, {"primary": [turn]})

    for days in (1, 3, 9, 40, 130, 500):
        for lasts in (1, 30, 400):
            turn = found(timedelta(days=days), timedelta(days=lasts))
            assert turn is not None and turn.technician == "bob"
            assert turn.start == now + timedelta(days=days)
            if days + lasts < 512:
                assert turn.end == turn.start + timedelta(days=lasts)
    assert found(timedelta(days=900), timedelta(days=1)) is None


def test_shifts_name_their_rotation() -> None:
    span = shifts(roster(rotation()), utc("2026-11-24T00:00"), utc("2026-12-24T00:00"))
    assert {s.rotation for s in span} == {"primary"}
    assert all(s.start < s.end for s in span)


def test_the_next_shift_is_somebody_elses_even_behind_a_gap() -> None:
    now = utc("2026-11-24T00:00")
    days = [now + timedelta(days=n) for n in range(6)]
    turns = [
        Shift("primary", "ana", days[0], days[1]),
        Shift("primary", "ana", days[2], days[3]),
        Shift("primary", "bob", days[4], days[5]),
    ]
    one = Roster("America/Toronto", PEOPLE, calendars=(CalendarFeed("primary", "file:///a.ics"),))
    found = next_shift(one, "primary", now, {"primary": turns})
    assert found is not None and (found.technician, found.start, found.end) == ("bob", days[4], days[5])


def test_a_feeds_shifts_may_touch_overlap_and_lie_outside() -> None:
    start, end = utc("2026-11-24T00:00"), utc("2026-11-25T00:00")
    noon = utc("2026-11-24T12:00")
    one = Roster("America/Toronto", PEOPLE, calendars=(CalendarFeed("primary", "file:///a.ics"),))

    def told(*turns: Shift) -> list[tuple[str | None, datetime, datetime]]:
        return [(s.technician, s.start, s.end) for s in shifts(one, start, end, "primary", {"primary": turns})]

    whole = Shift("x", "ana", start, end)
    assert told(whole) == [("ana", start, end)]
    assert told(Shift("x", "ana", start, noon), Shift("x", "bob", noon, end)) == [
        ("ana", start, noon),
        ("bob", noon, end),
    ]
    assert told(Shift("x", "ana", start - timedelta(days=1), start), whole) == [("ana", start, end)]
    assert told(whole, Shift("x", "bob", end, end + timedelta(days=1))) == [("ana", start, end)]
    assert told(Shift("x", "ana", start - timedelta(days=1), end + timedelta(days=1))) == [("ana", start, end)]
    assert told(Shift("x", "bob", noon, end)) == [(None, start, noon), ("bob", noon, end)]
    assert told() == [(None, start, end)]
