"""What people did that is no fact of one emergency: who, when, from where. Never numbers, words or secrets."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from callbacks.store.tables import AuditRow


def put(session: Session, now: datetime, who: str, via: str, action: str, about: str = "", **details: Any) -> None:
    """Writes down one deed; `action` is a noun and a verb in the past: `token.made`, `override.added`."""
    text = json.dumps(details, ensure_ascii=False, sort_keys=True)
    session.add(AuditRow(at=now, who=who[:120], via=via, action=action, about=about[:200], details=text))


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
