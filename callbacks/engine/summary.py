"""The summary row of an emergency: derived from its ledger, rebuildable, for lists and queues."""

from datetime import datetime

from callbacks import promise
from callbacks.emergency import Emergency
from callbacks.store.ledger import GENESIS
from callbacks.store.tables import EmergencyRow


def blank(source_key: str, now: datetime) -> EmergencyRow:
    """A row for an emergency whose first facts follow in the same transaction."""
    return EmergencyRow(
        source_key=source_key, state="open", priority="P1", drill=False, found_by="webhook", withheld=False,
        language="en", code="", call_started_at=now, opened_at=now, due_at=now, outcome="pending",
        evidence="none", our_outage=False, is_open=True, last_seq=0, head_hash=GENESIS,
    )  # fmt: skip


def refresh(row: EmergencyRow, e: Emergency, now: datetime) -> None:
    """Brings the row up to what the ledger says at `now`."""
    verdict, state = promise.judge(e, now), promise.state(e)
    row.call_sid, row.found_by, row.number, row.withheld = e.call_sid, e.found_by, e.number, e.withheld
    row.name = ", ".join(word for word in (e.name, e.company) if word)[:200] or None
    row.state, row.priority, row.drill, row.language, row.code = state, e.priority, e.drill, e.language, e.code
    row.is_open = state not in ("resolved", "withdrawn") or (state == "resolved" and verdict.outcome == "pending")
    row.call_started_at, row.message_ended_at = e.call_started_at, e.message_ended_at
    row.opened_at, row.due_at, row.first_page_at = e.opened_at, promise.due_at(e), e.first_page_at
    row.acknowledged_at, row.acknowledged_by = e.owned_since, e.owner
    row.contact_at, row.resolved_at = promise.first_contact(e), e.resolved_at
    row.recording_sid, row.message_seconds = e.recording_sid, e.message_seconds
    row.outcome, row.evidence, row.seconds = verdict.outcome, verdict.evidence, verdict.seconds
    row.our_outage = verdict.our_outage
