"""Handoffs in five zones, worked out by hand from the rules: each line is a rotation and the instants it changes at.

The offsets are written out, so that nothing here depends on what is tested.
"""

from datetime import UTC, datetime, time, timedelta

import pytest

from callbacks.oncall.roster import Every, Override, Roster, Rotation, Technician, Turns, Unit, Window
from callbacks.oncall.schedule import begins, next_shift, on_call, shifts

TORONTO, LONDON, LORD_HOWE = "America/Toronto", "Europe/London", "Australia/Lord_Howe"
ST_JOHNS, KATHMANDU, APIA = "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia"
MOMENT = timedelta(microseconds=1)

HANDOFFS = [
    (TORONTO, "1d", "2026-03-06T02:30", "03-06T02:30-05 03-07T02:30-05 03-08T03:00-04 03-09T02:30-04 03-10T02:30-04"),
    (TORONTO, "1d", "2026-10-30T01:30", "10-30T01:30-04 10-31T01:30-04 11-01T01:30-04 11-02T01:30-05 11-03T01:30-05"),
    (TORONTO, "1d", "2026-03-07T00:00", "03-07T00:00-05 03-08T00:00-05 03-09T00:00-04 03-10T00:00-04"),
    (TORONTO, "1d", "2026-10-31T00:00", "10-31T00:00-04 11-01T00:00-04 11-02T00:00-05 11-03T00:00-05"),
    (TORONTO, "12h", "2026-03-07T18:00", "03-07T18:00-05 03-08T06:00-04 03-08T18:00-04 03-09T06:00-04"),
    (TORONTO, "12h", "2026-10-31T18:00", "10-31T18:00-04 11-01T06:00-05 11-01T18:00-05 11-02T06:00-05"),
    (TORONTO, "6h", "2026-03-07T20:30", "03-07T20:30-05 03-08T03:00-04 03-08T08:30-04 03-08T14:30-04"),
    (TORONTO, "1w", "2026-03-01T02:30", "03-01T02:30-05 03-08T03:00-04 03-15T02:30-04 03-22T02:30-04"),
    (TORONTO, "1w", "2026-10-25T01:30", "10-25T01:30-04 11-01T01:30-04 11-08T01:30-05"),
    (TORONTO, "2w", "2026-02-22T09:00", "02-22T09:00-05 03-08T09:00-04 03-22T09:00-04"),
    (TORONTO, "1mo", "2026-01-31T09:00", "01-31T09:00-05 02-28T09:00-05 03-31T09:00-04 04-30T09:00-04 05-31T09:00-04 06-30T09:00-04"),
    (TORONTO, "1mo", "2026-08-30T02:30", "08-30T02:30-04 09-30T02:30-04 10-30T02:30-04 11-30T02:30-05 12-30T02:30-05"),
    (TORONTO, "1mo", "2026-02-08T02:30", "02-08T02:30-05 03-08T03:00-04 04-08T02:30-04"),
    (TORONTO, "3mo", "2026-05-31T00:00", "05-31T00:00-04 08-31T00:00-04 11-30T00:00-05"),
    (LONDON, "1d", "2026-03-27T01:30", "03-27T01:30+00 03-28T01:30+00 03-29T02:00+01 03-30T01:30+01"),
    (LONDON, "1d", "2026-10-23T01:30", "10-23T01:30+01 10-24T01:30+01 10-25T01:30+01 10-26T01:30+00"),
    (LONDON, "12h", "2026-03-28T13:30", "03-28T13:30+00 03-29T02:00+01 03-29T13:30+01 03-30T01:30+01"),
    (LONDON, "1w", "2026-10-18T01:00", "10-18T01:00+01 10-25T01:00+01 11-01T01:00+00"),
    (LONDON, "1mo", "2026-01-29T01:30", "01-29T01:30+00 02-28T01:30+00 03-29T02:00+01 04-29T01:30+01"),
    (LORD_HOWE, "1d", "2026-10-02T02:15", "10-02T02:15+10:30 10-03T02:15+10:30 10-04T02:30+11 10-05T02:15+11"),
    (LORD_HOWE, "1d", "2026-04-03T01:45", "04-03T01:45+11 04-04T01:45+11 04-05T01:45+11 04-06T01:45+10:30"),
    (LORD_HOWE, "12h", "2026-10-03T14:00", "10-03T14:00+10:30 10-04T02:30+11 10-04T14:00+11"),
    (LORD_HOWE, "1w", "2026-09-27T02:00", "09-27T02:00+10:30 10-04T02:30+11 10-11T02:00+11"),
    (ST_JOHNS, "1d", "2026-03-06T02:30", "03-06T02:30-03:30 03-07T02:30-03:30 03-08T03:00-02:30 03-09T02:30-02:30"),
    (ST_JOHNS, "1d", "2026-10-30T01:30", "10-30T01:30-02:30 10-31T01:30-02:30 11-01T01:30-02:30 11-02T01:30-03:30"),
    (ST_JOHNS, "8h", "2026-03-07T18:30", "03-07T18:30-03:30 03-08T03:00-02:30 03-08T10:30-02:30 03-08T18:30-02:30"),
    (ST_JOHNS, "1mo", "2026-10-31T00:00", "10-31T00:00-02:30 11-30T00:00-03:30 12-31T00:00-03:30"),
    (KATHMANDU, "1d", "2026-03-07T02:30", "03-07T02:30+05:45 03-08T02:30+05:45 03-09T02:30+05:45"),
    (KATHMANDU, "12h", "2026-10-31T18:00", "10-31T18:00+05:45 11-01T06:00+05:45 11-01T18:00+05:45"),
    (KATHMANDU, "1mo", "2028-01-29T00:00", "2028-01-29T00:00+05:45 2028-02-29T00:00+05:45 2028-03-29T00:00+05:45"),
    (KATHMANDU, "12mo", "2028-02-29T09:00", "2028-02-29T09:00+05:45 2029-02-28T09:00+05:45 2030-02-28T09:00+05:45"),
    (APIA, "1d", "2011-12-28T09:00", "2011-12-28T09:00-10 2011-12-29T09:00-10 2011-12-31T00:00+14 2011-12-31T09:00+14"),
]  # fmt: skip


