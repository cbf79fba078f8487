"""A month of one rotation as six programs write it: the same shifts are read from each.

The files are made up after the formats that PagerDuty, Opsgenie, Grafana OnCall, Google, Microsoft and Apple give out:
two people week about, a third who covers a Saturday, and an event that was cancelled.
"""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from callbacks.oncall.calendar_feed import known, read_feed
from callbacks.oncall.roster import read_roster

FEEDS = Path(__file__).parent / "feeds"
ROSTER = read_roster(
    'timezone = "America/Toronto"\n'
    '[[technician]]\nname = "ana"\nfull_name = "Ana Roy"\nphone = "+15145550111"\nemail = "ana.roy@example.com"\n'
    '[[technician]]\nname = "bob"\nfull_name = "Bob Chen"\nphone = "+15145550112"\nemail = "bob.chen@example.com"\n'
    '[[technician]]\nname = "cleo"\nfull_name = "Cléo Martin"\nphone = "+15145550113"\nemail = "cleo@example.com"\n'
)
START, END = datetime(2026, 11, 3, tzinfo=UTC), datetime(2026, 11, 30, 14, tzinfo=UTC)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=ZoneInfo("America/Toronto")).astimezone(UTC)


EXPECTED = [
    ("ana", START, wall("09T09:00")), ("bob", wall("09T09:00"), wall("14T09:00")),
    ("cleo", wall("14T09:00"), wall("14T21:00")), ("bob", wall("14T21:00"), wall("16T09:00")),
    ("ana", wall("16T09:00"), wall("23T09:00")), ("bob", wall("23T09:00"), wall("30T09:00")),
]  # fmt: skip


@pytest.mark.parametrize("vendor", ["pagerduty", "opsgenie", "grafana", "google", "outlook", "apple"])
def test_a_month_as_a_vendor_writes_it(vendor: str) -> None:
    content = (FEEDS / f"{vendor}.ics").read_bytes()
    found = read_feed(content, "primary", known(ROSTER), START, END, "America/Toronto")
    assert [(s.technician, s.start, s.end) for s in found.shifts] == EXPECTED
    assert found.left_out == ()
