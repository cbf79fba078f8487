"""Heartbeats of our processes, and the outages that they reveal."""

from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from callbacks.store.sql.tables import NodeRow, OutageRow

ENGINE = "engine"
SILENCE = timedelta(seconds=15)
LIVELY = timedelta(seconds=6)


def start(session: Session, node: str, version: str, now: datetime) -> OutageRow | None:
    """Registers an engine. If none had beaten for a while before, that outage is written down."""
    outage = _gap(session, now)
    if outage:
        session.add(outage)
    session.merge(_engine(node, version, now))
    return outage


def beat(session: Session, node: str, version: str, now: datetime) -> None:
    """One heartbeat. Who is not known any more, since a database came back without its last commits, is again."""
    row = session.get(NodeRow, node) or _engine(node, version, now)
    row.beat_at = now
    session.add(row)


def stop(session: Session, node: str, now: datetime) -> None:
    row = session.get(NodeRow, node)
    if row:
        row.beat_at, row.stopped_at = now, now
        session.add(row)


def last_beat(session: Session) -> datetime | None:
    """The latest heartbeat of any engine."""
    return session.exec(select(func.max(NodeRow.beat_at)).where(col(NodeRow.role) == ENGINE)).one()


def others_live(session: Session, node: str, now: datetime) -> bool:
    """Whether another engine had a heartbeat lately."""
    other = (col(NodeRow.role) == ENGINE) & (col(NodeRow.id) != node) & col(NodeRow.stopped_at).is_(None)
    live = other & (col(NodeRow.beat_at) > now - LIVELY)
    return session.exec(select(NodeRow.id).where(live).limit(1)).first() is not None


def outages_since(session: Session, since: datetime) -> list[OutageRow]:
    return list(session.exec(select(OutageRow).where(col(OutageRow.ended_at) > since)))


def _engine(node: str, version: str, now: datetime) -> NodeRow:
    return NodeRow(id=node, role=ENGINE, version=version, started_at=now, beat_at=now)


def _gap(session: Session, now: datetime) -> OutageRow | None:
    before = last_beat(session)
    return OutageRow(began_at=before, ended_at=now) if before and now - before > SILENCE else None
