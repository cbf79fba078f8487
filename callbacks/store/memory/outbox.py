"""The outbox in memory. What is due or claimed is looked for among the unsettled rows alone."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from callbacks.delivery.delivery_policy import LAST_RANK
from callbacks.delivery.outbox_row import CALLS, PAGES, WAITING, About, OutboxKind, OutboxState
from callbacks.store.memory.data import Data
from callbacks.store.memory.tables import Changes
from callbacks.store.rows import OutboxRow


class MemoryOutbox:
    """The questions and writes of `outbox` in one transaction."""

    def __init__(self, changes: Changes, data: Data) -> None:
        self.changes, self.data = changes, data

    def put(self, rows: Sequence[OutboxRow]) -> None:
        for row in rows:
            self.changes.add(self.data.outbox, row)

    def find(self, row_id: str) -> OutboxRow | None:
        return self.changes.get(self.data.outbox, row_id)

    def members(self, leader: OutboxRow) -> list[OutboxRow]:
        return [leader, *(row for row in self._all() if row.bundle == leader.id and row.id != leader.id)]

    def paged_of(self, person: str, ids: Sequence[int]) -> set[int | None]:
        return {row.emergency_id for row in self._all() if row.person == person and row.kind in PAGES} & set(ids)

    def paged_about(self, person: str) -> Sequence[int]:
        texted = {row.emergency_id for row in self._all() if row.person == person and row.kind == OutboxKind.PAGE}
        rows = (row for row in self.changes.some(self.data.emergencies) if row.is_open and row.acknowledged_by is None)
        return sorted(row.id for row in rows if row.id in texted)

    # Claims.

    def due(
        self, now: datetime, limit: int, kinds: Sequence[OutboxKind], first: OutboxKind | None = None
    ) -> list[OutboxRow]:
        order = first or kinds[0]
        found = sorted(
            (row for row in self._due(now) if row.kind in kinds),
            key=lambda row: (row.kind != order, row.due_at, row.created_at),
        )
        return self._held(found, limit)

    def due_pages(self, now: datetime, limit: int) -> list[tuple[OutboxRow, str | None, datetime | None]]:
        found = []
        for row in self._due(now):
            about = self.changes.get(self.data.emergencies, row.emergency_id or 0) if row.kind in PAGES else None
            if about:
                found.append((row, about))
        found.sort(key=lambda pair: (pair[1].due_at, pair[0].created_at))
        abouts = {row.id: about for row, about in found}
        held = self._held([row for row, _ in found], limit)
        return [(row, abouts[row.id].number, abouts[row.id].first_page_at) for row in held]

    def rewrite(self, rows: Sequence[OutboxRow]) -> None:
        for row in rows:
            self.changes.set(self.data.outbox, row)

    def settle(self, row_id: str, fence: int, **changes: Any) -> bool:
        row = self.find(row_id)
        if row is None or row.fence != fence or row.state != OutboxState.CLAIMED:
            return False
        self.changes.set(self.data.outbox, replace(row, owner=None, lease_until=None, **changes))
        return True

    def renew(self, owner: str, until: datetime, in_hand: Collection[str]) -> Sequence[str]:
        kept = []
        for row in list(self._claimed()):
            if row.owner == owner and (row.id in in_hand or row.bundle in in_hand):
                self.changes.set(self.data.outbox, replace(row, lease_until=until))
                kept.append(row.id)
        return kept

    def expire_all(self, now: datetime) -> None:
        for row in list(self._claimed()):
            self.changes.set(self.data.outbox, replace(row, lease_until=now))

    def is_busy(self, person: str, now: datetime) -> bool:
        return any(
            row.person == person and row.kind in PAGES and row.lease_until and row.lease_until > now
            for row in self._claimed()
        )

    def is_ringing(self, number: str | None, since: datetime) -> bool:
        for row in self._all():
            if row.kind == OutboxKind.PAGE_CALL and row.number == number and row.sent_at and row.sent_at > since:
                seen = self.changes.get(self.data.carrier, row.sid or "")
                if seen and seen.rank < LAST_RANK:
                    return True
        return False

    def recent_sends(self, person: str, since: datetime) -> list[tuple[datetime, int]]:
        left: dict[str | None, tuple[datetime, int]] = {}
        for row in self._all():
            if row.person == person and row.kind in PAGES and row.sent_at and row.sent_at > since:
                at, size = left.get(row.sid, (row.sent_at, 0))
                left[row.sid] = (max(at, row.sent_at), size + 1)
        return sorted(left.values())

    def is_calling(self, number: str, leader: str) -> bool:
        return any(
            row.kind in CALLS and row.number == number and not row.absent_from and (row.bundle or row.id) != leader
            for row in self._claimed()
        )

    # What is due, and what is to wait.

    def due_kinds(self, now: datetime) -> set[OutboxKind]:
        return {row.kind for row in self._due(now)}

    def is_any_due(self, kinds: Sequence[OutboxKind], now: datetime) -> bool:
        return any(row.kind in kinds for row in self._due(now))

    def next_due(self) -> datetime | None:
        found = (row.due_at if row.state in WAITING else row.lease_until for row in self._live())
        return min((at for at in found if at), default=None)

    def next_slot(self, kind: OutboxKind, gap: timedelta, now: datetime) -> datetime:
        due = (row.due_at for row in self._all() if row.kind == kind and row.due_at > now - gap)
        last = max(due, default=None)
        return max(now, last + gap) if last else now

    def put_off(self, kind: OutboxKind, now: datetime, until: datetime, about: About | None = None) -> None:
        for row in list(self._live()):
            is_one = row.kind == kind and row.state in WAITING and row.due_at <= now
            if is_one and about in (None, row.about):
                self.changes.set(self.data.outbox, replace(row, due_at=until))

    def cancel(self, emergency_id: int, kinds: Sequence[OutboxKind], now: datetime, person: str | None = None) -> None:
        for row in list(self._live()):
            mine = row.emergency_id == emergency_id and row.kind in kinds and person in (None, row.person)
            if mine and row.state == OutboxState.QUEUED:
                self.changes.set(self.data.outbox, replace(row, state=OutboxState.CANCELLED, finished_at=now))

    # What left.

    def known_sids(self, sids: Sequence[str], leader: str) -> Sequence[str | None]:
        return [row.sid for row in self._all() if row.sid in sids and leader not in (row.id, row.bundle)]

    def known(self, sids: Sequence[str]) -> set[str | None]:
        return {row.sid for row in self._all() if row.sid in sids}

    def texts_since(self, since: datetime, besides: str, number: str | None = None) -> Sequence[int | None]:
        def counts(row: OutboxRow) -> bool:
            left = row.state == OutboxState.CLAIMED or (row.sent_at is not None and row.sent_at > since)
            return row.kind == OutboxKind.CUSTOMER_TEXT and left and row.id != besides

        return [row.emergency_id for row in self._all() if counts(row) and number in (None, row.number)]

    def left_since(self, kind: OutboxKind, since: datetime) -> int:
        return sum(row.kind == kind and row.sent_at is not None and row.sent_at > since for row in self._all())

    def callbacks_calls(self, since: datetime) -> Sequence[OutboxRow]:
        def is_asked(emergency_id: int | None) -> bool:
            story = self.changes.get(self.data.ledger, emergency_id or 0)
            return story is not None and any(fact.kind == "CallbackRequested" for fact in story.facts)

        rows = [row for row in self._calls_since(since) if row.sid and is_asked(row.emergency_id)]
        return sorted(rows, key=lambda row: (row.emergency_id or 0, -(row.sent_at or since).timestamp()))

    def calls_left(self, since: datetime, until: datetime, limit: int) -> Sequence[OutboxRow]:
        rows = [
            row
            for row in self._calls_since(since)
            if row.state == OutboxState.SENT and row.bundle in (None, row.id) and row.sent_at and row.sent_at < until
        ]
        return sorted(rows, key=lambda row: row.sent_at or since, reverse=True)[:limit]

    def _all(self) -> Iterator[OutboxRow]:
        return self.changes.all(self.data.outbox)

    def _live(self) -> Iterator[OutboxRow]:
        return self.changes.some(self.data.outbox)

    def _claimed(self) -> Iterator[OutboxRow]:
        return (row for row in self._live() if row.state == OutboxState.CLAIMED)

    def _due(self, now: datetime) -> Iterator[OutboxRow]:
        for row in self._live():
            at = row.lease_until if row.state == OutboxState.CLAIMED else row.due_at
            if at and at <= now:
                yield row

    def _held(self, rows: Sequence[OutboxRow], limit: int) -> list[OutboxRow]:
        """The first of them that no other transaction has."""
        held: list[OutboxRow] = []
        for row in rows:
            if len(held) < limit and self.changes.hold(self.data.outbox, row.id):
                held.append(row)
        return held

    def _calls_since(self, since: datetime) -> Iterator[OutboxRow]:
        return (row for row in self._all() if row.kind in CALLS and row.sent_at and row.sent_at > since)
