"""The promise and its verdict: when the callback is owed, what was tried, whether it was kept.

- Everything here is a function of the ledger and of the instant it is asked for.
- A contact at exactly the deadline is in time; `pending` holds up to and including it, and while a
  talk that began in time runs on.
- Strength of evidence: carrier (a bridged talk), customer (their word), declared (a technician's word).
- A try is a call that made the customer's phone ring or found it busy; one that failed before is none.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from callbacks.emergency.model import (
    MACHINES,
    STRENGTH,
    Callback,
    Declaration,
    Emergency,
    Evidence,
    Outcome,
    Reported,
    Result,
    State,
)
from callbacks.policy.hours import NeverOpen, open_time_deadline
from callbacks.policy.model import ClockStart, NoMessage, Priority, PriorityTimes, ReactionClock, SupportHours


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try. `evidence` says who
    vouches for it; `contact_at` is set when it was a conversation; `tried_at` when it counts as a try."""

    at: datetime
    by: str
    result: Result
    talk_seconds: int
    evidence: Evidence
    tried_at: datetime | None
    contact_at: datetime | None = None


class Reason(StrEnum):
    """What decided a verdict."""

    DRILL = "drill"
    EXCLUDED = "excluded"
    NO_MESSAGE = "no-message"
    WITHDRAWN = "withdrawn"
    CARRIER = "carrier"
    CUSTOMER = "customer"
    DECLARED = "declared"
    PENDING = "pending"
    TRIED = "tried"
    NOTHING_TRIED = "nothing-tried"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`seconds` from the clock's start to the contact, null unless met. `deciding`: the attempt it rests on."""

    outcome: Outcome
    reason: Reason
    evidence: Evidence = Evidence.NONE
    seconds: int | None = None
    our_outage: bool = False
    deciding: Attempt | None = None


def clock_start(e: Emergency) -> datetime:
    """The instant the promise counts from, by the policy's `clock_starts`; without a message, the call."""
    if e.terms.clock_starts == ClockStart.MESSAGE and e.message_ended_at:
        return e.message_ended_at
    return e.call_started_at


def due_at(e: Emergency) -> datetime:
    """The last instant at which a human callback keeps the promise: by the priority it was opened with. A later
    reclassification keeps this clock."""
    return react_by(e, e.first_priority)


def react_by(e: Emergency, priority: Priority) -> datetime:
    """The deadline of a first reaction under `priority`; P1 is the promise itself."""
    start = clock_start(e)
    if priority == Priority.P1 or priority not in e.terms.priorities:
        return start + e.terms.callback_within
    return reaction_due(e.terms.priorities[priority], e.terms.hours, start)


def reaction_due(rule: PriorityTimes, hours: SupportHours, start: datetime) -> datetime:
    """On the priority's own clock; in plain time where so much open time never comes."""
    if rule.clock != ReactionClock.BUSINESS:
        return start + rule.react_within
    try:
        return open_time_deadline(hours, start, rule.react_within)
    except NeverOpen:
        return start + rule.react_within


def resolve_by(e: Emergency) -> datetime:
    """The deadline of a resolution or a workaround, in plain time, by the priority it has; a change that comes after
    a deadline moves it no more."""
    due = _resolved_within(e, e.first_priority)
    for at, priority in e.reclassified:
        if at > due:
            break
        due = _resolved_within(e, priority)
    return due


def _resolved_within(e: Emergency, priority: Priority) -> datetime:
    rule = e.terms.priorities.get(priority)
    return clock_start(e) + rule.resolve_within if rule else due_at(e)


def attempts(e: Emergency) -> tuple[Attempt, ...]:
    """Every try, oldest first. A contact the customer denied is no try either and is left out."""
    return _attempts(e, lambda c: bool(c.ended_at or c.rang_at or c.joined_at))


