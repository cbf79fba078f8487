"""The links in pages. The secret of a link leaves in one text; what stays here is its digest."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, insert, select
from sqlmodel import Session

from callbacks.lib.magic_links import digest
from callbacks.store.sql import tables as t

_LINKS = t.MagicLink.__table__  # type: ignore[attr-defined]
_PUT = insert(_LINKS)
_TOLD = select(_LINKS.c.digest).where(
    _LINKS.c.outbox_id == bindparam("row"), _LINKS.c.digest.in_(bindparam("digests", expanding=True))
)


class SqlMagicLinks:
    """The questions and writes of `magic_links` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def put(self, digest: str, emergency_id: int, person: str, outbox_id: str, now: datetime) -> None:
        row = {"digest": digest, "emergency_id": emergency_id, "person": person, "outbox_id": outbox_id}
        self.session.execute(_PUT, row | {"created_at": now})

    def is_told_by(self, outbox_id: str, digests: Collection[str]) -> bool:
        given = {"row": outbox_id, "digests": list(digests)}
        return bool(digests) and self.session.execute(_TOLD, given).first() is not None


def find(session: Session, token: str) -> t.MagicLink | None:
    """The link of a token, whatever was typed as one."""
    return session.get(t.MagicLink, digest(token))
