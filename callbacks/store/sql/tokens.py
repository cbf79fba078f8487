"""API tokens: shown once, kept as digests."""

import hashlib
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from callbacks.oncall.roster import Role
from callbacks.store.sql import tables as t
from callbacks.store.sql import users
from callbacks.store.sql.people import SqlPeople

DEFAULT_DAYS = 365


def new_token(
    session: Session,
    role: str,
    now: datetime,
    name: str = "",
    person: str | None = None,
    expires_at: datetime | None = None,
    by: str = "",
) -> str:
    """The secret of a new token; a technician's sees what is `person`'s. Raises ValueError for a role there is not."""
    if role not in tuple(Role):
        raise ValueError(f"there is no role {role!r}; use one of {', '.join(Role)}")
    secret = f"cb_{secrets.token_urlsafe(32)}"
    session.add(
        t.Token(
            id=secrets.token_hex(8),
            digest=_digest(secret),
            role=role,
            name=name[:64],
            person=person,
            created_at=now,
            created_by=by[:120],
            expires_at=expires_at,
        )
    )
    return secret


def find(session: Session, secret: str, now: datetime) -> t.Token | None:
    """The token of a secret; None when there is none, it ended, or its person left or may not log in any more."""
    row = session.exec(select(t.Token).where(t.Token.digest == _digest(secret))).first()
    if row is None or row.revoked_at or (row.expires_at and row.expires_at <= now):
        return None
    return row if row.person is None or is_with_us(session, row.person) else None


def is_with_us(session: Session, person: str) -> bool:
    """Whether a person is on the roster, and not somebody whose every account was disabled."""
    return SqlPeople(session).current_roster().person(person) is not None and not users.is_disabled(session, person)


def everything(session: Session) -> Sequence[t.Token]:
    """The newest first."""
    return session.exec(select(t.Token).order_by(col(t.Token.created_at).desc())).all()


def revoke(session: Session, token_id: str, now: datetime) -> bool:
    """False when there is none, or it was revoked before."""
    row = session.get(t.Token, token_id)
    if row is None or row.revoked_at:
        return False
    row.revoked_at = now
    session.add(row)
    return True


def made_by(session: Session, user: t.User, now: datetime) -> list[t.Token]:
    """The live tokens that a user made for others or for programs: they go on when the user is disabled."""
    names = {user.email, user.person or user.email}
    return [t for t in everything(session) if t.created_by in names and is_live(t, now)]


def is_live(row: t.Token, now: datetime) -> bool:
    return row.revoked_at is None and (row.expires_at is None or row.expires_at > now)


def revoke_of(session: Session, person: str, now: datetime, roles: Collection[str] = tuple(Role)) -> list[str]:
    """Ends every live token of a person that has one of these roles; their ids."""
    mine = [t for t in everything(session) if t.person == person and t.role in roles and is_live(t, now)]
    for row in mine:
        row.revoked_at = now
        session.add(row)
    return [row.id for row in mine]


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