def attempts_to_show(e: Emergency, now: datetime) -> tuple[Attempt, ...]:
    """The tries of which something can be said at `now`: one whose phone only rings so far has no result."""
    return _attempts(e, lambda c: bool(c.ended_at or c.joined_at or (c.rang_at and not c.is_live(now))))


def _attempts(e: Emergency, counts: Callable[[Callback], bool]) -> tuple[Attempt, ...]:
    if not (e.callbacks or e.declarations):
        return ()
    bridged = [_bridged(c, e) for c in e.callbacks.values() if c.accepted_at and not c.failed and counts(c)]
    spoken = [_declared(d, e) for d in e.declarations]
    found = [a for a in (*bridged, *spoken) if a]
    return tuple(sorted(found, key=lambda a: a.at) if len(found) > 1 else found)


def first_contact(e: Emergency) -> datetime | None:
    """When a human first spoke with the customer, in time or not."""
    tries = attempts(e)
    return min((a.contact_at for a in tries if a.contact_at), default=None) if tries else None


def is_proved(e: Emergency) -> bool:
    """Whether a conversation is vouched for by somebody else than us: the carrier or the customer."""
    return any(a.contact_at and a.evidence != Evidence.DECLARED for a in attempts(e))


def state(e: Emergency) -> State:
    if e.withdrawn_at or e.excluded_at:
        return State.WITHDRAWN
    if e.resolved_at:
        return State.RESOLVED
    if first_contact(e):
        return State.REACHED
    return State.ACKNOWLEDGED if e.owner else State.OPEN


def has_tried(e: Emergency) -> bool:
    return any(a.tried_at for a in attempts(e))


def live_callback(e: Emergency, now: datetime) -> Callback | None:
    """A callback under way at `now`, if any."""
    return next((c for c in e.callbacks.values() if c.is_live(now)), None)


def no_message_recorded(e: Emergency) -> bool:
    """Nobody left a word, and the policy says that such a call is kept but wakes nobody: no promise was made."""
    return e.terms.no_message == NoMessage.RECORD and e.message_ended_at is None and not e.added


def deferred_by_caller(e: Emergency) -> bool:
    """The caller said that it can wait, and nobody has raised it since."""
    return e.can_wait and e.priority == e.first_priority


def judge(e: Emergency, now: datetime) -> Verdict:
    """The verdict at `now`. Source: the published promise and the rules of the verdict."""
    return judge_by(e, now, due_at(e))


def judge_by(e: Emergency, now: datetime, due: datetime) -> Verdict:
    """The verdict at `now` if the deadline were `due`."""
    if e.drill or e.excluded_at:
        return Verdict(Outcome.EXCLUDED, Reason.DRILL if e.drill else Reason.EXCLUDED)
    if no_message_recorded(e):
        return Verdict(Outcome.EXCLUDED, Reason.NO_MESSAGE)
    tries = attempts(e)
    contact = _strongest(a for a in tries if a.contact_at and a.contact_at <= due)
    if _withdrawal_counts(e, due):
        return Verdict(Outcome.WITHDRAWN, Reason.WITHDRAWN)
    if contact:
        return _met(e, contact)
    if now <= due or _talk_runs_on(e, due, now):
        return Verdict(Outcome.PENDING, Reason.PENDING)
    tried = _strongest(a for a in tries if a.tried_at and a.tried_at <= due)
    if tried:
        return Verdict(Outcome.VOID, Reason.TRIED, tried.evidence, deciding=tried)
    return Verdict(Outcome.MISSED, Reason.NOTHING_TRIED, our_outage=_we_were_down(e, due))


def resolution(e: Emergency, now: datetime) -> Outcome:
    """The second verdict: was it resolved, or worked around, in time? As published, a customer who could not
    be reached in time voids both times."""
    return resolved_in_time(judge(e, now).outcome, resolve_by(e), e.resolved_at, e.withdrawn_at, now)


