"""What open pages show, in a few numbers: whoever compares them with those of before knows whether to look again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, select

from callbacks.store.sql.tables import AuditRow, EmergencyRow, HandoffRow, NodeRow, RosterRow, SweepRow
from callbacks.store.sql.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Shown:
    """`facts` of how many `open` emergencies; `newest`: the last emergency, roster, handoff and audit entry."""

    facts: int | None
    open: int
    newest: tuple[int | None, ...]
    beat_at: datetime | None
    swept_at: datetime | None


def shown(session: Transaction) -> Shown:
    """Reads open rows and ends of indexes only."""
    is_open = col(EmergencyRow.is_open)
    facts, n = session.exec(select(func.sum(EmergencyRow.last_seq), func.count()).where(is_open)).one()
    ids = (EmergencyRow.id, RosterRow.id, HandoffRow.id, AuditRow.id)
    newest = tuple(session.exec(select(func.max(c))).one() for c in ids)
    beat = session.exec(select(func.max(NodeRow.beat_at))).one()
    swept = session.exec(select(func.max(SweepRow.ran_at))).one()
    return Shown(facts, n, newest, beat, swept)
