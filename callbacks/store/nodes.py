"""Signs of life of our own processes, and the outages they reveal."""

from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from callbacks.store.tables import NodeRow, OutageRow

SILENCE = timedelta(seconds=15)
LIVELY = timedelta(seconds=6)


def start(session: Session, node: str, role: str, version: str, now: datetime) -> OutageRow | None:
    """Registers a process. If no engine had beaten for a while before, that outage is written down."""
    outage = _gap(session, now) if role == "engine" else None
    if outage:
        session.add(outage)
    session.merge(NodeRow(id=node, role=role, version=version, started_at=now, beat_at=now))
    return outage


def beat(session: Session, node: str, now: datetime) -> None:
    row = session.get(NodeRow, node)
    if row:
        row.beat_at = now
        session.add(row)


def stop(session: Session, node: str, now: datetime) -> None:
    row = session.get(NodeRow, node)
    if row:
        row.beat_at, row.stopped_at = now, now
        session.add(row)


def last_beat(session: Session) -> datetime | None:
    """The latest sign of life of any engine."""
    return session.exec(select(func.max(NodeRow.beat_at)).where(col(NodeRow.role) == "engine")).one()


def others_live(session: Session, node: str, now: datetime) -> bool:
    """Whether another engine gave a sign of life lately."""
    other = (col(NodeRow.role) == "engine") & (col(NodeRow.id) != node) & col(NodeRow.stopped_at).is_(None)
    live = other & (col(NodeRow.beat_at) > now - LIVELY)
    return session.exec(select(NodeRow.id).where(live).limit(1)).first() is not None


def outages_since(session: Session, since: datetime) -> list[OutageRow]:
    return list(session.exec(select(OutageRow).where(col(OutageRow.ended_at) > since)))


def _gap(session: Session, now: datetime) -> OutageRow | None:
    before = last_beat(session)
    return OutageRow(began_at=before, ended_at=now) if before and now - before > SILENCE else None
