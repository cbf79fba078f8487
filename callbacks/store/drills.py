"""Drills that were held: whom they paged, and how soon somebody answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from callbacks.emergency.model import Outcome
from callbacks.policy.model import Priority
from callbacks.store.tables import EmergencyRow, OutboxRow


@dataclass(frozen=True, slots=True)
class Drill:
    """`seconds` from the opening to the acknowledgement; None while, or because, nobody has answered."""

    id: int
    person: str
    at: datetime
    seconds: int | None
    is_open: bool


def latest(session: Session, limit: int) -> Sequence[Drill]:
    """The newest first."""
    query = select(EmergencyRow).where(col(EmergencyRow.drill)).order_by(col(EmergencyRow.opened_at).desc())
    return _drills(session, list(session.exec(query.limit(limit))))


def open_since(session: Session, before: datetime) -> Sequence[Drill]:
    """Those begun before this that are open still: nobody has answered them."""
    is_old = col(EmergencyRow.drill) & col(EmergencyRow.is_open) & (col(EmergencyRow.opened_at) < before)
    return _drills(session, list(session.exec(select(EmergencyRow).where(is_old))))


def somebody_waits(session: Session) -> bool:
    """Whether a callback is owed on a P1: neither reached nor tried in vain."""
    row = EmergencyRow
    waits = (
        col(row.is_open)
        & col(row.drill).is_(False)
        & (col(row.priority) == Priority.P1)
        & col(row.contact_at).is_(None)
    )
    owed = waits & col(row.outcome).in_((Outcome.PENDING, Outcome.MISSED))
    return session.exec(select(row.id).where(owed).limit(1)).first() is not None


def _drills(session: Session, rows: Sequence[EmergencyRow]) -> list[Drill]:
    paged = select(OutboxRow.emergency_id, OutboxRow.person).where(
        col(OutboxRow.emergency_id).in_([r.id for r in rows]), col(OutboxRow.person).is_not(None)
    )
    people = dict(session.exec(paged).all())
    return [_drill(row, people.get(row.id) or "") for row in rows]


def _drill(row: EmergencyRow, person: str) -> Drill:
    answered = row.first_acknowledged_at or row.acknowledged_at
    seconds = round((answered - row.opened_at).total_seconds()) if answered else None
    return Drill(row.id, row.acknowledged_by or person, row.opened_at, seconds, row.is_open)
