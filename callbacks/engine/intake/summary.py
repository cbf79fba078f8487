"""The summary row of an emergency: derived from its ledger, rebuildable, for lists and queues."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, assert_never

import structlog

from callbacks.emergency import promise
from callbacks.emergency.events import Event, from_record
from callbacks.emergency.fold import fold
from callbacks.emergency.model import Emergency, Evidence, FoundBy, Outcome, State, ref_of
from callbacks.reporting import record
from callbacks.store.interface import Transaction
from callbacks.store.ledger import GENESIS
from callbacks.store.rows import EmergencyRow, Entry

# From the ledger to the emergency it adds up to.


def load(session: Transaction, emergency_id: int) -> Emergency | None:
    """The emergency its ledger adds up to."""
    return fold(events_of(session.ledger.read(emergency_id)))


def events_of(entries: Sequence[Entry]) -> list[Event]:
    return [from_record(x.kind, x.at, x.body, x.private) for x in entries]


log = structlog.get_logger()
BATCH = 200
VERSION = 3
LONGEST_WHY = 200


def blank(number: int, source_key: str, now: datetime) -> EmergencyRow:
    """A row for an emergency whose first facts follow in the same transaction."""
    return EmergencyRow(
        id=number,
        source_key=source_key,
        state=State.OPEN,
        priority="P1",
        drill=False,
        found_by=FoundBy.WEBHOOK,
        withheld=False,
        language="en",
        code="",
        call_started_at=now,
        opened_at=now,
        due_at=now,
        outcome=Outcome.PENDING,
        evidence=Evidence.NONE,
        our_outage=False,
        is_open=True,
        last_seq=0,
        head_hash=GENESIS,
    )


def refreshed(row: EmergencyRow, e: Emergency, now: datetime) -> EmergencyRow:
    """The row brought up to what the ledger says at `now`."""
    return replace(row, **columns(e, now))


def columns(e: Emergency, now: datetime) -> dict[str, Any]:
    """What the row says at `now`, by column."""
    verdict, state = promise.judge(e, now), promise.state(e)
    return {
        "call_sid": e.call_sid,
        "found_by": e.found_by,
        "number": e.number,
        "withheld": e.withheld,
        "name": ", ".join(word for word in (e.name, e.company) if word)[:200] or None,
        "state": state,
        "priority": e.priority,
        "drill": e.drill,
        "language": e.language,
        "code": e.code,
        "is_open": _is_open(state, verdict.outcome),
        "call_started_at": e.call_started_at,
        "message_ended_at": e.message_ended_at,
        "opened_at": e.opened_at,
        "due_at": promise.due_at(e),
        "first_page_at": e.first_page_at,
        "acknowledged_at": e.owned_since,
        "acknowledged_by": e.owner,
        "contact_at": promise.first_contact(e),
        "resolved_at": e.resolved_at,
        "recording_sid": e.recording_sid,
        "message_seconds": e.message_seconds,
        "audio_kept": e.keeps_audio,
        "outcome": verdict.outcome,
        "evidence": verdict.evidence,
        "seconds": verdict.seconds,
        "our_outage": verdict.our_outage,
        **_for_figures(e),
        "version": VERSION,
    }


def _is_open(state: State, outcome: Outcome) -> bool:
    """Resolving does not end the promise: until it is decided, somebody still owes a word to the customer."""
    match state:
        case State.OPEN | State.ACKNOWLEDGED | State.REACHED:
            return True
        case State.RESOLVED:
            return outcome == Outcome.PENDING
        case State.WITHDRAWN:
            return False
        case never:
            assert_never(never)


def _for_figures(e: Emergency) -> dict[str, object]:
    """What the report counts by, so that a month needs no ledger to be read."""
    tries = promise.attempts(e)
    return {
        "first_priority": e.first_priority,
        "first_acknowledged_at": e.acknowledged_at,
        "clock_started_at": promise.clock_start(e),
        "withdrawn_at": e.withdrawn_at,
        "first_attempt_at": min((a.tried_at for a in tries if a.tried_at), default=None),
        "contact_by": next((a.by for a in tries if a.contact_at), None),
        "resolve_due_at": promise.resolve_by(e),
        "resolved_how": e.resolved_how,
        "coverage": e.coverage,
        "excluded_why": (e.excluded_why or "")[:LONGEST_WHY] or None,
    }


def records(session: Transaction, rows: Sequence[EmergencyRow], now: datetime) -> Iterator[record.Emergency]:
    """The record of each, told from its ledger, in the order of the rows. A ledger that cannot be read keeps neither
    its own emergency nor the others out."""
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        stories = session.ledger.read_many([row.id for row in batch])
        for row in batch:
            yield _record(row, stories.get(row.id, []), now)


def _record(row: EmergencyRow, entries: Sequence[Entry], now: datetime) -> record.Emergency:
    try:
        e = fold(events_of(entries))
    except Exception:
        log.error("emergency.unreadable", id=row.id, exc_info=True)
        e = None
    return record.record(e, now) if e else outline(row)


def outline(row: EmergencyRow) -> record.Emergency:
    """The record of an emergency whose ledger cannot be read: what the summary said last."""
    known = {name: getattr(row, name, None) for name in record.Emergency.model_fields}
    why = "The ledger of this emergency cannot be read; this is what was last known. Run callbacks verify."
    verdict = {"outcome": row.outcome, "evidence": row.evidence, "seconds": row.seconds, "our_outage": row.our_outage}
    others: dict[str, object] = {
        "ref": ref_of(row.id),
        "customer": {"number": row.number, "withheld": row.withheld, "name": row.name},
        "verdict": verdict | {"why": why},
        "company": None,
        "attempts": [],
        "times": {},
        "clocks": {},
        "resolution": {},
        "coverage": {},
    }
    return record.Emergency.model_validate(known | others)


# A storm: so many callers that the number's one segment a second belongs to the pages alone.

SPAN = timedelta(minutes=1)
SIZE = 10


def is_storm(session: Transaction, now: datetime) -> bool:
    return session.emergencies.opened_since(now - SPAN) >= SIZE
