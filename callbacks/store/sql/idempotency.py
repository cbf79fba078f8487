"""What the API answered under an idempotency key: found again when the same request is repeated."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col

from callbacks.store.sql import tables as t

KEPT = timedelta(hours=48)


class OtherRequest(Exception):
    """The key was used before, with another body."""


def key_of(*parts: str) -> str:
    """One digest of whose key it is, what it was used for, and the key itself."""
    return hashlib.sha256("\x00".join(parts).encode("utf-8", "replace")).hexdigest()


def find(session: Session, key: str, request: str, now: datetime) -> tuple[int, str] | None:
    """(status, body) that was answered under this key; None when it is new. Raises OtherRequest."""
    row = session.get(t.Answer, key)
    if row is None or row.at <= now - KEPT:
        return None
    if row.request != request:
        raise OtherRequest
    return row.status, row.body


def keep(session: Session, key: str, request: str, status: int, body: str, now: datetime) -> None:
    """Keeps an answer for two days. Of two at once, one ends in Conflict and finds the other's when it tries again."""
    session.execute(delete(t.Answer).where(col(t.Answer.at) <= now - KEPT))
    session.add(t.Answer(key=key, request=request, status=status, body=body, at=now))
    session.flush()


class SqlIdempotency:
    """The questions and writes of `idempotency` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def forget(self, words: Sequence[str]) -> None:
        for word in words:
            self.session.execute(delete(t.Answer).where(col(t.Answer.body).contains(word, autoescape=True)))
