"""Webhooks as received. Checking whether one is new and recording it is one statement of one transaction."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from callbacks.delivery.code_guessing import Mark
from callbacks.delivery.delivery_policy import Source
from callbacks.store.sql import magic_links
from callbacks.store.sql import tables as t

LONGEST = 60_000


class SqlReceived:
    """The questions and writes of `received` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def is_new(self, source: Source, external_id: str, form: Sequence[tuple[str, str]], now: datetime) -> bool:
        """Keeps the webhook, without the secret of a link; False if it was kept before. A race of two ends in Conflict
        for one of them."""
        known = select(t.Received.id).where(t.Received.source == source, col(t.Received.external_id) == external_id)
        if self.session.exec(known).first() is not None:
            return False
        text = json.dumps([[storable(k), magic_links.masked(storable(v))] for k, v in form], ensure_ascii=False)[
            :LONGEST
        ]
        self.session.add(t.Received(source=source, external_id=external_id[:160], at=now, form=text))
        self.session.flush()
        return True

    def is_known(self, source: Source, external_id: str) -> bool:
        """Whether it was kept."""
        known = select(t.Received.id).where(t.Received.source == source, col(t.Received.external_id) == external_id)
        return self.session.exec(known).first() is not None

    def texts_known(self, sids: Sequence[str]) -> set[str]:
        """Those of `sids` that were kept."""
        query = select(t.Received.external_id).where(
            t.Received.source == Source.SMS, col(t.Received.external_id).in_(sids)
        )
        return set(self.session.exec(query))

    def is_about(self, source: Source, external_id: str, emergency_id: int) -> None:
        """Says which emergency a report was about, so that it is erased with it."""
        mine = (col(t.Received.source) == source) & (col(t.Received.external_id) == external_id)
        self.session.execute(update(t.Received).where(mine).values(emergency_id=emergency_id))

    def mark(self, external_id: str, as_: Mark, person: str) -> None:
        """Says what the text of this person may have tried."""
        kept = (col(t.Received.source) == Source.SMS) & (col(t.Received.external_id) == external_id)
        self.session.execute(update(t.Received).where(kept).values(mark=as_, person=person))

    def marked_since(self, as_: Mark, since: datetime, person: str | None = None) -> Sequence[datetime]:
        """When the texts came, of one person or of all, that were marked so."""
        query = select(t.Received.at).where(t.Received.mark == as_, col(t.Received.at) > since)
        query = query.where(t.Received.person == person) if person else query
        return self.session.exec(query.order_by(col(t.Received.at))).all()


def answer(session: Session, source: Source, external_id: str) -> str | None:
    """What was answered to the one that is kept."""
    kept = (col(t.Received.source) == source) & (col(t.Received.external_id) == external_id)
    return session.exec(select(t.Received.note).where(kept)).first()


def answered(session: Session, source: Source, external_id: str, words: str) -> None:
    """Keeps what was answered, for a repeat."""
    kept = (col(t.Received.source) == source) & (col(t.Received.external_id) == external_id)
    session.execute(update(t.Received).where(kept).values(note=words))


def storable(text: str) -> str:
    """Text that both databases take: PostgreSQL refuses NUL, and lone surrogates cannot be encoded."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


# What the carrier reported of one emergency, for its evidence.

BATCH = 500


def reports(
    session: Session, emergency_id: int, since: datetime, until: datetime, marks: Sequence[str], most: int
) -> list[t.Received]:
    """The carrier's reports of a span that are about an emergency or hold any of `marks`, oldest first."""
    found: list[t.Received] = []
    for row in _of_span(session, since, until):
        if row.emergency_id == emergency_id or any(mark in row.form for mark in marks):
            found.append(row)
        if len(found) == most:
            break
    return found


def _of_span(session: Session, since: datetime, until: datetime) -> Iterator[t.Received]:
    """Batch by batch: a busy night has many."""
    span = select(t.Received).where(col(t.Received.at).between(since, until))
    last = 0
    while rows := session.exec(span.where(col(t.Received.id) > last).order_by(col(t.Received.id)).limit(BATCH)).all():
        yield from rows
        last = rows[-1].id
