"""Calls, messages and recordings as the carrier reported them, or as we asked for them."""

from collections.abc import Iterable, Sequence

from sqlmodel import Session, col, or_, select

from callbacks.store.sql.tables import CarrierRow


def seen(session: Session, sid: str | None) -> CarrierRow | None:
    """What is known of this call or message."""
    return session.get(CarrierRow, sid) if sid else None


def note(session: Session, row: CarrierRow) -> None:
    """Writes down one that was not seen before."""
    session.add(row)


def note_sent(session: Session, row: CarrierRow) -> None:
    """Writes down one that left, whether or not a report of it was faster."""
    session.merge(row)


def known(session: Session, sids: Sequence[str]) -> set[str]:
    """Those of `sids` that the carrier reported, or that we sent."""
    return set(session.exec(select(CarrierRow.sid).where(col(CarrierRow.sid).in_(sids))))


def of_emergency(session: Session, emergency_id: int, sids: Iterable[str]) -> Sequence[CarrierRow]:
    """Calls, messages and recordings of an emergency, by its id, their SIDs, or their parent's."""
    known = sorted(sids)
    mine = or_(
        CarrierRow.emergency_id == emergency_id, col(CarrierRow.sid).in_(known), col(CarrierRow.parent_sid).in_(known)
    )
    return session.exec(
        select(CarrierRow).where(mine).order_by(col(CarrierRow.first_seen_at), col(CarrierRow.sid))
    ).all()
