"""Who is told of emergencies, in memory."""

from dataclasses import replace
from datetime import datetime

from callbacks.store.memory.data import Data
from callbacks.store.memory.tables import Changes
from callbacks.store.rows import SubscriptionRow
from callbacks.store.subscriptions import events_of


class MemorySubscriptions:
    """The questions and writes of `subscriptions` in one transaction."""

    def __init__(self, changes: Changes, data: Data) -> None:
        self.changes, self.data = changes, data

    def add(self, row: SubscriptionRow) -> None:
        self.changes.add(self.data.subscriptions, row)

    def find(self, subscription_id: str) -> SubscriptionRow | None:
        return self.changes.get(self.data.subscriptions, subscription_id)

    def wanting(self, event: str) -> list[SubscriptionRow]:
        live = [row for row in self.changes.all(self.data.subscriptions) if row.disabled_at is None]
        wanted = [row for row in live if event in events_of(row)]
        return sorted(wanted, key=lambda row: (row.created_at, row.id))

    def switch(self, subscription_id: str, disabled_at: datetime | None) -> None:
        row = self.find(subscription_id)
        if row:
            self.changes.set(self.data.subscriptions, replace(row, disabled_at=disabled_at))
