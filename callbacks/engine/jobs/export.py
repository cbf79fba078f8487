"""Every emergency of a period as CSV, and the figures of a period."""

import csv
import io
from collections.abc import Sequence
from datetime import datetime

import structlog

from callbacks.emergency.fold import fold
from callbacks.emergency.model import Emergency, ref_of
from callbacks.emergency.promise import EmergencyOutcome
from callbacks.engine.intake import summary
from callbacks.engine.intake.summary import events_of
from callbacks.lib.wallclock import rfc3339
from callbacks.oncall.contacts import harmless
from callbacks.store.interface import Transaction
from callbacks.store.rows import EmergencyRow, Entry
from callbacks.store.summaries import outcome_of

# The figures of a period: from the summaries, and from the ledgers of the few that do not tell.

log = structlog.get_logger()
BATCH = 200
Story = tuple[Emergency, Entry]


def outcomes_between(session: Transaction, since: datetime, until: datetime, now: datetime) -> list[EmergencyOutcome]:
    """The emergencies whose calls began in a half-open span, as they stand at `now`, by the start of their clock.
    One whose ledger cannot be read counts as its summary said last."""
    found, untold = session.emergencies.outcomes(since, until, summary.VERSION, now)
    readable = stories(session, untold) if untold else {}
    for emergency_id in untold:
        row = session.emergencies.find(emergency_id)
        assert row is not None
        found.append(outcome_of(_fresh(row, readable.get(emergency_id), now), now))
    return sorted(found, key=lambda j: (j.started_at, j.id))


def stories(session: Transaction, ids: Sequence[int]) -> dict[int, Emergency]:
    """Some emergencies by id; those whose ledger cannot be read are left out."""
    return {emergency_id: e for emergency_id, (e, _) in folded(session, ids).items()}


def folded(session: Transaction, ids: Sequence[int]) -> dict[int, Story]:
    """Some emergencies, each with its last fact; those whose ledger cannot be read are said in the log, left out."""
    found: dict[int, Story] = {}
    for start in range(0, len(ids), BATCH):
        for emergency_id, entries in session.ledger.read_many(ids[start : start + BATCH]).items():
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
    return summary.refreshed(row, e, now) if e else row


COLUMNS = (
    "ref",
    "called_at",
    "clock_started_at",
    "due_at",
    "opened_as",
    "priority",
    "number",
    "withheld",
    "name",
    "outcome",
    "evidence",
    "our_outage",
    "first_page_at",
    "seconds_to_first_page",
    "acknowledged_at",
    "seconds_to_acknowledgement",
    "first_attempt_at",
    "contact_at",
    "seconds_to_human",
    "technician",
    "resolution",
    "resolve_due_at",
    "resolved_at",
    "seconds_to_resolution",
    "resolved_how",
    "coverage",
    "excluded_why",
)


def as_csv(session: Transaction, since: datetime, until: datetime, now: datetime) -> tuple[str, int]:
    """The file's text and how many emergencies stand in it. Times are RFC 3339 in UTC, numbers stand bare, and a cell
    that a spreadsheet would run has a ' in front."""
    known = {j.id: j for j in outcomes_between(session, since, until, now)}
    out = io.StringIO(newline="")
    lines = csv.writer(out, lineterminator="\r\n")
    lines.writerow(COLUMNS)
    for row in session.emergencies.each(since, until):
        if j := known.get(row.id):
            lines.writerow(_line(row, j))
    return out.getvalue(), len(known)


def _line(row: EmergencyRow, j: EmergencyOutcome) -> list[object]:
    cells: list[object] = [
        ref_of(j.id),
        rfc3339(row.call_started_at),
        rfc3339(j.started_at),
        rfc3339(row.due_at),
        j.priority,
        row.priority,
        row.number,
        _yes(row.withheld),
        harmless(row.name or ""),
        j.outcome,
        j.evidence,
        _yes(j.our_outage),
        rfc3339(row.first_page_at),
        j.to_page,
        rfc3339(row.first_acknowledged_at),
        j.to_acknowledgement,
        rfc3339(row.first_attempt_at),
        rfc3339(row.contact_at),
        j.to_human,
        harmless(j.technician or ""),
        j.resolution,
        rfc3339(row.resolve_due_at),
        rfc3339(row.resolved_at),
        j.to_resolution,
        row.resolved_how,
        j.coverage,
        harmless(row.excluded_why or ""),
    ]
    return ["" if cell is None else cell for cell in cells]


def _yes(value: bool) -> str:
    return "yes" if value else "no"
