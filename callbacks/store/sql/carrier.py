"""Calls, messages and recordings as the carrier reported them, or as we asked for them."""

from collections.abc import Iterable, Sequence

from sqlmodel import Session, col, or_, select

from callbacks.store.sql import tables as t


class SqlCarrier:
    """The questions and writes of `carrier` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def seen(self, sid: str | None) -> t.Carrier | None:
        """What is known of this call or message."""
        return self.session.get(t.Carrier, sid) if sid else None

    def note(self, row: t.Carrier) -> None:
        """Writes down one that was not seen before."""
        self.session.add(row)

    def note_sent(self, row: t.Carrier) -> None:
        """Writes down one that left, whether or not a report of it was faster."""
        self.session.merge(row)

    def known(self, sids: Sequence[str]) -> set[str]:
        """Those of `sids` that the carrier reported, or that we sent."""
        return set(self.session.exec(select(t.Carrier.sid).where(col(t.Carrier.sid).in_(sids))))


def of_emergency(session: Session, emergency_id: int, sids: Iterable[str]) -> Sequence[t.Carrier]:
    """Calls, messages and recordings of an emergency, by its id, their SIDs, or their parent's."""
    known = sorted(sids)
    mine = or_(
        t.Carrier.emergency_id == emergency_id, col(t.Carrier.sid).in_(known), col(t.Carrier.parent_sid).in_(known)
    )
    return session.exec(select(t.Carrier).where(mine).order_by(col(t.Carrier.first_seen_at), col(t.Carrier.sid))).all()
