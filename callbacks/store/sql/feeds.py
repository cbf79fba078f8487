"""Calendars that rotations are read from: their shifts, and how reading them went.

Who is on call is asked in every transaction: a rotation's shifts are kept in memory under their version.
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlmodel import Session

from callbacks.oncall.roster import Roster
from callbacks.oncall.schedule import Line, Shift
from callbacks.store.feeds import AFTER, BEFORE, KEPT, difference
from callbacks.store.rows import FeedRow
from callbacks.store.sql import tables as t
from callbacks.store.sql.values import Values

MOST_CACHED = 32
FEEDS = Values(t.Feed, FeedRow)
NAMED = FEEDS.select().where(FEEDS.table.c.rotation == bindparam("name"))
FEED, SHIFT = FEEDS.table.c, t.FeedShift.__table__.c  # type: ignore[attr-defined]
VERSIONS = select(FEED.rotation, FEED.version).where(FEED.version.is_not(None))
STORED = (
    select(SHIFT.technician, SHIFT.start_at, SHIFT.end_at)
    .where(SHIFT.rotation == bindparam("name"), SHIFT.end_at > bindparam("after"), SHIFT.start_at < bindparam("before"))
    .order_by(SHIFT.start_at)
)
_cache: OrderedDict[tuple[str, frozenset[str]], Line] = OrderedDict()
_lock = threading.Lock()


class SqlFeeds:
    """The questions and writes of `feeds` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def find(self, rotation: str) -> FeedRow | None:
        return FEEDS.first(self.session, NAMED, {"name": rotation})

    def old_copies(self) -> dict[str, str]:
        old = select(FEED.rotation, FEED.content).where(FEED.version.is_(None), FEED.content.is_not(None))
        return dict(map(tuple, self.session.execute(old)))

    def drop_copy(self, rotation: str) -> None:
        self.session.execute(update(FEEDS.table).where(FEED.rotation == rotation).values(content=None))

    def left_out(self) -> dict[str, Any]:
        rows = self.session.execute(select(FEED.rotation, FEED.left_out))
        return {rotation: json.loads(text) for rotation, text in rows}

    def errors(self) -> dict[str, str]:
        query = select(FEED.rotation, FEED.error).where(FEED.error.is_not(None))
        return dict(map(tuple, self.session.execute(query)))

    def keep(self, row: FeedRow) -> None:
        FEEDS.set(self.session, row)

    def calendars(self, roster: Roster, now: datetime) -> dict[str, Line]:
        return self.known(roster, self._versions(), now) if roster.calendars else {}

    def known(self, roster: Roster, versions: Mapping[str, str], now: datetime) -> dict[str, Line]:
        """Shifts as `calendars` gives them, of the versions that another question found."""
        if not roster.calendars:
            return {}
        people = frozenset(person.name for person in roster.people)
        read = [feed.rotation for feed in roster.calendars if feed.rotation in versions]
        return {name: _known(self.session, name, (versions[name], people), now) for name in read}

    def unread(self, roster: Roster) -> set[str]:
        tried = select(FEED.rotation).where(FEED.version.is_not(None) | FEED.error.is_not(None))
        known = set(self.session.scalars(tried))
        return {feed.rotation for feed in roster.calendars if feed.rotation not in known}

    def replace(self, rotation: str, shifts: Sequence[Shift], since: datetime, now: datetime) -> bool:
        old = {s.start: s for s in _stored(self.session, rotation, since, datetime.max.replace(tzinfo=UTC))}
        found = difference(old, shifts, since)
        mine = delete(t.FeedShift).where(SHIFT.rotation == rotation)
        self.session.execute(mine.where(SHIFT.end_at < now - KEPT))
        for start in found.gone:
            self.session.execute(mine.where(SHIFT.start_at == start))
        if found.come:
            self.session.execute(insert(t.FeedShift), [_row(shift) for shift in found.come])
        return bool(found)

    def _versions(self) -> dict[str, str]:
        return dict(map(tuple, self.session.execute(VERSIONS)))


def between(session: Session, roster: Roster, start: datetime, end: datetime) -> dict[str, Line]:
    """The same over a span, however long ago."""
    read = SqlFeeds(session)._versions()
    names = [feed.rotation for feed in roster.calendars if feed.rotation in read]
    return {name: _stored(session, name, start, end) for name in names}


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
    rows = session.execute(STORED, {"name": rotation, "after": start, "before": end})
    return Line(Shift(rotation, who, begin, until) for who, begin, until in rows)
