"""What people did, in memory, and the auditor's questions of the live rows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from callbacks.delivery import delivery_policy
from callbacks.delivery.outbox_row import PATIENT, UNSETTLED, OutboxState
from callbacks.emergency.model import Outcome, State
from callbacks.policy.model import Priority
from callbacks.store.audits import MOST_NAMED, PAGING, audited
from callbacks.store.memory.data import Data
from callbacks.store.memory.tables import Changes
from callbacks.store.rows import EmergencyRow


class MemoryAudits:
    """The questions and writes of `audits` in one transaction."""

    def __init__(self, changes: Changes, data: Data) -> None:
        self.changes, self.data = changes, data

    def put(self, now: datetime, who: str, via: str, action: str, about: str = "", **details: Any) -> None:
        row = audited(now, who, via, action, about, details)
        self.changes.add(self.data.audits, replace(row, id=self.data.next("audit")))

    def last_about(self, action: str, about: str) -> datetime | None:
        same = [row for row in self.changes.all(self.data.audits) if (row.action, row.about) == (action, about)]
        return max(same, key=lambda row: row.id).at if same else None

    def unwatched(self, now: datetime, grace: timedelta) -> Sequence[int]:
        return [e.id for e in self._open() if _is_owed(e) and _is_asleep(e, now, grace)][:MOST_NAMED]

    def unpaged(self, now: datetime, grace: timedelta) -> Sequence[int]:
        owed = [e.id for e in self._open() if _is_unanswered(e) and e.opened_at < now - grace]
        if not owed:
            return []
        asked = {row.emergency_id for row in self.changes.all(self.data.outbox) if row.kind in PAGING}
        return [emergency_id for emergency_id in owed if emergency_id not in asked][:MOST_NAMED]

    def unworkable(self, since: datetime) -> Sequence[int]:
        broken = [e for e in self._open() if e.failures >= delivery_policy.AFTER and e.opened_at > since]
        return [e.id for e in broken][:MOST_NAMED]

    def stuck(self, now: datetime, grace: timedelta) -> Sequence[str]:
        before = now - grace
        late = [row for row in self.changes.all(self.data.outbox) if row.state in UNSETTLED and row.due_at < before]
        left = [
            row
            for row in late
            if row.state != OutboxState.CLAIMED or (row.lease_until is not None and row.lease_until < before)
        ]
        return sorted({row.kind for row in left if row.kind not in PATIENT})

    def _open(self) -> list[EmergencyRow]:
        return [e for e in self.changes.some(self.data.emergencies) if e.is_open]


def _is_owed(e: EmergencyRow) -> bool:
    late = e.outcome in (Outcome.MISSED, Outcome.VOID) and e.state == State.OPEN
    can_wait = e.first_priority == Priority.P3 == e.priority
    return e.contact_at is None and (e.outcome == Outcome.PENDING or (late and not can_wait))


def _is_asleep(e: EmergencyRow, now: datetime, grace: timedelta) -> bool:
    is_claimed = e.lease_until is not None and e.lease_until > now
    return not is_claimed and (e.wake_at is None or e.wake_at < now - grace)


def _is_unanswered(e: EmergencyRow) -> bool:
    return e.priority == Priority.P1 and e.outcome == Outcome.PENDING and e.state == State.OPEN
