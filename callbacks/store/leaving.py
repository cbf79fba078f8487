"""Somebody may not log in any more: sessions and the tokens of their person end in the same transaction."""

from datetime import datetime

from sqlmodel import Session

from callbacks.store import audits, sessions, tokens, users
from callbacks.store.tables import TokenRow, UserRow


def disable(session: Session, row: UserRow, by: str, via: str, now: datetime) -> list[TokenRow]:
    """Disables a user, and gives the live tokens that they made for others: somebody has to look at those. The links
    to calendars end by themselves: they name the user."""
    row.disabled_at = row.disabled_at or now
    session.add(row)
    session.flush()
    sessions.end_all(session, row.id or 0, now)
    if row.person and users.is_disabled(session, row.person):
        for token_id in tokens.revoke_of(session, row.person, now):
            audits.put(session, now, by, via, "token.revoked", token_id)
    return tokens.made_by(session, row, now)
