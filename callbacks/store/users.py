"""People who log in. Passwords come here as hashes; what is no hash never does."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, update
from sqlmodel import Session, col, select

from callbacks.oncall.roster import Role
from callbacks.store.tables import UserRow

ROLES = (Role.SUPERVISOR, Role.TECHNICIAN, Role.AUDITOR)
FIRST_PASSWORD_HOURS = 72


def spelled(email: str) -> str:
    """An address as it is kept and looked up."""
    return email.strip().lower()


def add(session: Session, email: str, role: str, person: str | None, password: str, by: str, now: datetime) -> UserRow:
    """A new user, whose password has to be changed. Raises Conflict on flush for an address that is taken."""
    row = UserRow(
        email=spelled(email),
        role=role,
        person=person,
        password=password,
        must_change=True,
        created_at=now,
        created_by=by,
        password_since=now,
    )
    session.add(row)
    session.flush()
    return row


def by_email(session: Session, email: str) -> UserRow | None:
    return session.exec(select(UserRow).where(UserRow.email == spelled(email))).first()


def by_subject(session: Session, subject: str) -> UserRow | None:
    """Whoever came by single sign-on before."""
    return session.exec(select(UserRow).where(UserRow.sso_subject == subject)).first()


def everybody(session: Session) -> Sequence[UserRow]:
    return session.exec(select(UserRow).order_by(col(UserRow.email))).all()


def use_step(session: Session, user_id: int, step: int) -> bool:
    """Uses up a time step of the second factor; False when it, or a later one, was used before."""
    unused = col(UserRow.totp_step).is_(None) | (col(UserRow.totp_step) < step)
    done: CursorResult[Any] = session.execute(  # type: ignore[assignment]
        update(UserRow).where((col(UserRow.id) == user_id) & unused).values(totp_step=step)
    )
    return done.rowcount == 1


def may_log_in(session: Session, user_id: int) -> bool:
    row = session.get(UserRow, user_id)
    return row is not None and row.disabled_at is None


def is_disabled(session: Session, person: str) -> bool:
    """Whether a person of the roster has accounts, and every one is disabled."""
    rows = session.exec(select(UserRow.disabled_at).where(UserRow.person == person)).all()
    return bool(rows) and all(rows)


def place(session: Session, row: UserRow, role: str, person: str | None) -> None:
    """Another role, and who they are on the roster; the caller ends the sessions."""
    row.role, row.person = role, person
    session.add(row)


def first_password_ended(row: UserRow, now: datetime) -> bool:
    """Whether the password is still the one that somebody else made, and too old."""
    return row.must_change and now - (row.password_since or row.created_at) > timedelta(hours=FIRST_PASSWORD_HOURS)


def reset(session: Session, row: UserRow, password: str, now: datetime) -> None:
    """A new first password and no second factor; the caller ends the sessions."""
    row.password, row.must_change, row.password_since = password, True, now
    row.totp_secret = row.totp_sealed = row.totp_since = row.totp_step = None
    session.add(row)
