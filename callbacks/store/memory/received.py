"""Webhooks as received, in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from callbacks.delivery.code_guessing import Mark
from callbacks.delivery.delivery_policy import Source
from callbacks.store.memory.data import Data
from callbacks.store.memory.tables import Changes
from callbacks.store.received_form import LONGEST_ID, kept
from callbacks.store.rows import ReceivedRow


class MemoryReceived:
    """The questions and writes of `received` in one transaction."""

    def __init__(self, changes: Changes, data: Data) -> None:
        self.changes, self.data, self.table = changes, data, data.received

    def is_new(self, source: Source, external_id: str, form: Sequence[tuple[str, str]], now: datetime) -> bool:
        if self.is_known(source, external_id):
            return False
        number, key = self.data.next("received"), external_id[:LONGEST_ID]
        self.changes.add(self.table, ReceivedRow(id=number, source=source, external_id=key, at=now, form=kept(form)))
        return True

    def is_known(self, source: Source, external_id: str) -> bool:
        return self._row(source, external_id) is not None

    def texts_known(self, sids: Sequence[str]) -> set[str]:
        return {sid for sid in sids if self.is_known(Source.SMS, sid)}

    def is_about(self, source: Source, external_id: str, emergency_id: int) -> None:
        self._change(source, external_id, emergency_id=emergency_id)

    def mark(self, external_id: str, as_: Mark, person: str) -> None:
        self._change(Source.SMS, external_id, mark=as_, person=person)

    def marked_since(self, as_: Mark, since: datetime, person: str | None = None) -> Sequence[datetime]:
        marked = (row for row in self.changes.some(self.table) if row.mark == as_ and row.at > since)
        return sorted(row.at for row in marked if person in (None, row.person))

    def _row(self, source: Source, external_id: str) -> ReceivedRow | None:
        return self.changes.get(self.table, (source, external_id[:LONGEST_ID]))

    def _change(self, source: Source, external_id: str, **changes: Any) -> None:
        row = self._row(source, external_id)
        if row:
            self.changes.set(self.table, replace(row, **changes))