def cases() -> list[tuple[str, str, str, int, datetime]]:
    found = []
    for zone, every, starts, line in HANDOFFS:
        for number, text in enumerate(line.split()):
            full = text if text[4] == "-" else f"{starts[:4]}-{text}"
            found.append((zone, every, starts, number, datetime.fromisoformat(full).astimezone(UTC)))
    return found


def rule(
    zone: str, every: str, starts: str, members: str = "ana bob cleo", turns: Turns = Turns.CALENDAR, *active: Window
) -> Rotation:
    count, unit = int("".join(c for c in every if c.isdigit())), every.lstrip("0123456789")
    return Rotation(
        "primary", tuple(members.split()), Every(count, Unit(unit)), turns, datetime.fromisoformat(starts), zone, active
    )


def book(rotation: Rotation, *overrides: Override) -> Roster:
    people = tuple(Technician(n, n, f"+1514555011{i}") for i, n in enumerate(("ana", "bob", "cleo")))
    return Roster("UTC", people, (), (rotation,), overrides)


@pytest.mark.parametrize("zone,every,starts,number,at", cases())
def test_each_handoff_is_at_its_wall_clock_time(zone: str, every: str, starts: str, number: int, at: datetime) -> None:
    rotation = rule(zone, every, starts)
    assert begins(rotation, number) == at
    assert on_call(book(rotation), at)["primary"] == rotation.members[number % 3]
    before = None if number == 0 else rotation.members[(number - 1) % 3]
    assert on_call(book(rotation), at - MOMENT)["primary"] == before


def window(start: str, end: str, *days: int) -> Window:
    return Window(frozenset(days or range(7)), time.fromisoformat(start), time.fromisoformat(end))


