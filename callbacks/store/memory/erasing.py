"""Erasing in memory."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from callbacks.delivery.delivery_policy import Direction, Source
from callbacks.delivery.outbox_row import OutboxKind, OutboxState
from callbacks.emergency.events import exclusion_of, reason_told
from callbacks.store.erasing import Old
from callbacks.store.memory.data import Data, Owed
from callbacks.store.memory.ledger import MemoryLedger
from callbacks.store.memory.tables import Changes, Table
from callbacks.store.rows import CarrierRow, EmergencyRow, OutboxRow
from callbacks.store.subscriptions import ERASED, unsaid

NO_FORM = "[]"


class MemoryErasing:
    """The questions and writes of `erasing` in one transaction."""

    def __init__(self, changes: Changes, data: Data) -> None:
        self.changes, self.data = changes, data

    def of_customer(self, number: str) -> Sequence[EmergencyRow]:
        inbound = (row for row in self.changes.all(self.data.carrier) if row.direction == Direction.INBOUND)
        called = {row.sid for row in inbound if row.from_number == number}
        rows = (row for row in self._emergencies() if row.number == number or row.call_sid in called)
        return sorted(rows, key=lambda row: row.id)

    def closed_before(self, at: datetime, after: int, limit: int) -> list[int]:
        closed = {row.id for row in self._emergencies() if not row.is_open and row.opened_at < at and row.id > after}
        stories = (s for s in self.changes.all(self.data.ledger) if s.emergency_id in closed)
        return sorted(s.emergency_id for s in stories if any(fact.salt for fact in s.facts))[:limit]

    def with_audio_before(self, at: datetime, after: int, limit: int) -> list[int]:
        rows = (row for row in self._emergencies() if not row.is_open and row.opened_at < at and row.id > after)
        return sorted(row.id for row in rows if row.audio_kept)[:limit]

    def carriers_copies(self, ids: Sequence[int], numbers: Sequence[str] = ()) -> list[str]:
        sids = {row.sid for row in self._about(ids, numbers)}
        sids |= {row.sid for row in self.changes.all(self.data.outbox) if row.sid and row.emergency_id in ids}
        sids |= {row.call_sid for row in self._emergencies() if row.call_sid and row.id in ids}
        texts = (row for row in self.changes.all(self.data.received) if row.source == Source.SMS)
        sids |= {row.external_id for row in texts if row.emergency_id in ids}
        return sorted(sid for sid in sids if sid[:2] in ("CA", "SM", "MM"))

    def newest_report(self) -> int:
        return max((row.id for row in self.changes.all(self.data.received)), default=0)

    def reports_naming(self, words: Sequence[str], after: int, through: int) -> list[tuple[int, str | None]]:
        rows = (row for row in self.changes.all(self.data.received) if after < row.id <= through)
        found = (row for row in rows if any(word in row.form for word in words))
        return [(row.id, row.external_id if row.source == Source.SMS else None) for row in found]

    def empty_reports(self, ids: Sequence[int]) -> None:
        for row in list(self.changes.all(self.data.received)):
            if row.id in ids:
                self.changes.set(self.data.received, replace(row, form=NO_FORM))

    def empty(self, what: Old, before: datetime, limit: int) -> int:
        match what:
            case Old.REPORTS:
                reports = [r for r in self.changes.all(self.data.received) if r.at < before and r.form != NO_FORM]
                return self._each(reports, limit, lambda row: self._set(self.data.received, row, form=NO_FORM))
            case Old.MESSAGES:
                rows = (row for row in self.changes.all(self.data.outbox) if row.created_at < before)
                old = [row for row in rows if row.finished_at and (row.number or row.text)]
                return self._each(old, limit, self._unsay)
            case Old.CALLS:
                calls = [
                    row for row in self.changes.all(self.data.carrier) if row.updated_at < before and row.to_number
                ]
                return self._each(calls, limit, self._forget_numbers)
            case Old.LINKS:
                closed = {row.id for row in self._emergencies() if not row.is_open}
                links = [row for row in self.changes.all(self.data.links) if row.created_at < before]
                over = [row for row in links if row.emergency_id in closed]
                return self._each(over, limit, lambda row: self.changes.remove(self.data.links, row.digest))
            case Old.RATES:
                rates = [row for row in self.changes.all(self.data.rates) if row.window_at < before]
                return self._each(rates, limit, lambda row: self.changes.remove(self.data.rates, row.key))
            case Old.LEARNT:
                called = {row.number for row in self._emergencies()}
                rows_of = (row for row in self.changes.all(self.data.customers) if row.updated_at < before)
                alone = [r for r in rows_of if not (r.name or r.company or r.notes or r.blocked_at)]
                unknown = [row for row in alone if row.number not in called]
                return self._each(unknown, limit, lambda row: self.changes.remove(self.data.customers, row.number))
            case Old.SESSIONS | Old.STRIKES | Old.EXAMINATIONS | Old.ANSWERS:
                return 0  # pages alone have these

    def words_of(self, ids: Sequence[int], now: datetime) -> None:
        MemoryLedger(self.changes, self.data).erase(ids)
        for row in list(self._emergencies()):
            if row.id in ids:
                why = self._why_told(row)
                self._set(self.data.emergencies, row, number=None, name=None, excluded_why=why)
        for row_out in list(self.changes.all(self.data.outbox)):
            if row_out.emergency_id in ids:
                self._unsay(self._untold(row_out, now))
        for seen in list(self._about(ids, ())):
            self._forget_numbers(seen)
        self.empty_reports([row.id for row in self.changes.all(self.data.received) if row.emergency_id in ids])

    def words_to(self, number: str) -> None:
        for row in list(self.changes.all(self.data.outbox)):
            if row.number == number:
                self._unsay(row)
        for seen in list(self._about((), [number])):
            self._forget_numbers(seen)

    def owe(self, sids: Sequence[str], now: datetime) -> None:
        for name in sids:
            of, _, sid = name.rpartition("/")
            if self.changes.get(self.data.owed, sid) is None:
                self.changes.add(self.data.owed, Owed(sid, of or None, now))

    def are_gone(self, sids: Sequence[str]) -> None:
        for sid in (name.rpartition("/")[2] for name in sids):
            if self.changes.get(self.data.owed, sid):
                self.changes.remove(self.data.owed, sid)

    def owed(self) -> list[str]:
        rows = sorted(self.changes.all(self.data.owed), key=lambda row: (row.since, row.sid))
        return [f"{row.message_sid}/{row.sid}" if row.message_sid else row.sid for row in rows]

    def _emergencies(self) -> Iterator[EmergencyRow]:
        return self.changes.all(self.data.emergencies)

    def _about(self, ids: Collection[int], numbers: Collection[str]) -> Iterator[CarrierRow]:
        for row in self.changes.all(self.data.carrier):
            if row.emergency_id in ids or row.from_number in numbers or row.to_number in numbers:
                yield row

    def _why_told(self, row: EmergencyRow) -> str | None:
        story = self.changes.get(self.data.ledger, row.id)
        excluded = [entry for entry in story.entries if entry.kind == "Excluded"] if story else []
        return reason_told(exclusion_of(str(excluded[-1].body.get("why"))), None) if excluded else row.excluded_why

    def _untold(self, row: OutboxRow, now: datetime) -> OutboxRow:
        if row.kind != OutboxKind.WEBHOOK:
            return row
        row = replace(row, payload=unsaid(row.payload))
        if row.finished_at:
            return row
        return replace(row, state=OutboxState.CANCELLED, finished_at=now, error=ERASED, fence=row.fence + 1)

    def _unsay(self, row: OutboxRow) -> None:
        self.changes.set(self.data.outbox, replace(row, number=None, text=None))

    def _forget_numbers(self, row: CarrierRow) -> None:
        self.changes.set(self.data.carrier, replace(row, from_number="", to_number=""))

    def _set(self, table: Table[Any, Any], row: Any, **changes: Any) -> None:
        self.changes.set(table, replace(row, **changes))

    def _each(self, rows: Sequence[Any], limit: int, do: Callable[[Any], None]) -> int:
        for row in rows[:limit]:
            do(row)
        return len(rows[:limit])
