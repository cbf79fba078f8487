"""Browsers that are logged in: rows, so that each can be ended; the cookie's secret is kept as its digest."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, update
from sqlmodel import Session, col, select

from callbacks.store.sql import tables as t

IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=7)
HALF = timedelta(minutes=15)  # for what is still asked after the password
SEEN_EVERY = timedelta(minutes=1)


def begin(session: Session, user_id: int, now: datetime, passed: bool, agent: str, address: str) -> str:
    """The secret of a new session; `passed` when nothing more is asked."""
    secret = secrets.token_urlsafe(32)
    session.add(
        t.Session(
            digest=digest(secret),
            id=secrets.token_hex(8),
            user_id=user_id,
            created_at=now,
            seen_at=now,
            passed=passed,
            agent=agent[:200],
            address=address[:64],
        )
    )
    return secret


def find(session: Session, secret: str, now: datetime) -> tuple[t.Session, t.User] | None:
    """The session behind a cookie and its user; None when it ended, ran out, or the user may not log in any more."""
    row = session.get(t.Session, digest(secret))
    if row is None or row.revoked_at or now - row.seen_at > IDLE:
        return None
    if now - row.created_at > (ABSOLUTE if row.passed else HALF):
        return None
    user = session.get(t.User, row.user_id)
    return (row, user) if user and not user.disabled_at else None


def seen(session: Session, session_digest: str, now: datetime) -> None:
    row = session.get(t.Session, session_digest)
    if row:
        row.seen_at = now


def of_user(session: Session, user_id: int, now: datetime) -> Sequence[t.Session]:
    """The ones that still count, the newest first."""
    live = col(t.Session.revoked_at).is_(None) & col(t.Session.passed) & (col(t.Session.seen_at) > now - IDLE)
    mine = (col(t.Session.user_id) == user_id) & live & (col(t.Session.created_at) > now - ABSOLUTE)
    return session.exec(select(t.Session).where(mine).order_by(col(t.Session.created_at).desc())).all()


def end(session: Session, session_id: str, now: datetime) -> bool:
    """Ends one by its public id; False when there is none."""
    row = session.exec(select(t.Session).where(t.Session.id == session_id)).first()
    if row is None or row.revoked_at:
        return False
    row.revoked_at = now
    session.add(row)
    return True


def end_all(session: Session, user_id: int, now: datetime, but: str = "") -> None:
    """Ends a user's sessions, except the one with the digest `but`."""
    mine = (col(t.Session.user_id) == user_id) & col(t.Session.revoked_at).is_(None) & (col(t.Session.digest) != but)
    session.execute(update(t.Session).where(mine).values(revoked_at=now))


def end_halves(session: Session, user_id: int, now: datetime) -> None:
    """Ends a user's sessions that still wait for the second factor."""
    mine = (col(t.Session.user_id) == user_id) & col(t.Session.revoked_at).is_(None) & ~col(t.Session.passed)
    session.execute(update(t.Session).where(mine).values(revoked_at=now))


def end_without_factor(session: Session, roles: Sequence[str], now: datetime) -> int:
    """Ends what passed with a password alone for a role that needs a second factor: a version did that for auditors.
    Who comes by single sign-on alone has no factor of ours."""
    has_none = col(t.User.totp_since).is_(None) & col(t.User.password).is_not(None)
    users = select(t.User.id).where(col(t.User.role).in_(roles), has_none)
    live = col(t.Session.revoked_at).is_(None) & col(t.Session.passed) & col(t.Session.user_id).in_(users)
    done: CursorResult[Any] = session.execute(update(t.Session).where(live).values(revoked_at=now))  # type: ignore[assignment]
    return done.rowcount


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