SPANS = [
    ("a night over the spring change has 12.5 h", TORONTO, window("18:00", "07:30"), "2026-03-07T12:00-05", "03-07T18:00-05 03-08T07:30-04"),
    ("a night over the autumn change has 14.5 h", TORONTO, window("18:00", "07:30"), "2026-10-31T12:00-04", "10-31T18:00-04 11-01T07:30-05"),
    ("a window that begins in the gap begins after it", TORONTO, window("02:30", "05:00"), "2026-03-08T00:00-05", "03-08T03:00-04 03-08T05:00-04"),
    ("a window that ends in the gap ends after it", TORONTO, window("00:30", "02:30"), "2026-03-08T00:00-05", "03-08T00:30-05 03-08T03:00-04"),
    ("a window inside the gap has no length that day", TORONTO, window("02:10", "02:50"), "2026-03-08T00:00-05", "03-09T02:10-04 03-09T02:50-04"),
    ("an end that comes twice is the last", TORONTO, window("00:30", "01:30"), "2026-11-01T00:00-04", "11-01T00:30-04 11-01T01:30-05"),
    ("a start that comes twice is the first", TORONTO, window("01:30", "03:00"), "2026-11-01T00:00-04", "11-01T01:30-04 11-01T03:00-05"),
    ("Friday evening to Monday morning, by its own day", TORONTO, window("18:00", "18:00", 4, 5), "2026-11-26T12:00-05", "11-27T18:00-05 11-29T18:00-05"),
    ("equal times are a whole local day", LONDON, window("09:00", "09:00", 6), "2026-03-28T12:00+00", "03-29T09:00+01 03-30T09:00+01"),
    ("a night in Lord Howe over the half-hour change", LORD_HOWE, window("20:00", "06:00"), "2026-10-03T12:00+10:30", "10-03T20:00+10:30 10-04T06:00+11"),
    ("a night in St John's", ST_JOHNS, window("22:00", "04:00", 5), "2026-03-07T12:00-03:30", "03-07T22:00-03:30 03-08T04:00-02:30"),
    ("a night in Kathmandu", KATHMANDU, window("22:15", "05:45"), "2026-03-07T12:00+05:45", "03-07T22:15+05:45 03-08T05:45+05:45"),
]  # fmt: skip


@pytest.mark.parametrize("name,zone,active,since,expected", SPANS, ids=[s[0] for s in SPANS])
def test_windows_over_the_change_of_the_clocks(name: str, zone: str, active: Window, since: str, expected: str) -> None:
    """F77."""
    start = datetime.fromisoformat(since).astimezone(UTC)
    rotation = rule(zone, "1mo", "2026-01-01T00:00", "ana", Turns.CALENDAR, active)
    found = next(s for s in shifts(book(rotation), start, start + timedelta(days=4)) if s.technician)
    first, last = (datetime.fromisoformat(f"2026-{text}").astimezone(UTC) for text in expected.split())
    assert (found.start, found.end) == (first, last)


def test_several_windows_are_any_of_them() -> None:
    rotation = rule(
        TORONTO,
        "1w",
        "2026-11-02T00:00",
        "ana",
        Turns.CALENDAR,
        window("18:00", "07:30"),
        window("00:00", "00:00", 5, 6),
    )
    monday = datetime(2026, 11, 9, 5, tzinfo=UTC)
    found = [s for s in shifts(book(rotation), monday - timedelta(days=3), monday + timedelta(days=1)) if s.technician]
    weekend = max(found, key=lambda s: s.end - s.start)
    assert weekend.start == datetime(2026, 11, 6, 23, tzinfo=UTC)
    assert weekend.end == datetime(2026, 11, 9, 12, 30, tzinfo=UTC)


def test_an_override_adds_time_outside_the_active_hours_in_its_rotations_zone() -> None:
    rotation = rule(LONDON, "1w", "2026-10-19T09:00", "ana", Turns.CALENDAR, window("18:00", "08:00"))
    added = Override("primary", "bob", datetime(2026, 10, 25, 0, 30), datetime(2026, 10, 25, 1, 30))
    found = [
        s
        for s in shifts(
            book(rotation, added), datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 3, tzinfo=UTC)
        )
        if s.override
    ]
    assert [(s.technician, s.start, s.end) for s in found] == [
        ("bob", datetime(2026, 10, 24, 23, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
    ]


def test_next_is_asked_in_a_gap_before_the_start_and_after_the_last_change() -> None:
    rotation = rule(TORONTO, "1w", "2026-11-02T09:00", "ana bob")
    early = datetime(2026, 10, 1, tzinfo=UTC)
    following = next_shift(book(rotation), "primary", early)
    assert following is not None
    assert (following.technician, following.start) == ("ana", datetime(2026, 11, 2, 14, tzinfo=UTC))
    alone = rule(TORONTO, "1w", "2026-11-02T09:00", "ana")
    assert next_shift(book(alone), "primary", datetime(2026, 12, 1, tzinfo=UTC)) is None
