"""API tokens: shown once, kept as digests."""

import hashlib
import secrets
from datetime import datetime

from sqlmodel import Session, select

from callbacks.store.tables import TokenRow

ROLES = ("supervisor", "technician", "auditor", "reader")


def new_token(session: Session, role: str, now: datetime) -> str:
    """The secret of a new token. Raises ValueError for a role there is not."""
    if role not in ROLES:
        raise ValueError(f"there is no role {role!r}; use one of {', '.join(ROLES)}")
    secret = f"cb_{secrets.token_urlsafe(32)}"
    session.add(TokenRow(id=secrets.token_hex(8), digest=_digest(secret), role=role, created_at=now))
    return secret


def role_of(session: Session, secret: str, now: datetime) -> str | None:
    """The role a secret gives now; None when it gives none."""
    row = session.exec(select(TokenRow).where(TokenRow.digest == _digest(secret))).first()
    if row is None or row.revoked_at or (row.expires_at and row.expires_at <= now):
        return None
    return row.role


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
