"""Recurrence held against a second reading of the same text, by a library that shares no line of ours."""

from datetime import UTC, datetime, timedelta

import icalendar
import recurring_ical_events
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from callbacks.oncall.calendar_feed import Feed, read_feed
from tests.core.test_calendars import PEOPLE, ZONE, event, feed

START, END = datetime(2026, 10, 1, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC)
FIRST = datetime(2026, 1, 1, 0, 30)
rules = st.tuples(
    st.sampled_from(["DAILY", "WEEKLY", "WEEKLY;BYDAY=TU,SA", "MONTHLY", "MONTHLY;BYDAY=-1FR", "MONTHLY;BYDAY=2SA", "YEARLY"]),
    st.integers(1, 4),
)  # fmt: skip
ends = st.one_of(st.none(), st.integers(1, 40), st.datetimes(datetime(2026, 3, 1), datetime(2027, 3, 1)))


@settings(max_examples=120, deadline=None)
@given(
    st.integers(0, 330 * 24), st.integers(1, 20), st.sampled_from([ZONE, "Europe/London", "Z"]), rules, ends,
    st.lists(st.sampled_from([1, 2, 3, 7, 14, 21, 28]), max_size=3), st.sampled_from([None, 1, 7, 14]),
)  # fmt: skip
def test_a_series_occurs_when_another_reader_says(
    hours: int, long: int, zone: str, rule: tuple[str, int], end: int | datetime | None, out: list[int], moved: int | None
) -> None:  # fmt: skip
    start = FIRST + timedelta(hours=hours)
    # A series that ends before its first event: to us the event stands, to the other reader it does not.
    assume(not isinstance(end, datetime) or start + timedelta(days=1) < end)

    def at(wall: datetime) -> str:
        text = f"{wall:%Y%m%dT%H%M%S}"
        return f":{text}Z" if zone == "Z" else f";TZID={zone}:{text}"

    text = f"RRULE:FREQ={rule[0]};INTERVAL={rule[1]}"
    if end is not None:
        text += f";COUNT={end}" if isinstance(end, int) else f";UNTIL={end:%Y%m%dT%H%M%SZ}"
    dates = [f"EXDATE{at(start + timedelta(days=n))}" for n in out]
    events = [event("ana", at(start), at(start + timedelta(hours=long)), text, *dates, uid="s")]
    if moved:
        place = start + timedelta(days=moved)
        events.append(
            event(
                "ana",
                at(place + timedelta(hours=3)),
                at(place + timedelta(hours=5)),
                f"RECURRENCE-ID{at(place)}",
                uid="s",
            )
        )
    content = feed(*events)
    assert covered(read_feed(content, "backup", PEOPLE, START, END, ZONE)) == covered_otherwise(content)


def covered(found: Feed) -> list[tuple[datetime, datetime]]:
    assert found.left_out == ()
    return [(s.start, s.end) for s in found.shifts]


def covered_otherwise(content: bytes) -> list[tuple[datetime, datetime]]:
    """Clipped to the span, what touches or overlaps joined."""
    occurrences = recurring_ical_events.of(icalendar.Calendar.from_ical(content)).between(
        START - timedelta(days=2), END
    )
    spans = [(o["DTSTART"].dt.astimezone(UTC), o["DTEND"].dt.astimezone(UTC)) for o in occurrences]
    joined: list[tuple[datetime, datetime]] = []
    for begin, until in sorted((max(a, START), min(b, END)) for a, b in spans if a < END and b > START):
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], until))
        else:
            joined.append((begin, until))
    return joined
