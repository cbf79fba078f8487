"""Every emergency of a period as CSV: one line each, with the customer, for supervisors and auditors."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session

from callbacks.emergency.outcome import Judged
from callbacks.engine.figures import judged_between
from callbacks.engine.intake import ref_of
from callbacks.oncall.contacts import harmless
from callbacks.reporting.record import rfc3339
from callbacks.store.emergencies import listed
from callbacks.store.tables import EmergencyRow

COLUMNS = (
    "ref", "called_at", "clock_started_at", "due_at", "opened_as", "priority", "number", "withheld", "name", "outcome",
    "evidence", "our_outage", "first_page_at", "seconds_to_first_page", "acknowledged_at",
    "seconds_to_acknowledgement", "first_attempt_at", "contact_at", "seconds_to_human", "technician", "resolution",
    "resolve_due_at", "resolved_at", "seconds_to_resolution", "resolved_how", "coverage", "excluded_why",
)  # fmt: skip
PAGE = 1000


def as_csv(session: Session, since: datetime, until: datetime, now: datetime) -> tuple[str, int]:
    """The file's text and how many emergencies stand in it. Times are RFC 3339 in UTC, numbers stand bare, and a cell
    that a spreadsheet would run has a ' in front."""
    known = {j.id: j for j in judged_between(session, since, until, now)}
    out = io.StringIO(newline="")
    lines = csv.writer(out, lineterminator="\r\n")
    lines.writerow(COLUMNS)
    for row in _rows(session, since, until):
        if j := known.get(row.id or 0):
            lines.writerow(_line(row, j))
    return out.getvalue(), len(known)


def _rows(session: Session, since: datetime, until: datetime) -> Iterator[EmergencyRow]:
    after = 0
    while found := listed(session, since=since, until=until, after_id=after, limit=PAGE):
        yield from found
        after = found[-1].id or 0
        session.expunge_all()


def _line(row: EmergencyRow, j: Judged) -> list[object]:
    cells: list[object] = [
        ref_of(j.id), rfc3339(row.call_started_at), rfc3339(j.started_at), rfc3339(row.due_at), j.priority,
        row.priority, row.number, _yes(row.withheld), harmless(row.name or ""), j.outcome, j.evidence,
        _yes(j.our_outage), rfc3339(row.first_page_at), j.to_page, rfc3339(row.first_acknowledged_at),
        j.to_acknowledgement, rfc3339(row.first_attempt_at), rfc3339(row.contact_at), j.to_human,
        harmless(j.technician or ""), j.resolution, rfc3339(row.resolve_due_at), rfc3339(row.resolved_at),
        j.to_resolution, row.resolved_how, j.coverage, harmless(row.excluded_why or ""),
    ]  # fmt: skip
    return ["" if cell is None else cell for cell in cells]


def _yes(value: bool) -> str:
    return "yes" if value else "no"
