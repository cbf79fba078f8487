"""Policies that were in force, results of the last checks, and how far each comparison with Twilio's lists got."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from callbacks.store.sql import tables as t


def policy_digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def remember_policy(session: Session, text: str, now: datetime) -> bool:
    """Puts a policy down, unless it is the last one; whether it was another."""
    last = latest_policies(session)
    if last and last.digest == policy_digest(text):
        return False
    session.add(t.Policy(digest=policy_digest(text), text=text, since=now))
    return True


def latest_policies(session: Session) -> t.Policy | None:
    return session.exec(select(t.Policy).order_by(col(t.Policy.id).desc())).first()


def versions(session: Session) -> Sequence[t.Policy]:
    """The newest first."""
    return session.exec(select(t.Policy).order_by(col(t.Policy.id).desc())).all()


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


# How far each comparison with the carrier's lists has succeeded.

MOST_ERROR = 200
# Not comparisons, but kept like them: when a request that claims our account was last refused, when a call or text was
# last found that no webhook told of, and whether the carrier takes our tokens.
REFUSED = "refused-webhooks"
FOUND = "found-by-sweep"
TOKEN = "webhook-token"


@dataclass(frozen=True, slots=True)
class Sweep:
    """How the last one ended, and what all of them cover; nothing before the first."""

    ran_at: datetime | None = None
    error: str | None = None
    succeeded_through: datetime | None = None


class SqlChecks:
    """The questions and writes of `checks` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def sweep(self, name: str) -> Sweep:
        """How the last comparison of this name ended."""
        row = self.session.get(t.Sweep, name)
        return Sweep(row.ran_at, row.error, row.succeeded_through) if row else Sweep()

    def forget(self, name: str) -> None:
        """Nothing is known of it any more."""
        self.session.execute(delete(t.Sweep).where(col(t.Sweep.name) == name))

    def note_sweep(self, name: str, now: datetime, through: datetime | None, error: str | None) -> None:
        """A comparison ran; `through` stays as it was when it failed."""
        row = self.session.get(t.Sweep, name) or t.Sweep(name=name)
        row.ran_at, row.error = now, error and error[:MOST_ERROR]
        row.succeeded_through = through or row.succeeded_through
        self.session.add(row)
