"""Finding emergencies: by reference, open or in a span of time, page by page."""

import re
from datetime import datetime

from sqlmodel import Session, col, select

from callbacks.store.tables import EmergencyRow

REF = re.compile(r"[Ee]?-?0*(\d{1,9})")


def id_of(ref: str) -> int | None:
    """The row id of E-000042, e-42 or 42."""
    match = REF.fullmatch(ref.strip())
    return int(match[1]) if match else None


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
) -> list[EmergencyRow]:
    """Oldest first; `since` and `until` bound the start of the call, half-open."""
    query = select(EmergencyRow).where(col(EmergencyRow.id) > after_id).order_by(col(EmergencyRow.id))
    if is_open is not None:
        query = query.where(col(EmergencyRow.is_open).is_(is_open))
    if since:
        query = query.where(col(EmergencyRow.call_started_at) >= since)
    if until:
        query = query.where(col(EmergencyRow.call_started_at) < until)
    return list(session.exec(query.limit(limit) if limit else query))


def latest_closed(session: Session, limit: int) -> list[EmergencyRow]:
    """The newest ones that are over, newest first."""
    query = select(EmergencyRow).where(col(EmergencyRow.is_open).is_(False))
    return list(session.exec(query.order_by(col(EmergencyRow.id).desc()).limit(limit)))
