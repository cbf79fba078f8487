"""Calendars in memory: the shifts of a rotation are one row."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from callbacks.oncall.roster import Roster
from callbacks.oncall.schedule import Line, Shift
from callbacks.store.feeds import AFTER, BEFORE, KEPT, difference
from callbacks.store.memory.data import Data
from callbacks.store.memory.tables import Changes
from callbacks.store.rows import FeedRow


class MemoryFeeds:
    """The questions and writes of `feeds` in one transaction."""

    def __init__(self, changes: Changes, data: Data) -> None:
        self.changes, self.data = changes, data

    def find(self, rotation: str) -> FeedRow | None:
        return self.changes.get(self.data.feeds, rotation)

    def old_copies(self) -> dict[str, str]:
        return {}

    def drop_copy(self, rotation: str) -> None:
        """No version before kept any."""

    def left_out(self) -> dict[str, Any]:
        return {row.rotation: json.loads(row.left_out) for row in self.changes.all(self.data.feeds)}

    def errors(self) -> dict[str, str]:
        return {row.rotation: row.error for row in self.changes.all(self.data.feeds) if row.error is not None}

    def keep(self, row: FeedRow) -> None:
        self.changes.set(self.data.feeds, row)

    def versions(self) -> dict[str, str]:
        return {row.rotation: row.version for row in self.changes.all(self.data.feeds) if row.version is not None}

    def calendars(self, roster: Roster, now: datetime) -> dict[str, Line]:
        return self.known(roster, self.versions(), now)

    def known(self, roster: Roster, versions: Mapping[str, str], now: datetime) -> dict[str, Line]:
        people = {person.name for person in roster.people}
        names = [feed.rotation for feed in roster.calendars if feed.rotation in versions]
        return {name: Line(s for s in self._shifts(name, now) if s.technician in people) for name in names}

    def unread(self, roster: Roster) -> set[str]:
        known = {row.rotation for row in self.changes.all(self.data.feeds) if row.version or row.error}
        return {feed.rotation for feed in roster.calendars if feed.rotation not in known}

    def replace(self, rotation: str, shifts: Sequence[Shift], since: datetime, now: datetime) -> bool:
        kept = {shift.start: shift for shift in self._all(rotation) if shift.end >= now - KEPT}
        found = difference({at: shift for at, shift in kept.items() if shift.end > since}, shifts, since)
        for start in found.gone:
            del kept[start]
        kept |= {shift.start: shift for shift in found.come}
        self.changes.set(self.data.feed_shifts, (rotation, Line(kept[start] for start in sorted(kept))))
        return bool(found)

    def _all(self, rotation: str) -> Line:
        found = self.changes.get(self.data.feed_shifts, rotation)
        return found[1] if found else Line()

    def _shifts(self, rotation: str, now: datetime) -> list[Shift]:
        return [s for s in self._all(rotation) if s.end > now - BEFORE and s.start < now + AFTER + KEPT]
