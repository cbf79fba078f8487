"""Calls, messages and recordings in memory."""

from collections.abc import Sequence
from dataclasses import replace

from callbacks.store.memory.data import Data
from callbacks.store.memory.tables import Changes
from callbacks.store.rows import CarrierRow, differences


class MemoryCarrier:
    """The questions and writes of `carrier` in one transaction."""

    def __init__(self, changes: Changes, data: Data) -> None:
        self.changes, self.table = changes, data.carrier

    def seen(self, sid: str | None) -> CarrierRow | None:
        return self.changes.get(self.table, sid) if sid else None

    def note(self, row: CarrierRow) -> None:
        self.changes.add(self.table, row)

    def note_sent(self, row: CarrierRow) -> None:
        if self.seen(row.sid) is None:
            self.changes.add(self.table, row)

    def change(self, before: CarrierRow, after: CarrierRow) -> None:
        row, changes = self.seen(before.sid), differences(before, after)
        if row and changes:
            self.changes.set(self.table, replace(row, **changes))

    def known(self, sids: Sequence[str]) -> set[str]:
        return {sid for sid in sids if self.seen(sid)}
