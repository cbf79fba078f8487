"""What was told once, and handoffs, in memory."""

from dataclasses import replace
from datetime import datetime

from callbacks.store.memory.data import Data
from callbacks.store.memory.tables import Changes
from callbacks.store.notices import CONFIRMABLE, BaseNotices
from callbacks.store.rows import HandoffRow, NoticeRow


class MemoryNotices(BaseNotices):
    """The questions and writes of `notices` in one transaction."""

    def __init__(self, changes: Changes, data: Data) -> None:
        self.changes, self.data = changes, data

    def _get(self, key: str) -> NoticeRow | None:
        return self.changes.get(self.data.notices, key)

    def _add(self, row: NoticeRow) -> None:
        self.changes.add(self.data.notices, row)

    def _set(self, row: NoticeRow) -> None:
        self.changes.set(self.data.notices, row)

    def forget(self, beginning: str) -> None:
        for row in self.changes.all(self.data.notices):
            if row.key.startswith(beginning):
                self.changes.remove(self.data.notices, row.key)

    def add_handoff(self, row: HandoffRow) -> bool:
        if self.changes.unique(self.data.handoffs, 0, (row.rotation, row.at)) is not None:
            return False
        self.changes.add(self.data.handoffs, replace(row, id=self.data.next("handoff")))
        return True

    def is_told(self, rotation: str, person: str, since: datetime) -> bool:
        since_then = [row for row in self.changes.all(self.data.handoffs) if row.at >= since]
        last = max((row for row in since_then if row.rotation == rotation), key=lambda row: row.at, default=None)
        return last is not None and last.incoming == person

    def confirm(self, person: str, now: datetime) -> list[HandoffRow]:
        mine = [row for row in self._unconfirmed(now - CONFIRMABLE) if row.incoming == person]
        confirmed = [replace(row, confirmed_at=now) for row in mine]
        for row in confirmed:
            self.changes.set(self.data.handoffs, row)
        return confirmed

    def unconfirmed(self, before: datetime, after: datetime) -> list[HandoffRow]:
        return [row for row in self._unconfirmed(after) if row.escalated_at is None and row.at <= before]

    def escalate(self, row: HandoffRow, now: datetime) -> None:
        found = self.changes.get(self.data.handoffs, row.id)
        if found:
            self.changes.set(self.data.handoffs, replace(found, escalated_at=now))

    def _unconfirmed(self, after: datetime) -> list[HandoffRow]:
        found = [row for row in self.changes.some(self.data.handoffs) if row.at > after]
        return sorted(found, key=lambda row: row.at)
