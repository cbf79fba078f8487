"""Calls, messages and recordings as the carrier reported them, or as we asked for them."""

from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, or_, select
from sqlmodel import Session

from callbacks.store.rows import CarrierRow
from callbacks.store.sql import tables as t
from callbacks.store.sql.expressions import insert_if_new
from callbacks.store.sql.values import Values

CARRIER = Values(t.Carrier, CarrierRow)
_C = CARRIER.table.c
_SEEN = CARRIER.select().where(_C.sid == bindparam("sid"))
_NOTE_SENT = insert_if_new(CARRIER.table)
_KNOWN = select(_C.sid).where(_C.sid.in_(bindparam("sids", expanding=True)))


class SqlCarrier:
    """The questions and writes of `carrier` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def seen(self, sid: str | None) -> CarrierRow | None:
        return CARRIER.first(self.session, _SEEN, {"sid": sid}) if sid else None

    def note(self, row: CarrierRow) -> None:
        CARRIER.insert(self.session, [row])

    def note_sent(self, row: CarrierRow) -> None:
        self.session.execute(_NOTE_SENT[self.session.get_bind().dialect.name], CARRIER.values_of(row))

    def change(self, before: CarrierRow, after: CarrierRow) -> None:
        CARRIER.write(self.session, before, after)

    def known(self, sids: Sequence[str]) -> set[str]:
        return set(self.session.execute(_KNOWN, {"sids": sids}).scalars())


def of_emergency(session: Session, emergency_id: int, sids: Iterable[str]) -> Sequence[CarrierRow]:
    """Calls, messages and recordings of an emergency, by its id, their SIDs, or their parent's."""
    known = sorted(sids)
    mine = or_(_C.emergency_id == emergency_id, _C.sid.in_(known), _C.parent_sid.in_(known))
    return CARRIER.all(session, CARRIER.select().where(mine).order_by(_C.first_seen_at, _C.sid))
