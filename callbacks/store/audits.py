"""What people did that is no fact of one emergency: who, when, from where. Never numbers, words or secrets."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from callbacks.store.tables import AuditRow

TOGETHER = timedelta(hours=1)


def put(session: Session, now: datetime, who: str, via: str, action: str, about: str = "", **details: Any) -> None:
    """Writes down one deed; `action` is a noun and a verb in the past: `token.made`, `override.added`."""
    text = json.dumps(details, ensure_ascii=False, sort_keys=True)
    session.add(AuditRow(at=now, who=who[:120], via=via, action=action, about=about[:200], details=text))


def put_or_count(session: Session, now: datetime, who: str, via: str, action: str, about: str) -> None:
    """As `put`; the same within an hour is counted (`times`) in the row that is there."""
    same = (col(AuditRow.action) == action) & (col(AuditRow.who) == who[:120]) & (col(AuditRow.about) == about[:200])
    recent = select(AuditRow).where(same & (col(AuditRow.at) > now - TOGETHER)).order_by(col(AuditRow.id).desc())
    row = session.exec(recent.limit(1)).first()
    if row is None:
        return put(session, now, who, via, action, about, times=1)
    row.details = json.dumps({"times": json.loads(row.details)["times"] + 1})
    session.add(row)
    return None


def times(row: AuditRow) -> int:
    """How often it happened within the row's hour."""
    return int(json.loads(row.details).get("times", 1))


def of_logins(session: Session, who: str, limit: int) -> Sequence[AuditRow]:
    """The newest logins and refused ones of an account first."""
    mine = (col(AuditRow.who) == who[:120]) & col(AuditRow.action).in_(("user.logged-in", "login.refused"))
    return session.exec(select(AuditRow).where(mine).order_by(col(AuditRow.id).desc()).limit(limit)).all()


def latest(session: Session, limit: int = 100, action: str | None = None) -> Sequence[AuditRow]:
    """The newest first."""
    query = select(AuditRow).order_by(col(AuditRow.id).desc()).limit(limit)
    if action:
        query = query.where(col(AuditRow.action).startswith(action))
    return session.exec(query).all()


def last_about(session: Session, action: str, about: str) -> datetime | None:
    """When this was last done about that."""
    same = (col(AuditRow.action) == action) & (col(AuditRow.about) == about)
    return session.exec(select(AuditRow.at).where(same).order_by(col(AuditRow.id).desc()).limit(1)).first()
