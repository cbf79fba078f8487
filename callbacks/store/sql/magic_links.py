"""The links in pages. The secret of a link leaves in one text; what stays here is its digest."""

import hashlib
import re
import secrets
from datetime import datetime

from sqlmodel import Session

from callbacks.store.sql import tables as t

BYTES = 16
LINK = re.compile(r"/t/([A-Za-z0-9_-]{22})(?![A-Za-z0-9_-])")


def new_token() -> str:
    """128 random bits as 22 characters for an address."""
    return secrets.token_urlsafe(BYTES)


def path_to(token: str) -> str:
    return f"/t/{token}"


class SqlMagicLinks:
    """The questions and writes of `magic_links` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def put(self, token: str, emergency_id: int, person: str, outbox_id: str, now: datetime) -> None:
        """A link to one emergency for one person, sent in the text of this outbox row."""
        row = t.MagicLink(
            digest=digest(token), emergency_id=emergency_id, person=person, outbox_id=outbox_id, created_at=now
        )
        self.session.add(row)

    def is_told_by(self, outbox_id: str, text: str) -> bool:
        """Whether a text that the carrier holds has a link which this outbox row gave out."""
        links = (find(self.session, token) for token in LINK.findall(text))
        return any(link is not None and link.outbox_id == outbox_id for link in links)


def find(session: Session, token: str) -> t.MagicLink | None:
    """The link of a token, whatever was typed as one."""
    return session.get(t.MagicLink, digest(token))


def masked(text: str) -> str:
    """The text without the secret of any link, for what people send back to us."""
    return LINK.sub("/t/...", text)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
