"""What supervisors were told once, and handoffs with their confirmations."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select

from callbacks.store.sql.tables import HandoffRow, NoticeRow

CONFIRMABLE = timedelta(hours=24)


def is_news(session: Session, key: str, now: datetime) -> bool:
    """Writes the key down; False if it was there."""
    if session.get(NoticeRow, key[:160]):
        return False
    session.add(NoticeRow(key=key[:160], at=now))
    return True


def is_due(session: Session, key: str, again: timedelta, now: datetime) -> bool:
    """Writes down that it is told now; False if that was less than `again` ago."""
    row = session.get(NoticeRow, key[:160]) or NoticeRow(key=key[:160], at=now - again)
    if now - row.at < again:
        return False
    row.at = now
    session.add(row)
    return True


def last(session: Session, key: str) -> datetime | None:
    """When it was told last, by any node."""
    row = session.get(NoticeRow, key[:160])
    return row.at if row else None


def write(session: Session, keys: Iterable[str], at: datetime) -> None:
    """Writes down when these were told."""
    for key in {key[:160] for key in keys}:
        session.merge(NoticeRow(key=key, at=at))


def forget(session: Session, beginning: str) -> None:
    """Takes back every key that begins so."""
    session.execute(delete(NoticeRow).where(col(NoticeRow.key).startswith(beginning, autoescape=True)))


def is_known(session: Session, key: str) -> bool:
    """Whether the key was written down."""
    return session.get(NoticeRow, key[:160]) is not None


def add_handoff(session: Session, row: HandoffRow) -> bool:
    """Writes a handoff down; False if it was there."""
    known = select(HandoffRow.id).where(HandoffRow.rotation == row.rotation, HandoffRow.at == row.at)
    if session.exec(known).first() is not None:
        return False
    session.add(row)
    session.flush()
    return True


def is_told(session: Session, rotation: str, person: str, since: datetime) -> bool:
    """Whether the rotation's last handoff since then was told, and went to this person."""
    query = select(HandoffRow.incoming).where(HandoffRow.rotation == rotation, col(HandoffRow.at) >= since)
    return session.exec(query.order_by(col(HandoffRow.at).desc())).first() == person


def latest(session: Session, limit: int) -> list[HandoffRow]:
    """The last handoffs, newest first."""
    return list(session.exec(select(HandoffRow).order_by(col(HandoffRow.at).desc()).limit(limit)))


def confirm(session: Session, person: str, now: datetime) -> list[HandoffRow]:
    """The person's latest unconfirmed handoffs, confirmed now."""
    query = select(HandoffRow).where(
        HandoffRow.incoming == person, col(HandoffRow.confirmed_at).is_(None), col(HandoffRow.at) > now - CONFIRMABLE
    )
    found = list(session.exec(query.order_by(col(HandoffRow.at))))
    for row in found:
        row.confirmed_at = now
        session.add(row)
    return found


def unconfirmed(session: Session, before: datetime, after: datetime) -> list[HandoffRow]:
    """Handoffs in a span that nobody confirmed and no supervisor was told of."""
    query = select(HandoffRow).where(
        col(HandoffRow.confirmed_at).is_(None),
        col(HandoffRow.escalated_at).is_(None),
        col(HandoffRow.at) <= before,
        col(HandoffRow.at) > after,
    )
    return list(session.exec(query))
