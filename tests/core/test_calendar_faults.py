"""Calendars as the world writes them: folds, zones, rules and broken events; one bad event takes no other down."""

from datetime import UTC, datetime, timedelta

import pytest

from callbacks.oncall.calendar_feed import BrokenFeed, Feed, Why, read_feed
from tests.core.test_calendars import END, PEOPLE, START, UTC_DAY, ZONE, event, feed, utc

GOOD = event("bob", ":20261110T140000Z", ":20261110T220000Z", uid="good")
NINE = datetime(2026, 11, 3, 9)


def read(content: bytes) -> Feed:
    return read_feed(content, "backup", PEOPLE, START, END, ZONE)


def begins(content: bytes) -> list[datetime]:
    return [s.start for s in read(content).shifts if s.technician == "ana"]


def vtimezone(name: str, offset: str = "-0330") -> str:
    return (
        f"BEGIN:VTIMEZONE\r\nTZID:{name}\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:{offset}\r\n"
        f"TZOFFSETTO:{offset}\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    )


def test_a_line_folded_inside_a_character_is_read() -> None:
    cut = feed(event("Ana Roy", ":20261103T140000Z", ":20261103T220000Z", "DESCRIPTION:é")).replace(
        "é".encode(), b"\xc3\r\n \xa9"
    )
    assert len(begins(cut)) == 1 and read(cut).left_out == ()
    assert len(begins(cut.replace(b"SUMMARY:Ana Roy", b"SUMMARY:An\r\n a R\r\n\toy"))) == 1


@pytest.mark.parametrize("form", ["utf-16", "utf-8-sig", "cp1252"])
def test_other_encodings_are_read(form: str) -> None:
    text = feed(event("Ana Roy", ":20261103T140000Z", ":20261103T220000Z", "DESCRIPTION:é")).decode()
    assert len(begins(text.encode(form))) == 1


@pytest.mark.parametrize(
    "zone,at",
    [
        ("Pacific Standard Time", "2026-11-03T17:00"), ("america/vancouver", "2026-11-03T17:00"),
        ("tzone://Microsoft/Utc", "2026-11-03T09:00"), ("W. Europe Standard Time", "2026-11-03T08:00"),
        ("/freeassociation.sourceforge.net/America/Vancouver", "2026-11-03T17:00"),
        ('"Eastern Standard Time"', "2026-11-03T14:00"),
    ],
)  # fmt: skip
def test_a_zone_is_known_by_any_of_its_names(zone: str, at: str) -> None:
    found = begins(feed(event("ana", f";TZID={zone}:20261103T090000", f";TZID={zone}:20261103T170000")))
    assert found == [datetime.fromisoformat(at).replace(tzinfo=UTC)]


@pytest.mark.parametrize(
    "zone", ["Pacific Time", "GMT-0800", "PST", "(UTC-08:00) Pacific Time (US & Canada)", "localtime"]
)
def test_a_zone_that_nobody_defines_is_a_fault_of_its_event(zone: str) -> None:
    found = read(feed(GOOD, event("ana", f";TZID={zone}:20261103T090000", f";TZID={zone}:20261103T170000", uid="z")))
    assert [s.technician for s in found.shifts] == ["bob"]
    assert [(f.why, f.uid) for f in found.left_out] == [(Why.UNREADABLE, "z")]
    assert "time zone" in found.left_out[0].detail


@pytest.mark.parametrize("zone", ["Custom", "America/Toronto", "Pacific Standard Time", "GMT-0800"])
def test_a_zone_of_the_file_goes_before_any_other_meaning_of_its_name(zone: str) -> None:
    body = vtimezone(zone) + event("ana", f";TZID={zone}:20261103T090000", f";TZID={zone}:20261103T170000")
    assert begins(feed(body)) == [datetime(2026, 11, 3, 12, 30, tzinfo=UTC)]


MICROSOFT = (
    "BEGIN:VTIMEZONE\r\nTZID:Own\r\nBEGIN:STANDARD\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:-0400\r\nTZOFFSETTO:-0500\r\n"
    "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=1SU;BYMONTH=11\r\nEND:STANDARD\r\nBEGIN:DAYLIGHT\r\nDTSTART:16010101T020000\r\n"
    "TZOFFSETFROM:-0500\r\nTZOFFSETTO:-0400\r\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=2SU;BYMONTH=3\r\nEND:DAYLIGHT\r\n"
    "END:VTIMEZONE\r\n"
)


@pytest.mark.parametrize("day", range(1, 29))
def test_a_zone_of_the_file_changes_its_clocks_as_the_real_one_does(day: int) -> None:
    for hour in ("0130", "0230", "1800"):
        at = f"202611{day:02}T{hour}00"
        own = begins(feed(MICROSOFT + event("ana", f";TZID=Own:{at}", f";TZID=Own:202611{day + 1:02}T230000")))
        real = begins(feed(event("ana", f";TZID={ZONE}:{at}", f";TZID={ZONE}:202611{day + 1:02}T230000")))
        assert own == real and len(own) == 1


@pytest.mark.parametrize("name", ["UTC", "Eastern Standard Time", "", "Nowhere ", "Europe/Paris"])
def test_the_calendars_own_zone_means_nothing(name: str) -> None:
    content = feed(
        event("ana", ":20261103T090000", ":20261103T170000"),
        event("ana", ";VALUE=DATE:20261107", ";VALUE=DATE:20261108"),
    )
    content = content.replace(b"VERSION:2.0\r\n", f"VERSION:2.0\r\nX-WR-TIMEZONE:{name}\r\n".encode())
    assert begins(content) == [utc("2026-11-03T09:00"), utc("2026-11-07T00:00")]


@pytest.mark.parametrize(
    "bad,detail",
    [
        ("BEGIN:VEVENT\r\nUID:x\r\nSUMMARY:ana\r\nEND:VEVENT\r\n", "DTSTART"),
        (event("ana", ":2026", ":20261103T220000Z", uid="x"), "2026"),
        (event("ana", ":20261103T140000Z", ":20261103T220000Z", "RRULE:FREQ=WEEKLY;BYDAY=XX", uid="x"), "BYDAY=XX"),
        (event("ana", ":20261103T140000Z", ":20261103T220000Z", "RRULE:FREQ=WEEKLY;INTERVAL=0", uid="x"), "interval"),
        (event("ana", ";TZID=Bad:20261103T140000", ";TZID=Bad:20261103T220000", uid="x"), "'Bad' of the file"),
    ],
)  # fmt: skip
def test_one_bad_event_names_itself_and_takes_no_other_down(bad: str, detail: str) -> None:
    found = read(feed(vtimezone("Bad", "minus five"), bad, GOOD))
    assert [s.technician for s in found.shifts] == ["bob"]
    assert [(f.why, f.uid, f.summary) for f in found.left_out] == [(Why.UNREADABLE, "x", "ana")]
    assert detail in found.left_out[0].detail


@pytest.mark.parametrize(
    "start,end,why",
    [(":20261103T140000Z", ":20261103T120000Z", Why.BACKWARDS), (":20261103T140000Z", ":20261103T140000Z", Why.BACKWARDS)],
)  # fmt: skip
def test_an_event_that_ends_before_it_starts_is_left_out(start: str, end: str, why: Why) -> None:
    found = read(feed(GOOD, event("ana", start, end, uid="x")))
    assert [(f.why, f.uid) for f in found.left_out] == [(why, "x")]


@pytest.mark.parametrize(
    "rule,is_too_often",
    [
        ("FREQ=SECONDLY", True), ("FREQ=MINUTELY", True), ("FREQ=MINUTELY;INTERVAL=59", True), ("FREQ=HOURLY;BYMINUTE=0,30", True),
        ("FREQ=DAILY;BYHOUR=1,2;BYMINUTE=0,30", True), ("FREQ=HOURLY", False), ("FREQ=MINUTELY;INTERVAL=60", False),
        ("FREQ=DAILY", False),
    ],
)  # fmt: skip
def test_more_often_than_hourly_is_left_out_whole(rule: str, is_too_often: bool) -> None:
    found = read(feed(GOOD, event("ana", ":20261103T140000Z", ":20261103T143000Z", f"RRULE:{rule}", uid="x")))
    assert [f.why for f in found.left_out] == ([Why.TOO_OFTEN] if is_too_often else [])
    assert ("ana" in {s.technician for s in found.shifts}) is not is_too_often


def test_several_calendars_in_one_file_are_read() -> None:
    other = event("ana", ":20261103T140000Z", ":20261103T220000Z")
    assert [s.technician for s in read(feed(other) + feed(GOOD)).shifts] == ["ana", "bob"]


@pytest.mark.parametrize(
    "until,days", [("20261105", [3, 4, 5]), ("20261105T235959Z", [3, 4, 5]), ("20261105T130000Z", [3, 4]), ("20261105T140000", [3, 4, 5])]
)  # fmt: skip
def test_until_given_as_a_date_takes_that_whole_day_in(until: str, days: list[int]) -> None:
    daily = event("ana", ";TZID=UTC:20261103T140000", ";TZID=UTC:20261103T220000", f"RRULE:FREQ=DAILY;UNTIL={until}")
    assert [at.day for at in begins(feed(daily))] == days


SERIES = event(
    "ana", f";TZID={ZONE}:20261005T090000", f";TZID={ZONE}:20261005T170000", "RRULE:FREQ=WEEKLY;COUNT=8", uid="s"
)


def replaced(at: str, start: str, *more: str) -> str:
    return event(
        "ana", f";TZID={ZONE}:{start}", f";TZID={ZONE}:{start[:8]}T170000", f"RECURRENCE-ID{at}", *more, uid="s"
    )


def test_an_instance_is_replaced_whichever_zone_names_it() -> None:
    for at in (":20261012T130000Z", f";TZID={ZONE}:20261012T090000", ";VALUE=DATE:20261012"):
        found = begins(feed(SERIES, replaced(at, "20261013T100000")))
        assert found[:3] == [utc("2026-10-05T09:00"), utc("2026-10-13T10:00"), utc("2026-10-19T09:00")]


def test_this_and_future_moves_what_follows() -> None:
    moved = replaced(f";RANGE=THISANDFUTURE;TZID={ZONE}:20261019T090000", "20261020T110000")
    assert begins(feed(SERIES, moved))[1:5] == [
        utc("2026-10-12T09:00"), utc("2026-10-20T11:00"), utc("2026-10-27T11:00"), utc("2026-11-03T11:00"),
    ]  # fmt: skip


def test_a_cancelled_instance_is_none() -> None:
    gone = replaced(":20261012T130000Z", "20261012T090000", "STATUS:CANCELLED")
    assert [at.day for at in begins(feed(SERIES, gone))][:2] == [5, 19]


def test_a_shift_over_the_change_of_clocks_ends_by_the_wall_or_by_its_duration() -> None:
    night = f";TZID={ZONE}:20261031T200000"
    by_end = read(feed(event("ana", night, f";TZID={ZONE}:20261101T080000"))).shifts[0]
    lasting = read(feed(event("ana", night, ":X").replace("DTEND:X", "DURATION:PT12H"))).shifts[0]
    assert (by_end.end - by_end.start, lasting.end - lasting.start) == (timedelta(hours=13), timedelta(hours=12))


@pytest.mark.parametrize("cut", [b"END:VCALENDAR", b"END:VEVENT\r\nEND:VCALENDAR", b"RSION"])
def test_half_a_calendar_is_broken_and_empties_nothing(cut: bytes) -> None:
    content = feed(GOOD)
    with pytest.raises(BrokenFeed, match="not a"):
        read(content[: content.index(cut)])


def test_four_thousand_shifts_of_eleven_years_with_attendees_are_read() -> None:
    guests = "\r\n".join(
        f"ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=Guest {n};X-NUM-GUESTS=0:mailto:g{n}@example.com"
        for n in range(5)
    )
    first = datetime(2016, 1, 1)
    days = [first + timedelta(days=n) for n in range(4000)]
    content = feed(*(
        event("ana" if n % 2 else "bob", f";TZID={ZONE}:{day:%Y%m%d}T180000", f";TZID={ZONE}:{day + timedelta(days=1):%Y%m%d}T080000", guests, uid=f"{n}")
        for n, day in enumerate(days)
    ))  # fmt: skip
    assert len(content) > 2_900_000
    assert len(read(content).shifts) == 62


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("odd", ["\u2028", "\u2029", "\x0b", "\x0c", "\x85", "\x1c"])
def test_only_a_line_end_ends_a_line(end: str, odd: str) -> None:
    """Python's own splitting knows ten more, which stand inside people's words."""
    content = feed(event("Ana Roy", *UTC_DAY, f"DESCRIPTION:a{odd}END:VEVENT")).decode().replace("\r\n", end)
    assert [s.technician for s in read_feed(content.encode(), "backup", PEOPLE, START, END, ZONE).shifts] == ["ana"]


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("form", ["utf-8", "utf-16"])
def test_a_fold_is_undone_behind_any_line_end(end: str, form: str) -> None:
    content = feed(event("bob", *UTC_DAY)).decode().replace("SUMMARY:bob", "SUMMARY:bo\r\n b").replace("\r\n", end)
    found = read_feed(content.encode(form), "backup", PEOPLE, START, END, ZONE)
    assert [s.technician for s in found.shifts] == ["bob"]


@pytest.mark.parametrize("period", ["20261126T230000Z/PT5H", "20261126T230000Z/20261127T040000Z"])
def test_a_further_date_given_as_a_period_lasts_as_long_as_it_says(period: str) -> None:
    found = feed(event("Ana Roy", *UTC_DAY, f"RDATE;VALUE=PERIOD:{period}"))
    last = read_feed(found, "backup", PEOPLE, START, END, ZONE).shifts[-1]
    assert (last.start, last.end - last.start) == (datetime(2026, 11, 26, 23, tzinfo=UTC), timedelta(hours=5))
