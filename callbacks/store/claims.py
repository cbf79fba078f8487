"""Which node works on which due emergency: a short committed claim with owner, lease and fence."""

from datetime import datetime, timedelta

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from callbacks.store.database import by_no_index
from callbacks.store.tables import EmergencyRow


def claim_wakes(session: Session, now: datetime, owner: str, lease: timedelta, limit: int) -> list[tuple[int, int]]:
    """(id, fence) of due emergencies, now leased to `owner`. The caller commits at once."""
    free = (col(EmergencyRow.lease_until).is_(None)) | (col(EmergencyRow.lease_until) <= now)
    query = select(EmergencyRow).where(col(EmergencyRow.wake_at) <= now, free)
    query = query.order_by(by_no_index(EmergencyRow.due_at)).limit(limit)
    claimed = []
    for row in session.exec(query.with_for_update(skip_locked=True)):
        row.owner, row.lease_until, row.fence = owner, now + lease, row.fence + 1
        session.add(row)
        assert row.id is not None
        claimed.append((row.id, row.fence))
    return claimed


def release(session: Session, emergency_id: int, fence: int) -> None:
    """Gives a claim back, if it is still ours."""
    row = session.get(EmergencyRow, emergency_id)
    if row and row.fence == fence:
        row.owner, row.lease_until = None, None
        session.add(row)


def expire_all(session: Session, now: datetime) -> None:
    """Every claim runs out now: for a start that knows that no other engine is alive."""
    session.execute(update(EmergencyRow).where(col(EmergencyRow.lease_until).is_not(None)).values(lease_until=now))


def next_wake(session: Session) -> datetime | None:
    """When the next emergency is due; a leased one counts when its lease runs out."""
    wakes, is_leased = col(EmergencyRow.wake_at).is_not(None), col(EmergencyRow.lease_until).is_not(None)
    free = select(func.min(EmergencyRow.wake_at)).where(wakes, ~is_leased)
    leased = select(func.min(EmergencyRow.lease_until)).where(wakes, is_leased)
    found = [session.exec(free).one(), session.exec(leased).one()]
    return min((x for x in found if x), default=None)
