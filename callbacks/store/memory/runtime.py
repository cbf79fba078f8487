"""Rates, links and nodes in memory."""

from collections.abc import Collection
from datetime import datetime, timedelta

from callbacks.store.errors import Conflict
from callbacks.store.memory.data import Data, Link, Node
from callbacks.store.memory.tables import Changes
from callbacks.store.rows import OutageRow, RateRow

SILENCE = timedelta(seconds=15)
LIVELY = timedelta(seconds=6)


class MemoryRates:
    """The questions and writes of `rates` in one transaction."""

    def __init__(self, changes: Changes, data: Data) -> None:
        self.changes, self.data = changes, data

    def find(self, key: str) -> RateRow | None:
        return self.changes.get(self.data.rates, key)

    def held(self, key: str) -> RateRow | None:
        if not self.changes.hold(self.data.rates, key):
            raise Conflict("another transaction has the row")
        return self.find(key)

    def held_if_free(self, key: str) -> RateRow | None:
        return self.find(key) if self.changes.hold(self.data.rates, key) else None

    def add(self, row: RateRow) -> None:
        self.changes.add(self.data.rates, row)

    def set(self, row: RateRow) -> None:
        self.changes.set(self.data.rates, row)


class MemoryMagicLinks:
    """The questions and writes of `magic_links` in one transaction."""

    def __init__(self, changes: Changes, data: Data) -> None:
        self.changes, self.data = changes, data

    def put(self, digest: str, emergency_id: int, person: str, outbox_id: str, now: datetime) -> None:
        self.changes.add(self.data.links, Link(digest, emergency_id, person, outbox_id, now))

    def is_told_by(self, outbox_id: str, digests: Collection[str]) -> bool:
        found = (self.changes.get(self.data.links, digest) for digest in digests)
        return any(link is not None and link.outbox_id == outbox_id for link in found)


class MemoryNodes:
    """The questions and writes of `nodes` in one transaction."""

    def __init__(self, changes: Changes, data: Data) -> None:
        self.changes, self.data = changes, data

    def start(self, node: str, version: str, now: datetime) -> OutageRow | None:
        before, outage = self.last_beat(), None
        if before and now - before > SILENCE:
            outage = OutageRow(id=self.data.next("outage"), began_at=before, ended_at=now)
            self.changes.add(self.data.outages, outage)
        self.changes.set(self.data.nodes, Node(node, now, None))
        return outage

    def beat(self, node: str, version: str, now: datetime) -> None:
        row = self.changes.get(self.data.nodes, node) or Node(node, now, None)
        self.changes.set(self.data.nodes, row._replace(beat_at=now))

    def stop(self, node: str, now: datetime) -> None:
        if self.changes.get(self.data.nodes, node):
            self.changes.set(self.data.nodes, Node(node, now, now))

    def last_beat(self) -> datetime | None:
        return max((row.beat_at for row in self.changes.all(self.data.nodes)), default=None)

    def others_live(self, node: str, now: datetime) -> bool:
        rows = self.changes.all(self.data.nodes)
        return any(row.id != node and row.stopped_at is None and row.beat_at > now - LIVELY for row in rows)

    def outages_since(self, since: datetime) -> list[OutageRow]:
        return [row for row in self.changes.all(self.data.outages) if row.ended_at > since]
