"""Policies that were in force, results of the last checks, and how far each comparison with Twilio's lists got."""

import hashlib
from datetime import datetime

from sqlalchemy import bindparam, delete
from sqlmodel import Session, col, select

from callbacks.store.checks import BaseChecks
from callbacks.store.rows import PolicyRow, SweepRow
from callbacks.store.sql import tables as t
from callbacks.store.sql.values import Values

POLICIES, SWEEPS = Values(t.Policy, PolicyRow), Values(t.Sweep, SweepRow)
NEWEST_FIRST = POLICIES.select().order_by(POLICIES.table.c.id.desc())
SWEEP = SWEEPS.select().where(SWEEPS.table.c.name == bindparam("given"))


def policy_digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def remember_policy(session: Session, text: str, now: datetime) -> bool:
    """Puts a policy down, unless it is the last one; whether it was another."""
    last = POLICIES.first(session, NEWEST_FIRST.limit(1))
    if last and last.digest == policy_digest(text):
        return False
    POLICIES.insert(session, [PolicyRow(digest=policy_digest(text), text=text, since=now)])
    return True


def versions(session: Session) -> list[PolicyRow]:
    """The newest first."""
    return POLICIES.all(session, NEWEST_FIRST)


# The last results of the checks that a person asked for on a page, so that every node shows them.

KEPT = 20


def keep_examination(session: Session, now: datetime, who: str, result: str) -> None:
    """Keeps a result, and the few before it."""
    session.add(t.Examination(at=now, who=who[:120], result=result))
    session.flush()
    newest = select(t.Examination.id).order_by(col(t.Examination.id).desc()).limit(KEPT)
    kept = session.exec(newest).all()
    session.execute(delete(t.Examination).where(col(t.Examination.id).not_in(kept)))


def latest_examination(session: Session) -> t.Examination | None:
    return session.exec(select(t.Examination).order_by(col(t.Examination.id).desc())).first()


class SqlChecks(BaseChecks):
    """The questions and writes of `checks` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def _get(self, name: str) -> SweepRow | None:
        return SWEEPS.first(self.session, SWEEP, {"given": name})

    def _set(self, row: SweepRow) -> None:
        SWEEPS.set(self.session, row)

    def forget(self, name: str) -> None:
        self.session.execute(delete(SWEEPS.table).where(SWEEPS.table.c.name == name))
