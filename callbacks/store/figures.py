"""What figures are counted from: the summaries of a period, without any ledger.

Times are read as they lie in the database and made here: our tables' own type takes several times as long for
each, and a month may hold tens of thousands of emergencies.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Select, String, and_, func, or_, select, type_coerce
from sqlmodel import Session, col

from callbacks.emergency.model import Outcome
from callbacks.emergency.promise import EmergencyOutcome, judged
from callbacks.store.tables import EmergencyRow

TIMES = (
    "clock_started_at",
    "due_at",
    "first_page_at",
    "first_acknowledged_at",
    "contact_at",
    "resolve_due_at",
    "resolved_at",
    "withdrawn_at",
)


_instant = datetime.fromisoformat


def told(
    session: Session, since: datetime, until: datetime, version: int, now: datetime
) -> tuple[list[EmergencyOutcome], list[int]]:
    """What the summaries of the calls in a half-open span tell at `now`, in no order, and the ids of those that do
    not: an older version wrote them, or a deadline passed that nothing has noted yet."""
    is_text = session.get_bind().dialect.name == "sqlite"
    is_untold = or_(
        col(EmergencyRow.version) < version,
        and_(col(EmergencyRow.outcome) == Outcome.PENDING, col(EmergencyRow.due_at) < now),
    )
    found, untold = [], []
    for row in session.connection().execute(_query(is_untold, since, until, is_text)).fetchall():
        if row[0]:
            untold.append(row[1])
            continue
        times = (
            [_instant(at + "+00:00") if at else None for at in row[-len(TIMES) :]] if is_text else row[-len(TIMES) :]
        )
        found.append(judged(now, *row[1 : -len(TIMES)], *times))
    return found, untold


def told_by(row: EmergencyRow, now: datetime) -> EmergencyOutcome:
    """The same of a summary at hand; one of an older version counts from the call, and resolves by its deadline."""
    return judged(
        now,
        row.id,
        row.outcome,
        row.evidence,
        row.seconds,
        row.our_outage,
        row.first_priority or row.priority,
        row.coverage,
        row.contact_by or row.acknowledged_by,
        row.name or row.number,
        row.clock_started_at or row.call_started_at,
        row.due_at,
        row.first_page_at,
        row.first_acknowledged_at,
        row.contact_at,
        row.resolve_due_at or row.due_at,
        row.resolved_at,
        row.withdrawn_at,
    )


def _query(is_untold: ColumnElement[bool], since: datetime, until: datetime, is_text: bool) -> Select[Any]:
    row, raw = EmergencyRow, String if is_text else DateTime(timezone=True)
    columns: list[Any] = [
        is_untold,
        row.id,
        row.outcome,
        row.evidence,
        row.seconds,
        row.our_outage,
        row.first_priority,
        row.coverage,
        func.coalesce(row.contact_by, row.acknowledged_by),
        func.coalesce(row.name, row.number),
        *(type_coerce(getattr(row, name), raw) for name in TIMES),
    ]
    in_span = and_(col(row.call_started_at) >= since, col(row.call_started_at) < until)
    return select(*columns).where(in_span)
