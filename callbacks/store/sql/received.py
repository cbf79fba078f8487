"""Webhooks as received. Checking whether one is new and recording it is one statement of one transaction."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from callbacks.delivery.code_guessing import Mark
from callbacks.store.sql import magic_links
from callbacks.store.sql.tables import ReceivedRow, Source

LONGEST = 60_000


class SqlReceived:
    """The questions and writes of `received` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def is_new(self, source: Source, external_id: str, form: Sequence[tuple[str, str]], now: datetime) -> bool:
        """Keeps the webhook, without the secret of a link; False if it was kept before. A race of two ends in Conflict
        for one of them."""
        known = select(ReceivedRow.id).where(ReceivedRow.source == source, col(ReceivedRow.external_id) == external_id)
        if self.session.exec(known).first() is not None:
            return False
        text = json.dumps([[storable(k), magic_links.masked(storable(v))] for k, v in form], ensure_ascii=False)[
            :LONGEST
        ]
        self.session.add(ReceivedRow(source=source, external_id=external_id[:160], at=now, form=text))
        self.session.flush()
        return True

    def is_known(self, source: Source, external_id: str) -> bool:
        """Whether it was kept."""
        known = select(ReceivedRow.id).where(ReceivedRow.source == source, col(ReceivedRow.external_id) == external_id)
        return self.session.exec(known).first() is not None

    def texts_known(self, sids: Sequence[str]) -> set[str]:
        """Those of `sids` that were kept."""
        query = select(ReceivedRow.external_id).where(
            ReceivedRow.source == Source.SMS, col(ReceivedRow.external_id).in_(sids)
        )
        return set(self.session.exec(query))

    def is_about(self, source: Source, external_id: str, emergency_id: int) -> None:
        """Says which emergency a report was about, so that it is erased with it."""
        mine = (col(ReceivedRow.source) == source) & (col(ReceivedRow.external_id) == external_id)
        self.session.execute(update(ReceivedRow).where(mine).values(emergency_id=emergency_id))

    def mark(self, external_id: str, as_: Mark, person: str) -> None:
        """Says what the text of this person may have tried."""
        kept = (col(ReceivedRow.source) == Source.SMS) & (col(ReceivedRow.external_id) == external_id)
        self.session.execute(update(ReceivedRow).where(kept).values(mark=as_, person=person))

    def marked_since(self, as_: Mark, since: datetime, person: str | None = None) -> Sequence[datetime]:
        """When the texts came, of one person or of all, that were marked so."""
        query = select(ReceivedRow.at).where(ReceivedRow.mark == as_, col(ReceivedRow.at) > since)
        query = query.where(ReceivedRow.person == person) if person else query
        return self.session.exec(query.order_by(col(ReceivedRow.at))).all()


def answer(session: Session, source: Source, external_id: str) -> str | None:
    """What was answered to the one that is kept."""
    kept = (col(ReceivedRow.source) == source) & (col(ReceivedRow.external_id) == external_id)
    return session.exec(select(ReceivedRow.note).where(kept)).first()


def answered(session: Session, source: Source, external_id: str, words: str) -> None:
    """Keeps what was answered, for a repeat."""
    kept = (col(ReceivedRow.source) == source) & (col(ReceivedRow.external_id) == external_id)
    session.execute(update(ReceivedRow).where(kept).values(note=words))


def storable(text: str) -> str:
    """Text that both databases take: PostgreSQL refuses NUL, and lone surrogates cannot be encoded."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


# What the carrier reported of one emergency, for its evidence.

BATCH = 500


def reports(
    session: Session, emergency_id: int, since: datetime, until: datetime, marks: Sequence[str], most: int
) -> list[ReceivedRow]:
    """The carrier's reports of a span that are about an emergency or hold any of `marks`, oldest first."""
    found: list[ReceivedRow] = []
    for row in _of_span(session, since, until):
        if row.emergency_id == emergency_id or any(mark in row.form for mark in marks):
            found.append(row)
        if len(found) == most:
            break
    return found


def _of_span(session: Session, since: datetime, until: datetime) -> Iterator[ReceivedRow]:
    """Batch by batch: a busy night has many."""
    span = select(ReceivedRow).where(col(ReceivedRow.at).between(since, until))
    last = 0
    while rows := session.exec(span.where(col(ReceivedRow.id) > last).order_by(col(ReceivedRow.id)).limit(BATCH)).all():
        yield from rows
        last = rows[-1].id
