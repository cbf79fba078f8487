"""API tokens: shown once, kept as digests."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from callbacks.store.tables import TokenRow

ROLES = ("supervisor", "technician", "auditor", "reader")


def new_token(
    session: Session, role: str, now: datetime, name: str = "", person: str | None = None,
    expires_at: datetime | None = None, by: str = "",
) -> str:  # fmt: skip
    """The secret of a new token; a technician's sees what is `person`'s. Raises ValueError for a role there is not."""
    if role not in ROLES:
        raise ValueError(f"there is no role {role!r}; use one of {', '.join(ROLES)}")
    secret = f"cb_{secrets.token_urlsafe(32)}"
    session.add(
        TokenRow(
            id=secrets.token_hex(8), digest=_digest(secret), role=role, name=name[:64], person=person, created_at=now,
            created_by=by[:120], expires_at=expires_at,
        )
    )  # fmt: skip
    return secret


def find(session: Session, secret: str, now: datetime) -> TokenRow | None:
    """The token of a secret; None when there is none, or it ended."""
    row = session.exec(select(TokenRow).where(TokenRow.digest == _digest(secret))).first()
    return None if row is None or row.revoked_at or (row.expires_at and row.expires_at <= now) else row


def everything(session: Session) -> Sequence[TokenRow]:
    """The newest first."""
    return session.exec(select(TokenRow).order_by(col(TokenRow.created_at).desc())).all()


def revoke(session: Session, token_id: str, now: datetime) -> bool:
    """False when there is none, or it was revoked before."""
    row = session.get(TokenRow, token_id)
    if row is None or row.revoked_at:
        return False
    row.revoked_at = now
    session.add(row)
    return True


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
