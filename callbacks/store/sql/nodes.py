"""Heartbeats of our processes, and the outages that they reveal."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, Update, bindparam, func, insert, select, update
from sqlmodel import Session

from callbacks.store.rows import OutageRow
from callbacks.store.sql import tables as t
from callbacks.store.sql.values import Values

ENGINE = "engine"
SILENCE = timedelta(seconds=15)
LIVELY = timedelta(seconds=6)
OUTAGES = Values(t.Outage, OutageRow)
_NODES = t.Node.__table__  # type: ignore[attr-defined]
_N = _NODES.c
_LAST = select(func.max(_N.beat_at)).where(_N.role == ENGINE)
_OTHERS = (
    select(_N.id)
    .where(_N.role == ENGINE, _N.id != bindparam("node"), _N.stopped_at.is_(None), _N.beat_at > bindparam("since"))
    .limit(1)
)
_OUTAGES = OUTAGES.select().where(OUTAGES.table.c.ended_at > bindparam("since"))
_BEAT = update(_NODES).where(_N.id == bindparam("node")).values(beat_at=bindparam("now"))
_STOP = update(_NODES).where(_N.id == bindparam("node")).values(beat_at=bindparam("now"), stopped_at=bindparam("now"))
_BEGIN = (
    update(_NODES)
    .where(_N.id == bindparam("node"))
    .values(
        role=ENGINE, version=bindparam("by"), started_at=bindparam("now"), beat_at=bindparam("now"), stopped_at=None
    )
)
_ADD = insert(_NODES)


class SqlNodes:
    """The questions and writes of `nodes` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def start(self, node: str, version: str, now: datetime) -> OutageRow | None:
        before = self.last_beat()
        outage = OutageRow(began_at=before, ended_at=now) if before and now - before > SILENCE else None
        if outage:
            OUTAGES.insert(self.session, [outage])
        if not self._wrote(_BEGIN, {"node": node, "by": version, "now": now}):
            self._add(node, version, now)
        return outage

    def beat(self, node: str, version: str, now: datetime) -> None:
        if not self._wrote(_BEAT, {"node": node, "now": now}):
            self._add(node, version, now)

    def stop(self, node: str, now: datetime) -> None:
        self.session.execute(_STOP, {"node": node, "now": now})

    def last_beat(self) -> datetime | None:
        return self.session.execute(_LAST).scalar()

    def others_live(self, node: str, now: datetime) -> bool:
        return self.session.execute(_OTHERS, {"node": node, "since": now - LIVELY}).first() is not None

    def outages_since(self, since: datetime) -> list[OutageRow]:
        return OUTAGES.all(self.session, _OUTAGES, {"since": since})

    def _wrote(self, statement: Update, given: dict[str, Any]) -> bool:
        done: CursorResult[Any] = self.session.connection().execute(statement, given)
        return done.rowcount > 0

    def _add(self, node: str, version: str, now: datetime) -> None:
        row = {"id": node, "role": ENGINE, "version": version, "started_at": now, "beat_at": now}
        self.session.execute(_ADD, row)
