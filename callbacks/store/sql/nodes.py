"""Heartbeats of our processes, and the outages that they reveal."""

from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from callbacks.store.sql import tables as t

ENGINE = "engine"
SILENCE = timedelta(seconds=15)
LIVELY = timedelta(seconds=6)


class SqlNodes:
    """The questions and writes of `nodes` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def start(self, node: str, version: str, now: datetime) -> t.Outage | None:
        """Registers an engine. If none had beaten for a while before, that outage is written down."""
        outage = _gap(self.session, now)
        if outage:
            self.session.add(outage)
        self.session.merge(_engine(node, version, now))
        return outage

    def beat(self, node: str, version: str, now: datetime) -> None:
        """One heartbeat. Who is not known any more, since a database came back without its last commits, is again."""
        row = self.session.get(t.Node, node) or _engine(node, version, now)
        row.beat_at = now
        self.session.add(row)

    def stop(self, node: str, now: datetime) -> None:
        row = self.session.get(t.Node, node)
        if row:
            row.beat_at, row.stopped_at = now, now
            self.session.add(row)

    def last_beat(self) -> datetime | None:
        """The latest heartbeat of any engine."""
        return self.session.exec(select(func.max(t.Node.beat_at)).where(col(t.Node.role) == ENGINE)).one()

    def others_live(self, node: str, now: datetime) -> bool:
        """Whether another engine had a heartbeat lately."""
        other = (col(t.Node.role) == ENGINE) & (col(t.Node.id) != node) & col(t.Node.stopped_at).is_(None)
        live = other & (col(t.Node.beat_at) > now - LIVELY)
        return self.session.exec(select(t.Node.id).where(live).limit(1)).first() is not None

    def outages_since(self, since: datetime) -> list[t.Outage]:
        return list(self.session.exec(select(t.Outage).where(col(t.Outage.ended_at) > since)))


def _engine(node: str, version: str, now: datetime) -> t.Node:
    return t.Node(id=node, role=ENGINE, version=version, started_at=now, beat_at=now)


def _gap(session: Session, now: datetime) -> t.Outage | None:
    before = SqlNodes(session).last_beat()
    return t.Outage(began_at=before, ended_at=now) if before and now - before > SILENCE else None
