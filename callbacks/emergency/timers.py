"""What the passing of time does to an emergency, as one list that drives both the wake-up and the act.

- Unowned: the next escalation step.
- Owned and nothing tried since: a reminder before the deadline, then it is taken back and escalates on.
  Somebody who takes it late still gets the span between the two to act.
- Nothing tried `at_risk_before` the deadline: supervisors are told, once. At the deadline: once more,
  or that a conversation which a technician declared is not confirmed by the customer.
- A callback under way holds all of it but the escalation of an unowned emergency.
- Resolved before the deadline, the callback is owed still. Behind it the verdict stands, and a resolution is the end.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from callbacks.emergency import events as ev
from callbacks.emergency import promise
from callbacks.emergency.customer_notifications import next_relay, relay
from callbacks.emergency.escalation import next_step, take
from callbacks.emergency.fold import apply
from callbacks.emergency.model import Alert, Emergency, Evidence, GivenBack, Outcome, Skipped
from callbacks.emergency.promise import live_callback
from callbacks.oncall.coverage import Duty
from callbacks.policy.hours import is_open, next_open
from callbacks.policy.model import Channel

Act = Callable[[Emergency, datetime, Duty], list[ev.Event]]
AFTER_DEADLINE = timedelta(milliseconds=1)
MOST_AT_ONCE = 100


class Next(StrEnum):
    """What happens to an emergency next. CALLBACK is under way; the others come when their time does."""

    CALLBACK = "callback"
    STEP = "step"
    REMINDER = "reminder"
    TAKE_BACK = "take-back"
    AT_RISK = "at-risk"
    DEADLINE = "deadline"
    WAITING = "waiting"
    NOTES = "notes"
    RESOLUTION = "resolution"


class Timer(NamedTuple):
    at: datetime
    act: Act
    name: Next


def next_wake(e: Emergency) -> datetime | None:
    """The instant at which something is due next; None when nothing ever will be."""
    return min((t.at for t in timers(e)), default=None)


def catch_up(e: Emergency, now: datetime, duty: Duty) -> list[ev.Event]:
    """Everything that is due at `now`, in order of gravity, each seen in the light of the one before."""
    story: list[ev.Event] = []
    while due := next((t for t in timers(e) if t.at <= now), None):
        new = due.act(e, now, duty)
        assert new and len(story) < MOST_AT_ONCE, "time must move the story on"
        for event in new:
            e = apply(e, event) or e
        story += new
    return story


def timers(e: Emergency) -> list[Timer]:
    """All that is set, gravest first. Looked at before and after every input: deadline and tries are found out once."""
    notes = _notes(e)
    is_over = e.withdrawn_at or e.excluded_at or (e.resolved_at and (e.drill or e.deadline_passed_at))
    if is_over or promise.no_message_recorded(e):
        return [notes] if notes else []
    due, tries = promise.due_at(e), promise.attempts(e)
    found = [_deadline(e, due), _waiting(e)]
    if not (tries and any(a.contact_at for a in tries)):
        if _owner_is_idle(e, tries):
            found += [_take_back(e, due), _reminder(e, due)]
        found += [_at_risk(e, due, tries), _escalation(e)]
    return [t for t in (*found, notes) if t]


def _deadline(e: Emergency, due: datetime) -> Timer | None:
    if e.deadline_passed_at or e.drill:
        return None
    at = due + AFTER_DEADLINE
    for c in e.callbacks.values():
        if c.joined_at and c.joined_at <= due and not c.ended_at:
            at = max(at, c.gives_up_at)
    return Timer(at, _pass_deadline, Next.DEADLINE)


def _pass_deadline(e: Emergency, now: datetime, duty: Duty) -> list[ev.Event]:
    passed = ev.DeadlinePassed(at=now, due_at=promise.due_at(e))
    missed = promise.judge(e, now).outcome == Outcome.MISSED
    return [passed, *(tell(e, Alert.MISSED, now, duty) if missed else report_unconfirmed(e, now, duty))]


def report_unconfirmed(e: Emergency, now: datetime, duty: Duty) -> list[ev.Event]:
    """At the deadline the promise rests on a technician's word alone: the customer has not confirmed it. However late
    before the deadline it was given; one given after the deadline keeps no promise and is not told."""
    verdict = promise.judge(e, now)
    is_unconfirmed = verdict.outcome == Outcome.MET and verdict.evidence == Evidence.DECLARED
    return tell(e, Alert.UNCONFIRMED, now, duty) if is_unconfirmed else []


def _waiting(e: Emergency) -> Timer | None:
    """What can wait wakes nobody; the desk hears of it when it opens, and at once where it never does."""
    if not promise.deferred_by_caller(e) or Alert.WAITING in e.told or e.owner or e.resolved_at:
        return None
    opens = e.opened_at if is_open(e.terms.hours, e.opened_at) else next_open(e.terms.hours, e.opened_at)
    return Timer(opens or e.opened_at, _act_waiting, Next.WAITING)


def _act_waiting(e: Emergency, now: datetime, duty: Duty) -> list[ev.Event]:
    return tell(e, Alert.WAITING, now, duty)


def _take_back(e: Emergency, due: datetime) -> Timer:
    assert e.owned_since is not None
    at = max(due - e.terms.reopen_before, e.owned_since + _patience(e))
    return Timer(_held(e, at), _act_take_back, Next.TAKE_BACK)


def _act_take_back(e: Emergency, now: datetime, duty: Duty) -> list[ev.Event]:
    return [ev.TakenBack(at=now, person=e.owner or "", why=GivenBack.NO_ATTEMPT)]


def _reminder(e: Emergency, due: datetime) -> Timer | None:
    if e.reminded_at:
        return None
    assert e.owned_since is not None
    at = due - e.terms.nag_before
    late = e.owned_since + _patience(e) / 2
    return Timer(_held(e, at if at > e.owned_since else late), _act_remind, Next.REMINDER)


def _act_remind(e: Emergency, now: datetime, duty: Duty) -> list[ev.Event]:
    return [ev.OwnerReminded(at=now, person=e.owner or "")]


def _at_risk(e: Emergency, due: datetime, tries: Sequence[promise.Attempt]) -> Timer | None:
    if Alert.AT_RISK in e.told or e.deadline_passed_at or e.drill or any(a.tried_at for a in tries):
        return None
    return Timer(_held(e, due - e.terms.at_risk_before), _act_at_risk, Next.AT_RISK)


def _act_at_risk(e: Emergency, now: datetime, duty: Duty) -> list[ev.Event]:
    return tell(e, Alert.AT_RISK, now, duty)


def _escalation(e: Emergency) -> Timer | None:
    if e.owner or e.resolved_at or promise.deferred_by_caller(e):
        return None
    step = next_step(e)
    return Timer(step.due, _act_escalate, Next.STEP) if step else None


def _act_escalate(e: Emergency, now: datetime, duty: Duty) -> list[ev.Event]:
    step = next_step(e)
    assert step is not None
    taken = take(e, step, now, duty)
    nobody = isinstance(taken[0], ev.StepSkipped) and taken[0].why != Skipped.ALL_PASSED
    return [*taken, *(tell(e, Alert.NOBODY_ON_CALL, now, duty) if nobody and not e.drill else ())]


def _notes(e: Emergency) -> Timer | None:
    """What the customer writes reaches people after the end, too."""
    at = next_relay(e)
    return Timer(at, _act_relay, Next.NOTES) if at else None


def _act_relay(e: Emergency, now: datetime, duty: Duty) -> list[ev.Event]:
    return relay(e, now)


def tell(e: Emergency, about: Alert, now: datetime, duty: Duty) -> list[ev.Event]:
    """Supervisors are told each thing once."""
    if about in e.told:
        return []
    return [ev.SupervisorsTold(at=now, about=about, people=tuple(c.name for c in duty.supervisors))]


def _owner_is_idle(e: Emergency, tries: Sequence[promise.Attempt]) -> bool:
    """Somebody has it, and nothing was tried since (by our own clock: the carrier's times are whole seconds)."""
    since = e.owned_since
    return since is not None and not any(a.tried_at and a.at >= since for a in tries)


def _patience(e: Emergency) -> timedelta:
    return e.terms.nag_before - e.terms.reopen_before


def _held(e: Emergency, at: datetime) -> datetime:
    """Not while a callback is under way."""
    for c in e.callbacks.values():
        if not c.ended_at:
            at = max(at, c.gives_up_at)
    return at


# What will happen to an emergency next, by itself, and when: the same timers that will make it happen.


@dataclass(frozen=True, slots=True)
class NextAction:
    """`who` is the step's target or the owner; `channels` are the step's. `at` is None for what is under way."""

    name: Next
    at: datetime | None
    who: str = ""
    channels: tuple[Channel, ...] = ()


def next_action(e: Emergency, now: datetime) -> NextAction | None:
    """None when nothing will happen by itself."""
    call = live_callback(e, now)
    if call:
        return NextAction(Next.CALLBACK, None, call.by)
    timer = min(timers(e), key=lambda t: t.at, default=None)
    if timer is None:
        return None
    step = next_step(e) if timer.name == Next.STEP else None
    if step:
        planned = e.terms.rungs[step.step]
        return NextAction(Next.STEP, timer.at, planned.target, planned.channels)
    return NextAction(timer.name, timer.at, e.owner or "")