def resolved_in_time(
    outcome: Outcome, due: datetime, resolved_at: datetime | None, withdrawn_at: datetime | None, now: datetime
) -> Outcome:
    """The same from what a summary keeps: the first verdict's outcome and the times of the end."""
    if outcome in (Outcome.WITHDRAWN, Outcome.EXCLUDED, Outcome.VOID):
        return outcome
    if resolved_at and resolved_at <= due:
        return Outcome.MET
    if withdrawn_at and withdrawn_at <= due:
        return Outcome.WITHDRAWN
    return Outcome.PENDING if resolved_at is None and now <= due else Outcome.MISSED


def by_both_clocks(e: Emergency, now: datetime) -> dict[ClockStart, tuple[datetime, Verdict]]:
    """(deadline, verdict) counted from the call and from the end of the message; the policy names the one that
    decides."""
    found = {}
    for clock in ClockStart:
        as_if = replace(e, terms=replace(e.terms, clock_starts=clock))
        found[clock] = (due_at(as_if), judge(as_if, now))
    return found


def _withdrawal_counts(e: Emergency, due: datetime) -> bool:
    """A withdrawal changes the verdict only if it was pending when it was made; then it stays withdrawn."""
    if e.withdrawn_at is None or e.withdrawn_from is None:
        return False
    return judge_by(e.withdrawn_from, e.withdrawn_at, due).outcome == Outcome.PENDING


def _met(e: Emergency, contact: Attempt) -> Verdict:
    assert contact.contact_at is not None
    seconds = int((contact.contact_at - clock_start(e)).total_seconds())
    return Verdict(Outcome.MET, Reason(contact.evidence), contact.evidence, seconds, deciding=contact)


def _strongest(found: Iterable[Attempt]) -> Attempt | None:
    return min(found, key=lambda a: (STRENGTH.index(a.evidence), a.contact_at or a.at), default=None)


def _talk_runs_on(e: Emergency, due: datetime, now: datetime) -> bool:
    return any(c.joined_at and c.joined_at <= due and c.is_live(now) for c in e.callbacks.values())


def _we_were_down(e: Emergency, due: datetime) -> bool:
    return any(began < due and ended > e.call_started_at for began, ended in e.outages)


# --- what a bridged call amounts to ---


def _bridged(c: Callback, e: Emergency) -> Attempt | None:
    assert c.accepted_at is not None
    result, evidence, spoke = _meaning(c, e.terms.contact_after)
    if spoke and evidence == Evidence.DECLARED:
        answer = _customers_word(c.accepted_at, e)
        if answer is False:
            return None
        evidence = Evidence.CUSTOMER if answer else evidence
    ending = c.ending
    talk = ending.talk_seconds if ending else 0
    # A phone that was answered or did not answer has rung, though nobody told us when: since it was dialled.
    tried_at = c.rang_at or (c.joined_at if result == Result.FAILED else c.accepted_at)
    return Attempt(c.accepted_at, c.by, result, talk, evidence, tried_at, c.joined if spoke else None)


def _meaning(c: Callback, contact_after: timedelta) -> tuple[Result, Evidence, bool]:
    """(result, evidence, was it a conversation). The technician's key beats the machine's verdict."""
    ending = c.ending
    if ending is None or not ending.bridged:
        return _unbridged(c), Evidence.CARRIER, False
    if c.reported in (Reported.NO_ANSWER, Reported.LEFT_MESSAGE):
        return (Result.MACHINE if c.reported == Reported.LEFT_MESSAGE else Result.NO_ANSWER), Evidence.CARRIER, False
    long_enough = timedelta(seconds=ending.talk_seconds) >= contact_after
    if c.reported == Reported.REACHED:
        return Result.BRIDGED, (Evidence.CARRIER if long_enough else Evidence.DECLARED), True
    if c.answered_by in MACHINES:
        return Result.MACHINE, Evidence.CARRIER, False
    return Result.BRIDGED, Evidence.CARRIER, long_enough


