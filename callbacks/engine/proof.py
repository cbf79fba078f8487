"""Everything recomputed from the ledgers: chains, summaries and verdicts."""

from datetime import datetime

from sqlmodel import Session

from callbacks import promise
from callbacks.compliance import Judged
from callbacks.emergency import Emergency
from callbacks.engine import summary
from callbacks.engine.stories import events_of
from callbacks.folding import fold
from callbacks.store import ledger
from callbacks.store.emergencies import listed
from callbacks.store.tables import EmergencyRow

COMPARED = ("state", "priority", "due_at", "first_page_at", "acknowledged_by", "contact_at", "is_open", "call_sid")


def verify(session: Session) -> ledger.BadRow | None:
    """The first row that does not add up, or None."""

    def complain(row: EmergencyRow, entries: list[ledger.Entry]) -> str | None:
        after = fold(events_of(entries))
        if after is None:
            return "the ledger does not begin with an opening"
        return _difference(row, after, entries[-1].recorded_at)

    return ledger.verify(session, complain)


def judged(session: Session, since: datetime, until: datetime, now: datetime) -> list[Judged]:
    """The verdicts at `now` of the calls in a span, each from its own ledger."""
    rows = listed(session, since=since, until=until)
    found = []
    for start in range(0, len(rows), 200):
        ids = [row.id for row in rows[start : start + 200] if row.id is not None]
        for entries in ledger.read_many(session, ids).values():
            e = fold(events_of(entries))
            if e:
                v = promise.judge(e, now)
                second = promise.resolution(e, now)
                found.append(
                    Judged(v.outcome, v.evidence, v.seconds, v.our_outage, e.first_priority, second, e.coverage)
                )
    return found


def _difference(row: EmergencyRow, e: Emergency, at: datetime) -> str | None:
    """What the summary says otherwise than the ledger; the verdict as it was when last written."""
    fresh = summary.blank(row.source_key, at)
    summary.refresh(fresh, e, at)
    for name in (*COMPARED, "outcome", "evidence", "seconds", "our_outage"):
        if getattr(fresh, name) != getattr(row, name):
            return f"the summary's {name} differs from what the ledger says"
    return None
