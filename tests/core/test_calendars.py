"""Rotations read from iCal feeds, and shifts written as feeds."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callbacks.oncall.calendar_feed import BrokenFeed, Why, known, read_feed
from callbacks.oncall.roster import read_roster
from callbacks.oncall.schedule import Shift, write_feed

ROSTER = read_roster(
    'timezone = "America/Toronto"\n[[technician]]\nname = "ana"\nfull_name = "Ana Roy"\nphone = "+15145550111"\n'
    '[[technician]]\nname = "bob"\nphone = "+15145550112"\n[[supervisor]]\nname = "sue"\nphone = "+15145550199"\n'
    'email = "sue@example.com"\n'
)
PEOPLE = known(ROSTER)
ZONE = "America/Toronto"
START, END = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC)


def event(summary: str, start: str, end: str, *more: str, uid: str = "") -> str:
    """One VEVENT; `start` and `end` carry their own parameters, as DTSTART and DTEND do."""
    lines = [
        f"UID:{uid or summary + start}",
        "DTSTAMP:20261001T000000Z",
        f"DTSTART{start}",
        f"DTEND{end}",
        f"SUMMARY:{summary}",
        *more,
    ]
    return "BEGIN:VEVENT\r\n" + "\r\n".join(lines) + "\r\nEND:VEVENT\r\n"


def feed(*events: str) -> bytes:
    return ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\n" + "".join(events) + "END:VCALENDAR\r\n").encode()


def seen(*events: str) -> list[tuple[str | None, datetime, datetime]]:
    found = read_feed(feed(*events), "backup", PEOPLE, START, END, ZONE)
    return [(s.technician, s.start, s.end) for s in found.shifts]


UTC_DAY = (":20261103T140000Z", ":20261103T220000Z")
SPAN = (datetime(2026, 11, 3, 14, tzinfo=UTC), datetime(2026, 11, 3, 22, tzinfo=UTC))


@pytest.mark.parametrize(
    "summary,who", [("ana", "ana"), ("ANA", "ana"), (" Ana Roy ", "ana"), ("sue@EXAMPLE.com", "sue")]
)
def test_a_summary_names_a_technician(summary: str, who: str) -> None:
    assert seen(event(summary, *UTC_DAY)) == [(who, *SPAN)]


def test_a_name_nobody_has_is_told_apart() -> None:
    found = read_feed(feed(event("Zoe", *UTC_DAY), event("ana", *UTC_DAY)), "backup", PEOPLE, START, END, ZONE)
    assert [(f.why, f.summary) for f in found.left_out] == [(Why.UNKNOWN, "Zoe")]
    assert [s.technician for s in found.shifts] == ["ana"]


def test_a_floating_time_is_in_the_rotations_zone() -> None:
    assert seen(event("ana", ":20261103T090000", ":20261103T170000")) == [
        ("ana", utc("2026-11-03T09:00"), utc("2026-11-03T17:00"))
    ]


def test_an_all_day_event_is_the_whole_local_day() -> None:
    assert seen(event("ana", ";VALUE=DATE:20261103", ";VALUE=DATE:20261104")) == [
        ("ana", utc("2026-11-03T00:00"), utc("2026-11-04T00:00"))
    ]


def test_the_day_the_clocks_go_back_has_25_hours() -> None:
    ((_, start, end),) = seen(event("ana", ";VALUE=DATE:20261101", ";VALUE=DATE:20261102"))
    assert end - start == timedelta(hours=25)


def test_an_event_with_a_zone_of_its_own() -> None:
    assert seen(event("ana", ";TZID=Europe/London:20261103T090000", ";TZID=Europe/London:20261103T170000")) == [
        ("ana", datetime(2026, 11, 3, 9, tzinfo=UTC), datetime(2026, 11, 3, 17, tzinfo=UTC))
    ]


def test_cancelled_is_no_event() -> None:
    assert seen(event("ana", *UTC_DAY, "STATUS:CANCELLED")) == []


def test_of_overlapping_events_the_later_start_wins() -> None:
    inner = event("bob", ":20261103T160000Z", ":20261103T180000Z")
    at = [datetime(2026, 11, 3, h, tzinfo=UTC) for h in (14, 16, 18, 22)]
    assert seen(event("ana", *UTC_DAY), inner) == [("ana", at[0], at[1]), ("bob", at[1], at[2]), ("ana", at[2], at[3])]


WEEKLY = event("ana", ":20261005T130000Z", ":20261006T130000Z", "RRULE:FREQ=WEEKLY;COUNT=4", uid="w")


def test_a_rule_repeats_and_an_instance_is_replaced() -> None:
    moved = event("bob", ":20261012T130000Z", ":20261013T130000Z", "RECURRENCE-ID:20261012T130000Z", uid="w")
    assert [who for who, _, _ in seen(WEEKLY, moved)] == ["ana", "bob", "ana", "ana"]


def test_a_date_taken_out_is_a_gap() -> None:
    without = WEEKLY.replace("COUNT=4", "COUNT=4\r\nEXDATE:20261019T130000Z")
    assert [start.day for _, start, _ in seen(without)] == [5, 12, 26]


def test_touching_shifts_of_one_person_are_one() -> None:
    found = seen(
        event("ana", ":20261103T140000Z", ":20261103T180000Z"), event("ana", ":20261103T180000Z", ":20261103T220000Z")
    )
    assert found == [("ana", *SPAN)]


def test_shifts_are_clipped_to_what_was_asked() -> None:
    ((_, start, end),) = seen(event("ana", ":20260101T000000Z", ":20270101T000000Z"))
    assert (start, end) == (START, END)


@pytest.mark.parametrize("content", [b"", b"<html>", b"BEGIN:VCALENDAR", b"\xff\xfe", b"x" * (16 * 1024 * 1024 + 1)])
def test_a_broken_feed_says_so(content: bytes) -> None:
    try:
        assert read_feed(content, "backup", PEOPLE, START, END, ZONE).shifts == ()
    except BrokenFeed as fault:
        assert str(fault)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_a_feed_or_a_broken_one(content: bytes) -> None:
    try:
        read_feed(feed().replace(b"END:VCALENDAR", content + b"\r\nEND:VCALENDAR"), "backup", PEOPLE, START, END, ZONE)
    except BrokenFeed as fault:
        assert str(fault)


def test_what_we_write_reads_back() -> None:
    ours = [Shift("backup", "ana", *SPAN), Shift("backup", None, SPAN[1], SPAN[1] + timedelta(hours=2)),
            Shift("backup", "bob", SPAN[1] + timedelta(hours=2), SPAN[1] + timedelta(hours=9))]  # fmt: skip
    content = write_feed(
        "On call; primary, é" * 9, ours, lambda name: {"ana": "Ana Roy"}.get(name, name), START, "calls.example"
    )
    assert read_feed(content, "backup", PEOPLE, START, END, ZONE).shifts == (ours[0], ours[2])
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
