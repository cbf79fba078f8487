"""One emergency, reduced to what figures need, from its summary and the instant that is asked for.

A tuple, because a report makes tens of thousands of them: a frozen dataclass takes four times as long to make.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from callbacks.emergency.model import Evidence, Outcome
from callbacks.emergency.promise import resolved_in_time

SECOND = timedelta(seconds=1)


class EmergencyOutcome(NamedTuple):
    """`seconds` is the verdict's, null unless met. The times count from the clock's start, in whole seconds, None
    while it has not happened: `to_human` is the verdict's own where it is met, else the first conversation, late as
    it was. `promised` is how long there was. `technician` is who spoke with the customer, else who has it."""

    id: int
    outcome: Outcome
    evidence: Evidence
    seconds: int | None
    our_outage: bool
    priority: str
    resolution: Outcome
    coverage: str | None
    started_at: datetime
    promised: int
    to_page: int | None
    to_acknowledgement: int | None
    to_human: int | None
    to_resolution: int | None
    technician: str | None
    customer: str | None


def judged(
    now: datetime,
    id: int,
    outcome: Outcome,
    evidence: Evidence,
    seconds: int | None,
    our_outage: bool,
    priority: str,
    coverage: str | None,
    technician: str | None,
    customer: str | None,
    started_at: datetime,
    due_at: datetime,
    first_page_at: datetime | None,
    first_acknowledged_at: datetime | None,
    contact_at: datetime | None,
    resolve_due_at: datetime,
    resolved_at: datetime | None,
    withdrawn_at: datetime | None,
) -> EmergencyOutcome:
    """The emergency at `now`, from what its summary keeps; `started_at` is the start of the clock that decides. The
    outcome is the summary's; whether it was resolved in time is asked here, because no timer tells of that deadline.
    """
    return EmergencyOutcome(
        id,
        outcome,
        evidence,
        seconds,
        our_outage,
        priority,
        resolved_in_time(outcome, resolve_due_at, resolved_at, withdrawn_at, now),
        coverage,
        started_at,
        (due_at - started_at) // SECOND,
        (first_page_at - started_at) // SECOND if first_page_at else None,
        (first_acknowledged_at - started_at) // SECOND if first_acknowledged_at else None,
        seconds if seconds is not None else (contact_at - started_at) // SECOND if contact_at else None,
        (resolved_at - started_at) // SECOND if resolved_at else None,
        technician,
        customer,
    )
