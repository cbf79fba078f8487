"""People who log in. Passwords are stored as hashes only."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, update
from sqlmodel import Session, col, select

from callbacks.oncall.roster import Role
from callbacks.store.sql import tables as t

ROLES = (Role.SUPERVISOR, Role.TECHNICIAN, Role.AUDITOR)
FIRST_PASSWORD_HOURS = 72


def spelled(email: str) -> str:
    """An address as it is kept and looked up."""
    return email.strip().lower()


def add(session: Session, email: str, role: str, person: str | None, password: str, by: str, now: datetime) -> t.User:
    """A new user, whose password has to be changed. Raises Conflict on flush for an address that is taken."""
    row = t.User(
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


def find(session: Session, user_id: int) -> t.User | None:
    return session.get(t.User, user_id)


def by_email(session: Session, email: str) -> t.User | None:
    return session.exec(select(t.User).where(t.User.email == spelled(email))).first()


def by_subject(session: Session, subject: str) -> t.User | None:
    """Whoever came by single sign-on before."""
    return session.exec(select(t.User).where(t.User.sso_subject == subject)).first()


def everybody(session: Session) -> Sequence[t.User]:
    return session.exec(select(t.User).order_by(col(t.User.email))).all()


def seen(row: t.User, now: datetime) -> None:
    """They have logged in."""
    row.seen_at = now


def may_log_in(session: Session, user_id: int) -> bool:
    row = session.get(t.User, user_id)
    return row is not None and row.disabled_at is None


def is_disabled(session: Session, person: str) -> bool:
    """Whether a person of the roster has accounts, and every one is disabled."""
    rows = session.exec(select(t.User.disabled_at).where(t.User.person == person)).all()
    return bool(rows) and all(rows)


def enable(row: t.User) -> None:
    row.disabled_at = None


def place(session: Session, row: t.User, role: str, person: str | None) -> None:
    """Another role, and who they are on the roster; the caller ends the sessions."""
    row.role, row.person = role, person
    session.add(row)


def change_language(session: Session, user_id: int, language: str | None) -> None:
    session.get_one(t.User, user_id).language = language


def link_subject(row: t.User, subject: str) -> None:
    """They came by single sign-on for the first time; nobody else may use a first password any more."""
    row.sso_subject = subject
    if row.must_change:
        row.password, row.must_change = None, False


# Passwords and second factors.


def first_password_ended(row: t.User, now: datetime) -> bool:
    """Whether the password is still the one that somebody else made, and too old."""
    return row.must_change and now - (row.password_since or row.created_at) > timedelta(hours=FIRST_PASSWORD_HOURS)


def change_password(session: Session, user_id: int, password: str, now: datetime) -> t.User:
    row = session.get_one(t.User, user_id)
    row.password, row.password_since = password, now
    return row


def replace_first_password(session: Session, user_id: int, password: str, now: datetime) -> t.User:
    """By one that nobody else knows."""
    row = change_password(session, user_id, password, now)
    row.must_change = False
    return row


def reset(session: Session, row: t.User, password: str, now: datetime) -> None:
    """A new first password and no second factor; the caller ends the sessions."""
    row.password, row.must_change, row.password_since = password, True, now
    remove_second_factor(session, row.id)
    session.add(row)


def locked(session: Session, user_id: int) -> t.User:
    """The row as it is, nobody else's until this transaction ends."""
    return session.get_one(t.User, user_id, with_for_update=True)


def enrol(session: Session, user_id: int, step: int, now: datetime) -> None:
    """The second factor is asked for from now on; its first code is used up."""
    row = session.get_one(t.User, user_id)
    row.totp_since, row.totp_step = now, step


def enrol_if_new(row: t.User, now: datetime) -> bool:
    """The same, for a code that is used up already; False if it was asked for before."""
    if row.totp_since:
        return False
    row.totp_since = now
    return True


def use_step(session: Session, user_id: int, step: int) -> bool:
    """Uses up a time step of the second factor; False when it, or a later one, was used before."""
    unused = col(t.User.totp_step).is_(None) | (col(t.User.totp_step) < step)
    done: CursorResult[Any] = session.execute(  # type: ignore[assignment]
        update(t.User).where((col(t.User.id) == user_id) & unused).values(totp_step=step)
    )
    return done.rowcount == 1


def remove_second_factor(session: Session, user_id: int) -> None:
    row = session.get_one(t.User, user_id)
    row.totp_secret = row.totp_sealed = row.totp_since = row.totp_step = None
