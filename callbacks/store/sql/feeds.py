"""Calendars that rotations are read from: their shifts, and how reading them went.

- What is past stays as it was read: a later reading replaces shifts from its own time on.
- Who is on call is asked in every transaction: a rotation's shifts are kept in memory under their version.
"""

import dataclasses
import json
import secrets
import threading
from collections import OrderedDict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.orm import defer
from sqlmodel import Session, col, select

from callbacks.oncall.roster import Roster
from callbacks.oncall.schedule import Line, Shift
from callbacks.store.sql import tables as t

BEFORE = timedelta(days=40)
AFTER = timedelta(days=400)
KEPT = timedelta(days=800)
MOST_CACHED = 32
_cache: OrderedDict[tuple[str, frozenset[str]], Line] = OrderedDict()
_lock = threading.Lock()


class SqlFeeds:
    """The questions and writes of `feeds` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def find(self, rotation: str) -> t.Feed | None:
        return self.session.get(t.Feed, rotation)

    def last_try(self, rotation: str) -> t.Feed | None:
        """How the last try went; the text that the version before kept is not read."""
        query = select(t.Feed).where(t.Feed.rotation == rotation).options(defer(t.Feed.content))  # type: ignore[arg-type]
        return self.session.exec(query).first()

    def old_copies(self) -> dict[str, str]:
        """By rotation, what the version before kept as text and nothing was worked out of."""
        old = (col(t.Feed.version).is_(None)) & (col(t.Feed.content).is_not(None))
        return {row.rotation: row.content or "" for row in self.session.exec(select(t.Feed).where(old))}

    def left_out(self) -> dict[str, Any]:
        """By rotation, what is kept of the events that were not used."""
        columns = select(t.Feed.rotation, t.Feed.left_out)
        return {rotation: json.loads(text) for rotation, text in self.session.exec(columns)}

    def errors(self) -> dict[str, str]:
        """By rotation, why its calendar could not be read the last time."""
        query = select(t.Feed.rotation, t.Feed.error).where(col(t.Feed.error).is_not(None))
        return {rotation: error or "" for rotation, error in self.session.exec(query)}

    def keep(self, row: t.Feed) -> None:
        self.session.add(row)
        self.session.flush()

    def calendars(self, roster: Roster, now: datetime) -> dict[str, Line]:
        """Shifts of the rotations that are read from calendars, as last read: BEFORE back, AFTER ahead. A rotation that
        was never read is not among them."""
        if not roster.calendars:
            return {}
        names = [feed.rotation for feed in roster.calendars]
        versions = self.session.exec(select(t.Feed.rotation, t.Feed.version).where(col(t.Feed.rotation).in_(names)))
        people = frozenset(person.name for person in roster.people)
        return {name: _known(self.session, name, (version, people), now) for name, version in versions.all() if version}

    def unread(self, roster: Roster) -> set[str]:
        """Rotations whose calendar has not been tried yet: nothing is known of them, not even that they have a gap."""
        tried = (col(t.Feed.version).is_not(None)) | (col(t.Feed.error).is_not(None))
        known = set(self.session.exec(select(t.Feed.rotation).where(tried)))
        return {feed.rotation for feed in roster.calendars if feed.rotation not in known}

    def replace(self, row: t.Feed, shifts: Sequence[Shift], since: datetime, now: datetime) -> bool:
        """Puts a calendar's shifts in place from `since` on; False if they are what they were. Rows that stay the same
        are not touched."""
        old = {s.start: s for s in _stored(self.session, row.rotation, since, datetime.max.replace(tzinfo=UTC))}
        new = {s.start: s for s in _joined_to(old, shifts, since)}
        gone = [start for start, shift in old.items() if new.get(start) != shift]
        come = [shift for start, shift in new.items() if old.get(start) != shift]
        here = col(t.FeedShift.rotation) == row.rotation
        self.session.execute(delete(t.FeedShift).where(here, col(t.FeedShift.end_at) < now - KEPT))
        for start in gone:
            self.session.execute(delete(t.FeedShift).where(here, col(t.FeedShift.start_at) == start))
        if come:
            self.session.execute(insert(t.FeedShift), [_row(shift) for shift in come])
        if gone or come or row.version is None:
            row.version = secrets.token_hex(16)
        return bool(gone or come)


def between(session: Session, roster: Roster, start: datetime, end: datetime) -> dict[str, Line]:
    """The same over a span, however long ago."""
    versions = select(t.Feed.rotation).where(col(t.Feed.version).is_not(None))
    read = set(session.exec(versions))
    names = [feed.rotation for feed in roster.calendars if feed.rotation in read]
    return {name: _stored(session, name, start, end) for name in names}


def _joined_to(old: dict[datetime, Shift], shifts: Sequence[Shift], since: datetime) -> list[Shift]:
    """The new shifts behind the part of an old one that was over by then; one that goes on stays one row."""
    found = [dataclasses.replace(s, start=max(s.start, since)) for s in shifts if s.end > since]
    running = next((s for start, s in old.items() if start < since), None)
    if running is None:
        return found
    if found and found[0].start == since and found[0].technician == running.technician:
        return [Shift(running.rotation, running.technician, running.start, found[0].end), *found[1:]]
    return [Shift(running.rotation, running.technician, running.start, since), *found]


def _row(shift: Shift) -> dict[str, object]:
    return {"rotation": shift.rotation, "start_at": shift.start, "end_at": shift.end, "technician": shift.technician}


def _known(session: Session, rotation: str, key: tuple[str, frozenset[str]], now: datetime) -> Line:
    """Who has left the roster is not on call, also while the calendar cannot be read anew: that is a gap."""
    with _lock:
        found = _cache.get(key)
    if found is None:
        stored = _stored(session, rotation, now - BEFORE, now + AFTER + KEPT)
        found = Line(shift for shift in stored if shift.technician in key[1])
        with _lock:
            _cache[key] = found
            while len(_cache) > MOST_CACHED:
                _cache.popitem(last=False)
    return found


def _stored(session: Session, rotation: str, start: datetime, end: datetime) -> Line:
    query = (
        select(t.FeedShift.technician, t.FeedShift.start_at, t.FeedShift.end_at)
        .where(t.FeedShift.rotation == rotation, col(t.FeedShift.end_at) > start, col(t.FeedShift.start_at) < end)
        .order_by(col(t.FeedShift.start_at))
    )
    return Line(Shift(rotation, who, begin, until) for who, begin, until in session.exec(query))
