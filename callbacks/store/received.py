"""Webhooks as they came. Asking whether one is new and writing it down is one step of one transaction."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from callbacks.store.tables import ReceivedRow

LONGEST = 60_000


def is_new(session: Session, source: str, external_id: str, form: Sequence[tuple[str, str]], now: datetime) -> bool:
    """Keeps the webhook; False if it was kept before. A race of two ends in Conflict for one of them."""
    known = select(ReceivedRow.id).where(ReceivedRow.source == source, col(ReceivedRow.external_id) == external_id)
    if session.exec(known).first() is not None:
        return False
    text = json.dumps([[storable(k), storable(v)] for k, v in form], ensure_ascii=False)[:LONGEST]
    session.add(ReceivedRow(source=source, external_id=external_id[:160], at=now, form=text))
    session.flush()
    return True


def forget(session: Session, source: str, external_id: str) -> None:
    """It may come again: what it asked for was refused."""
    session.execute(
        delete(ReceivedRow).where(col(ReceivedRow.source) == source, col(ReceivedRow.external_id) == external_id)
    )


def storable(text: str) -> str:
    """Text that both databases take: PostgreSQL refuses NUL, and lone surrogates cannot be encoded."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
