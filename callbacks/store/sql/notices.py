"""What supervisors were told once, and handoffs with their confirmations."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import bindparam, delete, select, update
from sqlmodel import Session

from callbacks.store.notices import CONFIRMABLE, BaseNotices
from callbacks.store.rows import HandoffRow, NoticeRow
from callbacks.store.sql import tables as t
from callbacks.store.sql.values import Values

NOTICES, HANDOFFS = Values(t.Notice, NoticeRow), Values(t.Handoff, HandoffRow)
KEY, TURN = NOTICES.table.c.key, HANDOFFS.table.c
NOTICE = NOTICES.select().where(bindparam("given") == KEY)


class SqlNotices(BaseNotices):
    """The questions and writes of `notices` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def _get(self, key: str) -> NoticeRow | None:
        return NOTICES.first(self.session, NOTICE, {"given": key})

    def _add(self, row: NoticeRow) -> None:
        NOTICES.insert(self.session, [row])

    def _set(self, row: NoticeRow) -> None:
        NOTICES.set(self.session, row)

    def forget(self, beginning: str) -> None:
        self.session.execute(delete(NOTICES.table).where(KEY.startswith(beginning, autoescape=True)))

    def add_handoff(self, row: HandoffRow) -> bool:
        known = select(TURN.id).where(TURN.rotation == row.rotation, TURN.at == row.at)
        if self.session.execute(known).first() is not None:
            return False
        HANDOFFS.insert(self.session, [row])
        return True

    def is_told(self, rotation: str, person: str, since: datetime) -> bool:
        query = select(TURN.incoming).where(TURN.rotation == rotation, TURN.at >= since)
        return self.session.scalars(query.order_by(TURN.at.desc())).first() == person

    def confirm(self, person: str, now: datetime) -> list[HandoffRow]:
        latest = HANDOFFS.select().where(
            TURN.incoming == person, TURN.confirmed_at.is_(None), TURN.at > now - CONFIRMABLE
        )
        found = HANDOFFS.all(self.session, latest.order_by(TURN.at))
        if found:
            mine = update(HANDOFFS.table).where(TURN.id.in_([row.id for row in found]))
            self.session.execute(mine.values(confirmed_at=now))
        return [replace(row, confirmed_at=now) for row in found]

    def unconfirmed(self, before: datetime, after: datetime) -> list[HandoffRow]:
        open_ones = HANDOFFS.select().where(TURN.confirmed_at.is_(None), TURN.escalated_at.is_(None))
        return HANDOFFS.all(self.session, open_ones.where(TURN.at <= before, TURN.at > after).order_by(TURN.at))

    def escalate(self, row: HandoffRow, now: datetime) -> None:
        HANDOFFS.change(self.session, {"id": row.id}, {"escalated_at": now})


def latest(session: Session, limit: int) -> list[HandoffRow]:
    """The last handoffs, newest first."""
    return HANDOFFS.all(session, HANDOFFS.select().order_by(TURN.at.desc()).limit(limit))
