"""The promise and its verdict: when the callback is owed, what was tried, whether it was kept.

- Everything here is a function of the ledger and of the instant it is asked for.
- A contact at exactly the deadline is in time; `pending` holds up to and including it, and while a
  talk that began in time runs on.
- Strength of evidence: carrier (a bridged talk), customer (their word), declared (a technician's word).
- A try is a call that made the customer's phone ring or found it busy; one that failed before is none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from callbacks.callback import MACHINES, Callback, Declaration
from callbacks.emergency import Emergency

STRENGTH = ("carrier", "customer", "declared")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try. `result`: bridged, no-answer, busy, machine, failed or declared. `evidence` says who
    vouches for it; `contact_at` is set when it was a conversation; `tried_at` when it counts as a try."""

    at: datetime
    by: str
    result: str
    talk_seconds: int
    evidence: str
    tried_at: datetime | None
    contact_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`outcome`: pending, met, void, missed, withdrawn or excluded. `seconds` from the clock's start to
    the contact, null unless met. `reason` is a slug for wording; `deciding` the attempt it rests on."""

    outcome: str
    evidence: str = "none"
    seconds: int | None = None
    our_outage: bool = False
    reason: str = ""
    deciding: Attempt | None = None


def clock_start(e: Emergency) -> datetime:
    """The instant the promise counts from, by the policy's `clock_starts`; without a message, the call."""
    if e.terms.clock_starts == "message" and e.message_ended_at:
        return e.message_ended_at
    return e.call_started_at


def due_at(e: Emergency) -> datetime:
    """The last instant at which a human callback keeps the promise."""
    return clock_start(e) + e.terms.callback_within


def attempts(e: Emergency) -> tuple[Attempt, ...]:
    """Every try, oldest first. A contact the customer denied is no try either and is left out."""
    bridged = [_bridged(c, e) for c in e.callbacks.values() if c.accepted_at and not c.failed and _rang_or_ended(c)]
    spoken = [_declared(d, e) for d in e.declarations]
    return tuple(sorted((a for a in (*bridged, *spoken) if a), key=lambda a: a.at))


def first_contact(e: Emergency) -> datetime | None:
    """When a human first spoke with the customer, in time or not."""
    return min((a.contact_at for a in attempts(e) if a.contact_at), default=None)


def state(e: Emergency) -> str:
    """open, acknowledged, reached, resolved or withdrawn."""
    if e.withdrawn_at or e.excluded_at:
        return "withdrawn"
    if e.resolved_at:
        return "resolved"
    if first_contact(e):
        return "reached"
    return "acknowledged" if e.owner else "open"


def has_tried(e: Emergency) -> bool:
    return any(a.tried_at for a in attempts(e))


def live_callback(e: Emergency, now: datetime) -> Callback | None:
    """A callback under way at `now`, if any."""
    return next((c for c in e.callbacks.values() if c.is_live(now)), None)


def judge(e: Emergency, now: datetime) -> Verdict:
    """The verdict at `now`. Source: the published promise and the rules of the verdict."""
    if e.drill or e.excluded_at:
        return Verdict("excluded", reason="drill" if e.drill else "excluded")
    due, tries = due_at(e), attempts(e)
    contact = _strongest(a for a in tries if a.contact_at and a.contact_at <= due)
    if e.withdrawn_at and e.withdrawn_at <= due and not _was_met(contact, e.withdrawn_at):
        return Verdict("withdrawn", reason="withdrawn")
    if contact:
        return _met(e, contact)
    if now <= due or _talk_runs_on(e, due, now):
        return Verdict("pending", reason="pending")
    tried = _strongest(a for a in tries if a.tried_at and a.tried_at <= due)
    if tried:
        return Verdict("void", tried.evidence, reason="tried", deciding=tried)
    return Verdict("missed", our_outage=_we_were_down(e, due), reason="nothing-tried")


def _met(e: Emergency, contact: Attempt) -> Verdict:
    assert contact.contact_at is not None
    seconds = int((contact.contact_at - clock_start(e)).total_seconds())
    return Verdict("met", contact.evidence, seconds, reason=contact.evidence, deciding=contact)


def _was_met(contact: Attempt | None, at: datetime) -> bool:
    return contact is not None and contact.contact_at is not None and contact.contact_at <= at


def _strongest(found: Iterable[Attempt]) -> Attempt | None:
    ranked = sorted(found, key=lambda a: (STRENGTH.index(a.evidence), a.contact_at or a.at))
    return ranked[0] if ranked else None


def _talk_runs_on(e: Emergency, due: datetime, now: datetime) -> bool:
    return any(c.joined_at and c.joined_at <= due and c.is_live(now) for c in e.callbacks.values())


def _we_were_down(e: Emergency, due: datetime) -> bool:
    return any(began < due and ended > e.call_started_at for began, ended in e.outages)


# --- what a bridged call amounts to ---


def _rang_or_ended(c: Callback) -> bool:
    return bool(c.ended_at or c.rang_at or c.joined_at)


def _bridged(c: Callback, e: Emergency) -> Attempt | None:
    assert c.accepted_at is not None
    result, evidence, spoke = _meaning(c, e.terms.contact_after)
    if spoke and evidence == "declared":
        answer = _customers_word(c.accepted_at, e)
        if answer is False:
            return None
        evidence = "customer" if answer else evidence
    talk = c.ending.talk_seconds if c.ending else 0
    tried_at = c.rang_at or c.joined_at or (None if result == "failed" else c.accepted_at)
    return Attempt(c.accepted_at, c.by, result, talk, evidence, tried_at, c.joined if spoke else None)


def _meaning(c: Callback, contact_after: timedelta) -> tuple[str, str, bool]:
    """(result, evidence, was it a conversation). The technician's key beats the machine's verdict."""
    if c.ending is None or not c.ending.bridged:
        return _unbridged(c), "carrier", False
    if c.reported in ("no-answer", "left-message"):
        return ("machine" if c.reported == "left-message" else "no-answer"), "carrier", False
    long_enough = timedelta(seconds=c.ending.talk_seconds) >= contact_after
    if c.reported == "reached":
        return "bridged", ("carrier" if long_enough else "declared"), True
    if c.answered_by in MACHINES:
        return "machine", "carrier", False
    return "bridged", "carrier", long_enough


def _unbridged(c: Callback) -> str:
    status = c.ending.status if c.ending else ""
    if status in ("busy", "no-answer", "failed"):
        return status
    if c.answered_by in MACHINES:
        return "machine"
    rang = c.rang_at is not None or c.joined_at is not None
    return "no-answer" if rang or status == "completed" else "failed"


# --- what a technician's word amounts to ---


def _declared(d: Declaration, e: Emergency) -> Attempt | None:
    if not d.reached:
        return Attempt(d.at, d.by, "no-answer", 0, "declared", d.at)
    answer = _customers_word(d.at, e)
    if answer is False:
        return None
    return Attempt(d.at, d.by, "declared", 0, "customer" if answer else "declared", d.at, d.at)


def _customers_word(since: datetime, e: Emergency) -> bool | None:
    """The customer's last answer to "did we reach you?" after a declared contact; None if none came."""
    answers = [said for at, said in e.confirmations if at >= since]
    return answers[-1] if answers else None
