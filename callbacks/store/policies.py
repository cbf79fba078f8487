"""Which policies were in force, and since when: one row each time a process starts with another text."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from callbacks.store.tables import PolicyRow


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def remember(session: Session, text: str, now: datetime) -> bool:
    """Puts a policy down, unless it is the last one; whether it was another."""
    last = latest(session)
    if last and last.digest == digest(text):
        return False
    session.add(PolicyRow(digest=digest(text), text=text, since=now))
    return True


def latest(session: Session) -> PolicyRow | None:
    return session.exec(select(PolicyRow).order_by(col(PolicyRow.id).desc())).first()


def versions(session: Session) -> Sequence[PolicyRow]:
    """The newest first."""
    return session.exec(select(PolicyRow).order_by(col(PolicyRow.id).desc())).all()
