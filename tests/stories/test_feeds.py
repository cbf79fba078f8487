"""A rotation read from a calendar: the last good copy is kept, a broken one is told, the night is never empty."""

from pathlib import Path

from callbacks.engine.jobs import feeds
from tests.core.test_calendars import event, feed
from tests.night import Night, minutes

ROSTER = """
timezone = "America/Toronto"
[[technician]]
name = "ana"
full_name = "Ana Roy"
phone = "+15145550111"
[[technician]]
name = "bob"
full_name = "Bob Chen"
phone = "+15145550112"
[[supervisor]]
name = "sue"
phone = "+15145550199"
[[calendar]]
rotation = "primary"
url = "file://{path}"
[[rotation]]
name = "backup"
members = ["bob"]
every = "1w"
starts = "2026-01-05T09:00"
"""
TONIGHT = event("Ana Roy", ":20261123T230000Z", ":20261124T123000Z")


def test_a_rotation_from_a_calendar_is_paged(night: Night, tmp_path: Path) -> None:
    path = tmp_path / "primary.ics"
    path.write_bytes(feed(TONIGHT))
    night.roster(ROSTER.format(path=path))
    feeds.refresh(night.context)
    night.customer_leaves_message()
    night.people["ana"].gets_sms("E-000001")
    assert night.get("/api/v1/oncall")["on_call"] == {"backup": "bob", "primary": "ana"}
    night.nobody_else_was_contacted()


def test_a_broken_feed_leaves_the_good_copy_and_is_told_once(night: Night, tmp_path: Path) -> None:
    path = tmp_path / "primary.ics"
    path.write_bytes(feed(TONIGHT))
    night.roster(ROSTER.format(path=path))
    feeds.refresh(night.context)
    path.write_text("<html>Sign in</html>")
    night.passes(minutes(6))
    feeds.refresh(night.context)
    night.sue.gets_sms("The calendar of primary cannot be read", "last good copy")
    night.passes(minutes(6))
    feeds.refresh(night.context)
    night.customer_leaves_message()
    night.people["ana"].gets_sms("E-000001")
    night.nobody_else_was_contacted()


def test_everybodys_shifts_are_a_feed_behind_a_secret_link(night: Night) -> None:
    night.on_call("ana", "bob")
    page = night.web.get("/schedule").text
    assert "Ana Roy" in page
    link = page.split('<li><a href="')[1].split('"')[0]
    calendar = night.web.get(link)
    assert calendar.headers["content-type"].startswith("text/calendar")
    assert "SUMMARY:Ana Roy" in calendar.text
    assert "Bob" not in calendar.text
    assert night.web.get("/calendar/forged.ics").status_code == 404
    night.nobody_else_was_contacted()
