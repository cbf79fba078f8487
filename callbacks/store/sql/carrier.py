"""Calls, messages and recordings as the carrier reported them, or as we asked for them."""

from collections.abc import Iterable, Sequence

from sqlmodel import Session, col, or_, select

from callbacks.store.sql.tables import CarrierRow


class SqlCarrier:
    """The questions and writes of `carrier` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def seen(self, sid: str | None) -> CarrierRow | None:
        """What is known of this call or message."""
        return self.session.get(CarrierRow, sid) if sid else None

    def note(self, row: CarrierRow) -> None:
        """Writes down one that was not seen before."""
        self.session.add(row)

    def note_sent(self, row: CarrierRow) -> None:
        """Writes down one that left, whether or not a report of it was faster."""
        self.session.merge(row)

    def known(self, sids: Sequence[str]) -> set[str]:
        """Those of `sids` that the carrier reported, or that we sent."""
        return set(self.session.exec(select(CarrierRow.sid).where(col(CarrierRow.sid).in_(sids))))


def of_emergency(session: Session, emergency_id: int, sids: Iterable[str]) -> Sequence[CarrierRow]:
    """Calls, messages and recordings of an emergency, by its id, their SIDs, or their parent's."""
    known = sorted(sids)
    mine = or_(
        CarrierRow.emergency_id == emergency_id, col(CarrierRow.sid).in_(known), col(CarrierRow.parent_sid).in_(known)
    )
    return session.exec(
        select(CarrierRow).where(mine).order_by(col(CarrierRow.first_seen_at), col(CarrierRow.sid))
    ).all()
