"""Everything recomputed from the ledgers: chains, summaries and verdicts."""

from datetime import datetime

from sqlmodel import Session

from callbacks.emergency import Emergency
from callbacks.engine import summary
from callbacks.engine.stories import events_of
from callbacks.folding import fold
from callbacks.store import ledger
from callbacks.store.tables import EmergencyRow

COMPARED = (
    "state", "priority", "due_at", "first_page_at", "acknowledged_by", "contact_at", "is_open", "call_sid", "outcome",
    "evidence", "seconds", "our_outage",
)  # fmt: skip
SINCE_FIGURES = (
    "number", "name", "first_priority", "clock_started_at", "first_acknowledged_at", "first_attempt_at", "contact_by",
    "withdrawn_at", "resolve_due_at", "resolved_at", "resolved_how", "coverage", "excluded_why",
)  # fmt: skip


def verify(session: Session) -> ledger.BadRow | None:
    """The first row that does not add up, or None."""

    def complain(row: EmergencyRow, entries: list[ledger.Entry]) -> str | None:
        after = fold(events_of(entries))
        if after is None:
            return "the ledger does not begin with an opening"
        return _difference(row, after, entries[-1].recorded_at)

    return ledger.verify(session, complain)


def _difference(row: EmergencyRow, e: Emergency, at: datetime) -> str | None:
    """What the summary says otherwise than the ledger; the verdict as it was when last written. What figures are
    counted by is compared once this version has written it."""
    fresh = summary.blank(row.source_key, at)
    summary.refresh(fresh, e, at)
    for name in COMPARED + (SINCE_FIGURES if row.version == summary.VERSION else ()):
        if getattr(fresh, name) != getattr(row, name):
            return f"the summary's {name} differs from what the ledger says"
    return None
