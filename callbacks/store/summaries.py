"""What the row of an emergency tells by itself, whichever store it comes from."""

from datetime import datetime

from callbacks.emergency.model import Outcome
from callbacks.emergency.promise import EmergencyOutcome, emergency_outcome
from callbacks.store.rows import Drill, EmergencyRow


def outcome_of(row: EmergencyRow, now: datetime) -> EmergencyOutcome:
    """What figures are counted from; a row of an older version counts from the call, and resolves by its deadline."""
    return emergency_outcome(
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


def is_untold(row: EmergencyRow, version: int, now: datetime) -> bool:
    """Whether figures need its ledger: an older version wrote the row, or a deadline passed that nothing has noted."""
    return row.version < version or (row.outcome == Outcome.PENDING and row.due_at < now)


def drill_of(row: EmergencyRow, person: str) -> Drill:
    """`person`: who was paged."""
    answered = row.first_acknowledged_at or row.acknowledged_at
    seconds = round((answered - row.opened_at).total_seconds()) if answered else None
    return Drill(row.id, row.acknowledged_by or person, row.opened_at, seconds, row.is_open)
