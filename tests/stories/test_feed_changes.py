"""Calendars that change, break, name strangers or attack: who hears of it, and that paging goes on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from sqlmodel import select

from app.doctor import local
from callbacks.engine.jobs import feeds, handoff_notices
from callbacks.engine.jobs.feed_process import read_apart
from callbacks.oncall.calendar_feed import BrokenFeed
from callbacks.oncall.roster import CalendarFeed, Roster
from callbacks.store.sql import feeds as stored
from callbacks.store.sql import tables
from tests.clock import NIGHT
from tests.core.test_calendars import event, feed
from tests.night import Night, minutes
from tests.stories.test_feeds import ROSTER

ANA = event("Ana Roy", ":20261101T000000Z", ":20261130T000000Z", uid="ana")
BOB = event("Bob Chen", ":20261101T000000Z", ":20261130T000000Z", uid="bob")


def fed(night: Night, path: Path, *events: str) -> None:
    """Another five minutes, and the calendar read again."""
    path.write_bytes(feed(*events))
    night.passes(minutes(6))
    feeds.refresh(night.context)
    night.settle()


def begun(night: Night, path: Path, *events: str) -> None:
    path.write_bytes(feed(*events))
    night.roster(ROSTER.format(path=path))
    feeds.refresh(night.context)
    night.settle()


@pytest.mark.parametrize("rule", ["MINUTELY", "SECONDLY"])
def test_an_event_that_repeats_every_minute_stops_nothing(night: Night, tmp_path: Path, rule: str) -> None:
    begun(night, tmp_path / "a.ics", ANA)
    endless = event("Bob Chen", ":20261101T000000Z", ":20261101T000100Z", f"RRULE:FREQ={rule}", uid="endless")
    fed(night, tmp_path / "a.ics", ANA, endless)
    night.sue.gets_sms("Calendar of primary", '"Bob Chen" repeats more often than hourly', "UID endless")
    assert night.web.get("/schedule").status_code == 200
    night.customer_leaves_message()
    night.people["ana"].gets_sms("E-000001")
    night.nobody_else_was_contacted()


def test_a_calendar_over_the_bound_keeps_the_shifts_of_before_and_is_told(night: Night, tmp_path: Path) -> None:
    begun(night, tmp_path / "a.ics", ANA)
    hourly = "RRULE:FREQ=HOURLY"
    many = [
        event("Bob Chen", f":20261101T00{n:02}00Z", f":20261101T00{n + 1:02}00Z", hourly, uid=f"{n}") for n in (1, 2, 3)
    ]
    fed(night, tmp_path / "a.ics", *many)
    night.sue.gets_sms("The calendar of primary cannot be read", "more than 20000 shifts", "last good copy")
    night.customer_leaves_message()
    night.people["ana"].gets_sms("E-000001")
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_nothing_is_worked_out_in_a_transaction(night: Night, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the calendar is read, the one writer of SQLite is free; and reading who is on call reads no calendar."""
    free: list[bool] = []
    apart = read_apart

    def watched(*args: object) -> object:
        with night.database.write() as session:
            free.append(session.exec(select(tables.Feed)).first() is None)
        return apart(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(feeds, "read_apart", watched)
    begun(night, tmp_path / "a.ics", ANA)
    assert free == [True]
    night.customer_leaves_message()
    night.people["ana"].gets_sms("E-000001")
    assert free == [True]
    night.nobody_else_was_contacted()


def test_what_the_version_before_kept_is_worked_out_before_the_first_fetch(night: Night, tmp_path: Path) -> None:
    with night.database.write() as session:
        now = night.clock.now()
        row = tables.Feed(rotation="primary", url="file:///gone.ics", tried_at=now, good_at=now)
        row.content = feed(ANA).decode()
        session.add(row)
    night.roster(ROSTER.format(path="/gone.ics"))
    feeds.take_old_copies(night.context)
    night.customer_leaves_message()
    night.people["ana"].gets_sms("E-000001")
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_the_copy_is_extended_as_the_clock_moves(night: Night, tmp_path: Path) -> None:
    """400 days are known; with the same text, the day after, 401 from the first."""
    path = tmp_path / "a.ics"
    begun(night, path, event("Ana Roy", ":20261101T000000Z", ":20261101T120000Z", "RRULE:FREQ=DAILY", uid="d"))
    first = last_known(night)
    night.passes(timedelta(days=1))
    feeds.refresh(night.context)
    assert last_known(night) - first == timedelta(days=1)
    night.nobody_else_was_contacted()


def last_known(night: Night) -> datetime:
    with night.database.read() as session:
        return max(row.start_at for row in session.exec(select(tables.FeedShift)))


@pytest.mark.storage
def test_what_is_past_stays_as_it_was_read(night: Night, tmp_path: Path) -> None:
    path = tmp_path / "a.ics"
    begun(night, path, ANA)
    fed(night, path, BOB)
    night.people["bob"].gets_sms("You are on call for primary")
    night.people["ana"].gets_sms("Bob Chen has taken over primary")
    changed = NIGHT + minutes(6)
    with night.database.read() as session:
        roster = Roster(calendars=(CalendarFeed("primary", "file:///a.ics"),))
        line = stored.between(session, roster, datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
    assert [(s.technician, s.start, s.end) for s in line["primary"]] == [
        ("ana", datetime(2026, 11, 1, tzinfo=UTC), changed), ("bob", changed, datetime(2026, 11, 30, tzinfo=UTC)),
    ]  # fmt: skip
    night.nobody_else_was_contacted()


def test_whoever_a_calendar_takes_off_call_is_told(night: Night, tmp_path: Path) -> None:
    begun(night, tmp_path / "a.ics", BOB)
    fed(night, tmp_path / "a.ics")
    night.people["bob"].gets_sms("You are off call for primary", "off call")
    handoff_notices.check_handoffs(night.context)
    night.sue.gets_sms("Nobody is on call for primary now, with no end in the roster")
    handoff_notices.check_handoffs(night.context)
    night.nobody_else_was_contacted()


def test_a_calendar_that_takes_over_from_a_rule_tells_both(night: Night, tmp_path: Path) -> None:
    night.on_call("ana", "bob")
    path = tmp_path / "a.ics"
    path.write_bytes(feed(BOB))
    night.roster(ROSTER.format(path=path))
    feeds.refresh(night.context)
    night.people["bob"].gets_sms("You are on call for primary")
    night.people["ana"].gets_sms("Bob Chen has taken over primary")
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_who_has_left_the_roster_is_a_gap_while_the_calendar_cannot_be_read(night: Night, tmp_path: Path) -> None:
    path = tmp_path / "a.ics"
    begun(night, path, ANA)
    path.unlink()
    ana = '[[technician]]\nname = "ana"\nfull_name = "Ana Roy"\nphone = "+15145550111"\n'
    night.roster(ROSTER.format(path=path).replace(ana, ""))
    feeds.refresh(night.context)
    night.sue.gets_sms("The calendar of primary cannot be read")
    handoff_notices.check_handoffs(night.context)
    night.sue.gets_sms("Nobody is on call for primary now")
    assert night.get("/api/v1/oncall")["on_call"]["primary"] is None
    night.nobody_else_was_contacted()


def test_who_nobody_knows_is_told_once_with_the_summary_as_it_stands(night: Night, tmp_path: Path) -> None:
    path = tmp_path / "a.ics"
    stranger = event("Zoé (Support)", ":20261124T000000Z", ":20261130T000000Z", uid="z1")
    begun(night, path, ANA, stranger)
    night.sue.gets_sms('"Zoé (Support)" names nobody on the roster', "UID z1")
    for _ in range(3):
        fed(night, path, ANA, stranger.replace("DTSTAMP:20261001", "DTSTAMP:20261002"))
    fed(night, path, ANA, stranger, event("Yan", ":20261125T000000Z", ":20261126T000000Z", uid="y"))
    night.sue.gets_sms('"Yan" names nobody on the roster')
    page = night.web.get("/schedule").text
    assert "Zoé (Support)" in page and "z1" in page
    with night.database.read() as session:
        found = list(local.calendars(session, night.context.duty(session), night.clock.now()))
    assert [(f.name, f.ok) for f in found] == [("calendar of primary", False)] * 2
    assert {'"Zoé (Support)" names nobody on the roster (UID z1)', '"Yan" names nobody on the roster (UID y)'} == {
        f.what for f in found
    }
    night.nobody_else_was_contacted()


def test_an_absence_is_told_and_puts_nobody_on_call(night: Night, tmp_path: Path) -> None:
    path = tmp_path / "a.ics"
    away = event("Bob Chen (PTO)", ":20261124T000000Z", ":20261130T000000Z", uid="p1")
    begun(night, path, ANA, away)
    night.sue.gets_sms('"Bob Chen (PTO)" says that the person is away', "UID p1")
    assert night.get("/api/v1/oncall")["on_call"]["primary"] == "ana"
    assert "says that the person is away" in night.web.get("/schedule").text
    night.nobody_else_was_contacted()


def test_a_calendar_that_fails_now_and_then_is_told_once(night: Night, tmp_path: Path) -> None:
    path = tmp_path / "a.ics"
    begun(night, path, ANA)
    for _ in range(4):
        path.write_text("busy")
        night.passes(minutes(6))
        feeds.refresh(night.context)
        fed(night, path, ANA)
    night.sue.gets_sms("The calendar of primary cannot be read")
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_a_person_who_joins_the_roster_is_found_at_the_next_look(night: Night, tmp_path: Path) -> None:
    path = tmp_path / "a.ics"
    begun(night, path, event("Cleo Martin", ":20261101T000000Z", ":20261130T000000Z", uid="c"))
    night.sue.gets_sms("Cleo Martin")
    cleo = '[[technician]]\nname = "cleo"\nfull_name = "Cleo Martin"\nphone = "+15145550113"\n'
    night.roster(ROSTER.format(path=path) + cleo)
    feeds.refresh(night.context)
    night.people["cleo"].gets_sms("You are on call for primary")
    assert night.get("/api/v1/oncall")["on_call"]["primary"] == "cleo"
    night.nobody_else_was_contacted()


class Server(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        if self.path == "/moved.ics":
            self.send_response(302)
            self.send_header("Location", "/secret")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(feed(ANA))

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def served() -> Iterator[tuple[str, list[str]]]:
    server = HTTPServer(("127.0.0.1", 0), Server)
    server.asked = []  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", server.asked  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.storage
def test_a_calendar_that_has_moved_is_not_followed(night: Night) -> None:
    with served() as (address, asked):
        night.roster(ROSTER.replace("file://{path}", f"{address}/moved.ics"))
        feeds.refresh(night.context)
        night.sue.gets_sms("answered 302")
        night.roster(ROSTER.replace("file://{path}", f"{address}/a.ics"))
        feeds.refresh(night.context)
        assert night.get("/api/v1/oncall")["on_call"]["primary"] == "ana"
        night.people["ana"].gets_sms("You are on call for primary")
    assert asked == ["/moved.ics", "/a.ics"]
    night.nobody_else_was_contacted()


def test_what_is_not_a_file_is_not_read() -> None:
    with pytest.raises(BrokenFeed, match="not a file"):
        feeds.fetch("file:///dev/zero", None)


def test_the_whole_text_of_a_calendar_is_bounded(tmp_path: Path) -> None:
    (tmp_path / "a.ics").write_bytes(b"x" * (16 * 1024 * 1024 + 1))
    with pytest.raises(BrokenFeed, match="larger than 16 MB"):
        feeds.fetch(f"file://{tmp_path}/a.ics", None)
