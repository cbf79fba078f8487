"""Whether this database belongs to a live system: a demo must not open it, nor send its pages to a sandbox.

Written down by each live start; a system from before that is known by the account in what its carrier reported. Asked
before the schema is looked at, so that a demo does not migrate it either.
"""

from datetime import datetime

from sqlalchemy import inspect
from sqlmodel import Session, col, select

from callbacks.store.sql import tables as t
from callbacks.store.sql.notices import SqlNotices

LIVE = "live-house"
LOOKED_AT = 500


def remember(session: Session, now: datetime) -> None:
    SqlNotices(session).is_news(LIVE, now)


def is_live(session: Session, sandbox_account: str) -> bool:
    """Of a database of any schema, also an empty one."""
    tables = set(inspect(session.connection()).get_table_names())
    if t.Notice.__tablename__ in tables and SqlNotices(session).is_known(LIVE):
        return True
    return t.Received.__tablename__ in tables and _reported_by_another(session, sandbox_account)


def _reported_by_another(session: Session, sandbox_account: str) -> bool:
    newest = select(t.Received.form).order_by(col(t.Received.id).desc()).limit(LOOKED_AT)
    return any('"AccountSid"' in form and f'"{sandbox_account}"' not in form for form in session.exec(newest))
