"""What open pages show, in a few numbers: whoever compares them with those of before knows whether to look again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import col, select

from callbacks.store.sql import tables as t
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
    is_open = col(t.Emergency.is_open)
    facts, n = session.exec(select(func.sum(t.Emergency.last_seq), func.count()).where(is_open)).one()
    ids = (t.Emergency.id, t.Roster.id, t.Handoff.id, t.Audit.id)
    newest = tuple(session.exec(select(func.max(c))).one() for c in ids)
    beat = session.exec(select(func.max(t.Node.beat_at))).one()
    swept = session.exec(select(func.max(t.Sweep.ran_at))).one()
    return Shown(facts, n, newest, beat, swept)
