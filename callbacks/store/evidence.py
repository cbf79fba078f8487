"""What lies beside a ledger and speaks for it: the carrier's rows, its reports as they came, our outbox."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, or_, select

from callbacks.store.tables import CarrierRow, LedgerRow, PrivateRow, ReceivedRow

BATCH = 500


@dataclass(frozen=True, slots=True)
class RawFact:
    """A fact exactly as it was hashed; `salt` and `private` are None when there was nothing private, or it is
    erased."""

    seq: int
    body: str
    hash: str
    salt: str | None
    private: str | None


def raw_facts(session: Session, emergency_id: int) -> list[RawFact]:
    """The chain of one emergency, oldest fact first."""
    beside = (col(PrivateRow.emergency_id) == LedgerRow.emergency_id) & (col(PrivateRow.seq) == LedgerRow.seq)
    rows = session.exec(
        select(LedgerRow, PrivateRow)
        .join(PrivateRow, beside, isouter=True)
        .where(LedgerRow.emergency_id == emergency_id)
        .order_by(col(LedgerRow.seq))
    )
    return [RawFact(f.seq, f.body, f.hash, p.salt if p else None, p.data if p else None) for f, p in rows]


def carrier_rows(session: Session, emergency_id: int, sids: Iterable[str]) -> Sequence[CarrierRow]:
    """Calls, messages and recordings of an emergency, by its id, their SIDs, or their parent's."""
    known = sorted(sids)
    mine = or_(
        CarrierRow.emergency_id == emergency_id, col(CarrierRow.sid).in_(known), col(CarrierRow.parent_sid).in_(known)
    )
    return session.exec(
        select(CarrierRow).where(mine).order_by(col(CarrierRow.first_seen_at), col(CarrierRow.sid))
    ).all()


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
