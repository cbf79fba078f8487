"""Webhooks as received. Checking whether one is new and recording it is one statement."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlmodel import Session

from callbacks.delivery.code_guessing import Mark
from callbacks.delivery.delivery_policy import Source
from callbacks.store.received_form import LONGEST_ID, kept
from callbacks.store.rows import ReceivedRow
from callbacks.store.sql import tables as t
from callbacks.store.sql.expressions import insert_if_new
from callbacks.store.sql.values import Values

RECEIVED = Values(t.Received, ReceivedRow)
_C = RECEIVED.table.c
_KEEP = {name: statement.returning(_C.id) for name, statement in insert_if_new(RECEIVED.table).items()}
_IS_ONE = (_C.source == bindparam("of")) & (_C.external_id == bindparam("known_as"))
_IS_KNOWN = select(_C.id).where(_IS_ONE)
_ANSWER = select(_C.note).where(_IS_ONE)
_CHANGE = update(RECEIVED.table).where(_IS_ONE)
_TEXTS = select(_C.external_id).where(_C.source == Source.SMS, _C.external_id.in_(bindparam("sids", expanding=True)))
_MARKED = select(_C.at).where(_C.mark == bindparam("as_"), _C.at > bindparam("since")).order_by(_C.at)
_MARKED_OF = _MARKED.where(_C.person == bindparam("of"))


class SqlReceived:
    """The questions and writes of `received` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def is_new(self, source: Source, external_id: str, form: Sequence[tuple[str, str]], now: datetime) -> bool:
        # A race of two is decided by the database: the second one waits for the first, and finds its row.
        row = {"source": source, "external_id": external_id[:LONGEST_ID], "at": now, "form": kept(form)}
        return self.session.execute(_KEEP[self.session.get_bind().dialect.name], row).first() is not None

    def is_known(self, source: Source, external_id: str) -> bool:
        return self.session.execute(_IS_KNOWN, _one(source, external_id)).first() is not None

    def texts_known(self, sids: Sequence[str]) -> set[str]:
        return set(self.session.execute(_TEXTS, {"sids": sids}).scalars())

    def is_about(self, source: Source, external_id: str, emergency_id: int) -> None:
        self.session.execute(_CHANGE.values(emergency_id=emergency_id), _one(source, external_id))

    def mark(self, external_id: str, as_: Mark, person: str) -> None:
        self.session.execute(_CHANGE.values(mark=as_, person=person), _one(Source.SMS, external_id))

    def marked_since(self, as_: Mark, since: datetime, person: str | None = None) -> Sequence[datetime]:
        given = {"as_": as_, "since": since} | ({"of": person} if person else {})
        return self.session.execute(_MARKED_OF if person else _MARKED, given).scalars().all()


def answer(session: Session, source: Source, external_id: str) -> str | None:
    """What was answered to the one that is kept."""
    found: str | None = session.execute(_ANSWER, _one(source, external_id)).scalar()
    return found


def answered(session: Session, source: Source, external_id: str, words: str) -> None:
    """Keeps what was answered, for a repeat."""
    session.execute(_CHANGE.values(note=words), _one(source, external_id))


def _one(source: Source, external_id: str) -> dict[str, str]:
    return {"of": source, "known_as": external_id[:LONGEST_ID]}


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
    span = RECEIVED.select().where(_C.at.between(since, until)).order_by(_C.id).limit(BATCH)
    last = 0
    while rows := RECEIVED.all(session, span.where(_C.id > last)):
        yield from rows
        last = rows[-1].id
