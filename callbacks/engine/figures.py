"""The figures of a period: from the summaries, and from the ledgers of the few that do not tell."""

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlmodel import Session

from callbacks.emergency.fold import fold
from callbacks.emergency.model import Emergency
from callbacks.emergency.outcome import Judged
from callbacks.engine import summary
from callbacks.engine.intake import ref_of
from callbacks.engine.stories import events_of
from callbacks.store import ledger
from callbacks.store.figures import told, told_by
from callbacks.store.tables import EmergencyRow

log = structlog.get_logger()
BATCH = 200
Story = tuple[Emergency, ledger.Entry]


def judged_between(session: Session, since: datetime, until: datetime, now: datetime) -> list[Judged]:
    """The emergencies whose calls began in a half-open span, as they stand at `now`, by the start of their clock.
    One whose ledger cannot be read counts as its summary said last."""
    found, untold = told(session, since, until, summary.VERSION, now)
    readable = stories(session, untold) if untold else {}
    for emergency_id in untold:
        row = session.get_one(EmergencyRow, emergency_id)
        found.append(told_by(_fresh(row, readable.get(emergency_id), now), now))
    return sorted(found, key=lambda j: (j.started_at, j.id))


def stories(session: Session, ids: Sequence[int]) -> dict[int, Emergency]:
    """Some emergencies by id; those whose ledger cannot be read are left out."""
    return {emergency_id: e for emergency_id, (e, _) in folded(session, ids).items()}


def folded(session: Session, ids: Sequence[int]) -> dict[int, Story]:
    """Some emergencies, each with its last fact; those whose ledger cannot be read are said in the log, left out."""
    found: dict[int, Story] = {}
    for start in range(0, len(ids), BATCH):
        for emergency_id, entries in ledger.read_many(session, ids[start : start + BATCH]).items():
            try:
                e = fold(events_of(entries))
            except Exception:
                log.error("emergency.unreadable", ref=ref_of(emergency_id), exc_info=True)
                continue
            if e:
                found[emergency_id] = (e, entries[-1])
    return found


def _fresh(row: EmergencyRow, e: Emergency | None, now: datetime) -> EmergencyRow:
    """A summary that is written nowhere: this only reads."""
    if e is None:
        return row
    made = summary.blank(row.source_key, now)
    summary.refresh(made, e, now)
    made.id = row.id
    return made
