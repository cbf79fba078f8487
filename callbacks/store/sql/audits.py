"""The audit log of what people did outside one emergency (no numbers, words or secrets), and the auditor's queries."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func
from sqlmodel import Session, col, or_, select

from callbacks.delivery import delivery_policy
from callbacks.delivery.outbox_row import PATIENT, UNSETTLED, OutboxState
from callbacks.emergency.model import Outcome, State
from callbacks.policy.model import Priority
from callbacks.store.audits import MOST_NAMED, PAGING, audited
from callbacks.store.rows import AuditRow
from callbacks.store.sql import tables as t
from callbacks.store.sql.expressions import by_no_index
from callbacks.store.sql.values import Values

TOGETHER = timedelta(hours=1)
AUDITS = Values(t.Audit, AuditRow)
AUDIT = AUDITS.table.c
LAST_ABOUT = (
    AUDITS.select()
    .with_only_columns(AUDIT.at)
    .where(AUDIT.action == bindparam("done"), AUDIT.about == bindparam("whom"))
    .order_by(AUDIT.id.desc())
    .limit(1)
)


class SqlAudits:
    """The questions and writes of `audits` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def put(self, now: datetime, who: str, via: str, action: str, about: str = "", **details: Any) -> None:
        AUDITS.insert(self.session, [audited(now, who, via, action, about, details)])

    def last_about(self, action: str, about: str) -> datetime | None:
        return self.session.scalars(LAST_ABOUT, {"done": action, "whom": about}).first()

    def unwatched(self, now: datetime, grace: timedelta) -> Sequence[int]:
        live = col(t.Emergency.lease_until) > now
        asleep = or_(col(t.Emergency.wake_at).is_(None), col(t.Emergency.wake_at) < now - grace)
        first = col(t.Emergency.first_priority)
        late = col(t.Emergency.outcome).in_((Outcome.MISSED, Outcome.VOID)) & (t.Emergency.state == State.OPEN)
        late &= or_(first.is_(None), first != Priority.P3, first != t.Emergency.priority)
        owed = col(t.Emergency.is_open) & col(t.Emergency.contact_at).is_(None)
        owed &= (col(t.Emergency.outcome) == Outcome.PENDING) | late
        lost = owed & asleep & or_(col(t.Emergency.lease_until).is_(None), ~live)
        return list(self.session.exec(select(t.Emergency.id).where(lost).limit(MOST_NAMED)))

    def unpaged(self, now: datetime, grace: timedelta) -> Sequence[int]:
        about = (col(t.Outbox.emergency_id) == t.Emergency.id) & col(t.Outbox.kind).in_(PAGING)
        asked = select(t.Outbox.id).where(about).exists()
        old = (col(t.Emergency.opened_at) < now - grace) & (t.Emergency.priority == Priority.P1)
        owed = col(t.Emergency.is_open) & (t.Emergency.outcome == Outcome.PENDING) & (t.Emergency.state == State.OPEN)
        return list(self.session.exec(select(t.Emergency.id).where(owed & old & ~asked).limit(MOST_NAMED)))

    def unworkable(self, since: datetime) -> Sequence[int]:
        broken = (
            col(t.Emergency.is_open) & (t.Emergency.failures >= delivery_policy.AFTER) & (t.Emergency.opened_at > since)
        )
        return list(self.session.exec(select(t.Emergency.id).where(broken).limit(MOST_NAMED)))

    def stuck(self, now: datetime, grace: timedelta) -> Sequence[str]:
        waiting = col(t.Outbox.state).in_(UNSETTLED) & col(t.Outbox.kind).not_in(PATIENT)
        late = (col(t.Outbox.due_at) < now - grace) & or_(
            col(t.Outbox.state) != OutboxState.CLAIMED, col(t.Outbox.lease_until) < now - grace
        )
        return sorted(set(self.session.exec(select(t.Outbox.kind).where(waiting & late).limit(100))))


def put_or_count(session: Session, now: datetime, who: str, via: str, action: str, about: str) -> None:
    """As `put`; the same within an hour is counted (`times`) in the row that is there."""
    same = (AUDIT.action == action) & (AUDIT.who == who[:120]) & (AUDIT.about == about[:200])
    recent = AUDITS.select().where(same, AUDIT.at > now - TOGETHER).order_by(AUDIT.id.desc()).limit(1)
    row = AUDITS.first(session, recent)
    if row is None:
        return SqlAudits(session).put(now, who, via, action, about, times=1)
    AUDITS.change(session, {"id": row.id}, {"details": json.dumps({"times": times(row) + 1})})
    return None


def times(row: AuditRow) -> int:
    """How often it happened within the row's hour."""
    return int(json.loads(row.details).get("times", 1))


def of_logins(session: Session, who: str, limit: int) -> list[AuditRow]:
    """The newest logins and refused ones of an account first."""
    mine = (AUDIT.who == who[:120]) & AUDIT.action.in_(("user.logged-in", "login.refused"))
    return AUDITS.all(session, AUDITS.select().where(mine).order_by(AUDIT.id.desc()).limit(limit))


def latest(session: Session, limit: int = 100, action: str | None = None) -> list[AuditRow]:
    """The newest first."""
    query = AUDITS.select().order_by(AUDIT.id.desc()).limit(limit)
    return AUDITS.all(session, query.where(AUDIT.action.startswith(action)) if action else query)


# What must be true of the live rows, asked without regard to locks or claims: the auditor's questions.


def outbox_age(session: Session, now: datetime) -> float:
    """Seconds that the oldest row which is due has waited; 0 when none is."""
    waiting = col(t.Outbox.state).in_((OutboxState.QUEUED, OutboxState.AMBIGUOUS)) & (col(t.Outbox.due_at) <= now)
    oldest = session.exec(select(func.min(by_no_index(t.Outbox.due_at))).where(waiting)).one()
    return (now - oldest).total_seconds() if oldest else 0.0
