"""Who may not log in any more, or may do less: sessions and tokens end in the same transaction."""

from datetime import datetime

from sqlmodel import Session, select

from callbacks.oncall.roster import Role
from callbacks.store.sql import sessions, tokens, users
from callbacks.store.sql import tables as t
from callbacks.store.sql.audits import SqlAudits

# The roles of tokens that may do more than a role.
ABOVE = {
    Role.SUPERVISOR: frozenset[Role](),
    Role.AUDITOR: frozenset({Role.SUPERVISOR}),
    Role.TECHNICIAN: frozenset(Role) - {Role.TECHNICIAN},
}


def disable(session: Session, row: t.User, by: str, via: str, now: datetime) -> list[t.Token]:
    """Disables a user, and gives the live tokens that they made for others: somebody has to look at those. The links
    to calendars end by themselves: they name the user."""
    row.disabled_at = row.disabled_at or now
    session.add(row)
    session.flush()
    sessions.end_all(session, row.id, now)
    if row.person and users.is_disabled(session, row.person):
        for token_id in tokens.revoke_of(session, row.person, now):
            SqlAudits(session).put(now, by, via, "token.revoked", token_id)
    return tokens.made_by(session, row, now)


def place(session: Session, row: t.User, role: str, person: str | None, by: str, via: str, now: datetime) -> None:
    """Another role, and who they are on the roster. Sessions end, and so do the tokens of that person that may do more
    than any account of theirs may now."""
    users.place(session, row, role, person)
    session.flush()
    sessions.end_all(session, row.id, now)
    if not row.person:
        return
    same = select(t.User.role).where(t.User.person == row.person, t.User.disabled_at == None)  # noqa: E711
    roles = session.exec(same).all() or [row.role]
    above = frozenset.intersection(*(ABOVE[Role(r)] for r in roles))
    for token_id in tokens.revoke_of(session, row.person, now, above):
        SqlAudits(session).put(now, by, via, "token.revoked", token_id)
