"""Finding emergencies: by reference, open or in a span of time, page by page."""

from datetime import datetime

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from callbacks.emergency.model import id_of
from callbacks.store.database import by_no_index
from callbacks.store.tables import EmergencyRow, OutboxRow


def by_ref(session: Session, ref: str) -> EmergencyRow | None:
    number = id_of(ref)
    return session.get(EmergencyRow, number) if number else None


def listed(
    session: Session,
    *,
    is_open: bool | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after_id: int = 0,
    limit: int | None = None,
    person: str | None = None,
) -> list[EmergencyRow]:
    """Oldest first; of one person when they are named. `since` and `until` bound the start of the call, half-open."""
    query = select(EmergencyRow).where(col(EmergencyRow.id) > after_id).order_by(col(EmergencyRow.id))
    if is_open is not None:
        query = query.where(col(EmergencyRow.is_open).is_(is_open))
    if person is not None:
        query = query.where(of_person(person))
    if since:
        query = query.where(col(EmergencyRow.call_started_at) >= since)
    if until:
        query = query.where(col(EmergencyRow.call_started_at) < until)
    return list(session.exec(query.limit(limit) if limit else query))


def count(session: Session) -> int:
    """All of them, drills included."""
    return session.exec(select(func.count()).select_from(EmergencyRow)).one()


def of_person(person: str) -> ColumnElement[bool]:
    """Emergencies that are somebody's own: paged for it, handed to them, or theirs now."""
    paged = select(OutboxRow.emergency_id).where(OutboxRow.person == person)
    return (col(EmergencyRow.acknowledged_by) == person) | col(EmergencyRow.id).in_(paged)


def open_by_deadline(session: Session, person: str | None, limit: int, skip: int = 0) -> tuple[list[EmergencyRow], int]:
    """The open ones, earliest deadline first, and how many there are; of one person when they are named."""
    which: ColumnElement[bool] = col(EmergencyRow.is_open).is_(True)
    if person is not None:
        which &= of_person(person)
    query = select(EmergencyRow).where(which).order_by(col(EmergencyRow.due_at), col(EmergencyRow.id))
    total = session.exec(select(func.count()).select_from(EmergencyRow).where(which)).one()
    return list(session.exec(query.offset(skip).limit(limit))), total


def closed_since(session: Session, since: datetime, person: str | None, limit: int) -> list[EmergencyRow]:
    """Those whose call began since then and that are over, newest first; drills left out."""
    which = (col(EmergencyRow.call_started_at) >= since) & by_no_index(EmergencyRow.is_open).is_(False)
    which &= col(EmergencyRow.drill).is_(False)
    if person is not None:
        which &= of_person(person)
    return list(session.exec(select(EmergencyRow).where(which).order_by(col(EmergencyRow.id).desc()).limit(limit)))