def _unbridged(c: Callback) -> Result:
    ending = c.ending
    status = ending.status if ending else ""
    if status in (Result.BUSY, Result.NO_ANSWER, Result.FAILED):
        return Result(status)
    if c.answered_by in MACHINES:
        return Result.MACHINE
    if ending is None and c.joined_at:
        return Result.BRIDGED
    rang = c.rang_at is not None or c.joined_at is not None
    return Result.NO_ANSWER if rang or status == "completed" else Result.FAILED


# --- what a technician's word amounts to ---


def _declared(d: Declaration, e: Emergency) -> Attempt | None:
    if not d.reached:
        return Attempt(d.at, d.by, Result.NO_ANSWER, 0, Evidence.DECLARED, d.at)
    answer = _customers_word(d.at, e)
    if answer is False:
        return None
    return Attempt(d.at, d.by, Result.DECLARED, 0, Evidence.CUSTOMER if answer else Evidence.DECLARED, d.at, d.at)


def _customers_word(since: datetime, e: Emergency) -> bool | None:
    """The customer's last answer to "did we reach you?" about the contact declared at `since`; None if none came.
    An answer is about the newest contact declared before it."""
    until = min((at for at in declared_contacts(e) if at > since), default=None)
    answers = [said for at, said in e.confirmations if at >= since and (until is None or at < until)]
    return answers[-1] if answers else None


def declared_contacts(e: Emergency) -> list[datetime]:
    """When a technician's word alone said that the customer was reached."""
    bridged = [c.accepted_at for c in e.callbacks.values() if c.accepted_at and c.reported == Reported.REACHED]
    return [*bridged, *(d.at for d in e.declarations if d.reached)]


# The seven times of an emergency, each with who vouches for it.
#
# The carrier's own time rules over our arrival time; where only a report's arrival is known, it says webhook.


class TimedBy(StrEnum):
    """Who vouches for a time: the carrier, a report's arrival, a person, or our own record."""

    CARRIER = "carrier"
    WEBHOOK = "webhook"
    PERSON = "person"
    OURSELVES = "ourselves"


NAMES = (
    "call_started",
    "message_ended",
    "first_page_sent",
    "page_delivered",
    "acknowledged",
    "first_attempt",
    "human_contact",
)


@dataclass(frozen=True, slots=True)
class Moment:
    """`at` is None while it has not happened."""

    at: datetime | None
    source: TimedBy | None


def seven_times(e: Emergency) -> dict[str, Moment]:
    """By name, in the order of NAMES."""
    delivered = min((p.delivered_at for p in e.pages.values() if p.delivered_at), default=None)
    tries = [a for a in attempts(e) if a.tried_at]
    contacts = [a for a in attempts(e) if a.contact_at]
    contact = min(contacts, key=lambda a: a.contact_at or a.at, default=None)
    found = (
        Moment(e.call_started_at, TimedBy.CARRIER if e.call_carrier_timed else TimedBy.WEBHOOK),
        Moment(e.message_ended_at, TimedBy.CARRIER if e.message_carrier_timed else TimedBy.WEBHOOK),
        Moment(e.first_page_at, TimedBy.CARRIER),
        Moment(delivered, TimedBy.CARRIER),
        Moment(e.acknowledged_at, TimedBy.PERSON),
        Moment(min((a.tried_at for a in tries if a.tried_at), default=None), _source(tries[0]) if tries else None),
        Moment(contact.contact_at if contact else None, _source(contact) if contact else None),
    )
    return {name: moment if moment.at else Moment(None, None) for name, moment in zip(NAMES, found, strict=True)}


def _source(attempt: Attempt) -> TimedBy:
    return TimedBy.CARRIER if attempt.evidence == Evidence.CARRIER else TimedBy.PERSON


# One emergency, reduced to what figures need, from its summary and the instant that is asked for.
#
# A tuple, because a report makes tens of thousands of them: a frozen dataclass takes four times as long to make.

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


def emergency_outcome(
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
