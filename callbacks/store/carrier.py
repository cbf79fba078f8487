"""Calls, messages and recordings as the carrier reported them, or as we asked for them."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from callbacks.store.tables import CarrierRow


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
