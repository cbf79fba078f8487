"""Deadlines by priority and by clock, what stands when, and the second verdict."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest

from callbacks.emergency import events as ev
from callbacks.emergency import promise
from callbacks.emergency.escalation import next_step
from callbacks.emergency.fold import fold
from callbacks.emergency.model import (
    AnsweredBy,
    Emergency,
    Evidence,
    FoundBy,
    Outcome,
    Resolution,
    Result,
    Sign,
    Via,
    terms_of,
)
from callbacks.lib.sentence import Language
from callbacks.oncall.roster import Role
from callbacks.policy.model import PUBLISHED, NoMessage, Priority, PriorityTimes, ReactionClock, SupportHours
from tests.clock import NIGHT
from tests.core.pure import at
from tests.core.test_verdict import DUE, SECOND, bridged, declared, emergency, no_answer

HOUR = timedelta(hours=1)


def of_priority(priority: str, *more: ev.Event, hours: SupportHours | None = None, **rules: PriorityTimes) -> Emergency:
    terms = terms_of(PUBLISHED)
    terms = replace(
        terms,
        priorities=dict(terms.priorities) | {Priority(name): rule for name, rule in rules.items()},
        hours=hours or terms.hours,
    )
    opened = ev.EmergencyOpened(
        at=at(1), ref="E-000001", call_sid=None, found_by=FoundBy.WEBHOOK, sign=Sign.ACTION, call_started_at=NIGHT, priority=cast(Priority, priority),
        drill=False, withheld=False, language=Language.EN, code="K7", terms=terms, number="+15145550142",
    )  # fmt: skip
    found = fold([opened, *more])
    assert found is not None
    return found


PLAIN = PriorityTimes(react_within=HOUR * 2, resolve_within=HOUR * 9, clock=ReactionClock.ALWAYS)
BUSINESS = PriorityTimes(react_within=HOUR * 2, resolve_within=HOUR * 9, clock=ReactionClock.BUSINESS)
CLOSED = SupportHours(
    **{**{f: getattr(PUBLISHED.support_hours, f) for f in PUBLISHED.support_hours.__dataclass_fields__}, "days": ()}
)


def test_the_deadline_is_that_of_the_priority_it_opened_with() -> None:
    """P1 is the promise, whatever the priorities say; a later change keeps the clock."""
    assert promise.due_at(of_priority("P1", P1=PLAIN)) == at(30)
    assert promise.due_at(of_priority("P2", P2=PLAIN)) == at(120)
    assert promise.due_at(of_priority("P9")) == at(30)
    raised = of_priority("P2", ev.PriorityChanged(at=at(3), by="sue", priority=Priority.P1), P2=PLAIN)
    assert promise.due_at(raised) == at(120)


def test_a_business_clock_runs_in_support_hours_only() -> None:
    """The call is at 02:00 on a Tuesday in Montreal; the desk opens at 07:30."""
    assert promise.due_at(of_priority("P2", P2=BUSINESS)) == at(5.5 * 60 + 120)
    assert promise.due_at(of_priority("P2", P2=BUSINESS, hours=CLOSED)) == at(120), "never open: plain time"


def test_the_resolution_follows_a_change_that_came_in_time() -> None:
    rules: dict[str, Any] = {"P1": replace(PLAIN, resolve_within=HOUR), "P2": replace(PLAIN, resolve_within=HOUR * 4)}
    assert promise.resolve_by(of_priority("P1", **rules)) == at(60)
    changed = ev.PriorityChanged(at=at(60), by="sue", priority=Priority.P2)
    assert promise.resolve_by(of_priority("P1", changed, **rules)) == at(240), "at the deadline is in time"
    late = ev.PriorityChanged(at=at(61), by="sue", priority=Priority.P2)
    assert promise.resolve_by(of_priority("P1", late, **rules)) == at(60)
    both = of_priority("P1", late, ev.PriorityChanged(at=at(62), by="sue", priority=Priority.P1), **rules)
    assert promise.resolve_by(both) == at(60)
    assert promise.resolve_by(of_priority("P9", **rules)) == promise.due_at(of_priority("P9"))


def test_how_it_stands() -> None:
    took = ev.Acknowledged(at=at(2), by="ana", role=Role.TECHNICIAN, via=Via.SMS)
    story = [
        took,
        declared(at(3)),
        ev.Resolved(at=at(4), by="ana", how=Resolution.RESOLVED),
        ev.Withdrawn(at=at(5), by="sue"),
    ]
    states = [promise.state(emergency(*story[:n])) for n in range(len(story) + 1)]
    assert states == ["open", "acknowledged", "reached", "resolved", "withdrawn"]
    assert promise.state(emergency(ev.Excluded(at=at(2), by="sue", why="x"))) == "withdrawn"


def test_the_second_verdict() -> None:
    resolved = ev.Resolved(at=at(240), by="ana", how=Resolution.RESOLVED)
    assert promise.resolution(emergency(declared(at(3)), resolved), at(300)) == "met"
    late = replace(resolved, at=at(240) + SECOND)
    assert promise.resolution(emergency(declared(at(3)), late), at(300)) == "missed"
    assert promise.resolution(emergency(declared(at(3))), at(240)) == "pending"
    assert promise.resolution(emergency(declared(at(3))), at(240) + SECOND) == "missed"
    assert promise.resolution(emergency(no_answer(at(3)), resolved), at(300)) == "void"
    withdrawn = ev.Withdrawn(at=at(60), by="sue")
    assert promise.resolution(emergency(withdrawn), at(300)) == "withdrawn"
    assert promise.resolution(emergency(declared(at(3)), withdrawn), at(300)) == "withdrawn"
    assert promise.resolution(emergency(declared(at(3)), replace(withdrawn, at=at(240) + SECOND)), at(300)) == "missed"
    assert promise.resolution(emergency(declared(at(3)), replace(withdrawn, at=at(240))), at(300)) == "withdrawn"
    assert promise.resolution(emergency(drill=True), at(3)) == "excluded"


def test_both_clocks_are_told_and_the_policys_decides() -> None:
    left = ev.MessageLeft(at=at(2), recording_sid=None, seconds=20, carrier_timed=False)
    found = promise.by_both_clocks(emergency(left, declared(at(31))), at(60))
    assert [(name, due, verdict.outcome) for name, (due, verdict) in found.items()] == [
        ("call", at(30), "missed"), ("message", at(32), "met")]  # fmt: skip


def test_a_phone_that_rings_is_a_try_and_shown_only_when_it_is_over() -> None:
    ringing = bridged(at(5), 60)[:3]
    e = emergency(*ringing)
    assert promise.has_tried(e) and promise.attempts_to_show(e, at(5) + SECOND) == ()
    assert promise.live_callback(e, at(5) + SECOND) is not None
    gone = next(iter(e.callbacks.values())).gives_up_at
    assert promise.live_callback(e, gone + SECOND) is None
    assert [a.result for a in promise.attempts_to_show(e, gone + SECOND)] == ["no-answer"]
    assert not promise.has_tried(emergency()) and promise.attempts(emergency()) == ()


def test_a_call_that_failed_to_dial_is_no_attempt_at_all() -> None:
    asked = bridged(at(5), 60)[:2]
    e = emergency(*asked)
    assert promise.attempts(e) == () and not promise.has_tried(e)


@pytest.mark.parametrize(
    ("status", "rang", "machine", "result"),
    [("busy", False, None, "busy"), ("no-answer", False, None, "no-answer"), ("failed", True, None, "failed"),
     ("completed", False, None, "no-answer"), ("completed", True, "machine_start", "machine"), ("canceled", True, None, "no-answer"),
     ("canceled", False, None, "failed")],
)  # fmt: skip
def test_what_a_call_that_was_not_joined_amounts_to(status: str, rang: bool, machine: str | None, result: str) -> None:
    """F38."""
    story = bridged(at(5), 60)[:2]
    if rang:
        story.append(ev.CustomerRang(at=at(5), callback="c1"))
    if machine:
        story.append(ev.CustomerJudged(at=at(5), callback="c1", answered_by=AnsweredBy(machine)))
    story.append(ev.BridgeEnded(at=at(6), callback="c1", status=status, bridged=False, talk_seconds=0))
    assert [a.result for a in promise.attempts(emergency(*story))] == [result]


def test_a_talk_of_which_no_end_is_known_is_a_try_and_no_conversation() -> None:
    e = emergency(*bridged(at(5), 60)[:4])
    (attempt,) = promise.attempts(e)
    assert (attempt.result, attempt.contact_at, attempt.talk_seconds) == ("bridged", None, 0)


def test_the_earliest_of_the_strongest_decides() -> None:
    verdict = promise.judge(emergency(declared(at(9)), declared(at(4))), DUE)
    assert (verdict.seconds, verdict.reason) == (240, "declared")
    assert verdict.deciding is not None and verdict.deciding.at == at(4)
    tried = promise.judge(emergency(no_answer(at(9)), no_answer(at(4))), at(31))
    assert tried.deciding is not None and tried.deciding.at == at(4) and tried.reason == "tried"


def test_a_customers_answer_is_about_the_newest_contact_before_it() -> None:
    story = [declared(at(2)), ev.ContactContested(at=at(3)), declared(at(5))]
    verdict = promise.judge(emergency(*story), DUE)
    assert (verdict.outcome, verdict.evidence, verdict.seconds) == ("met", "declared", 300)
    confirmed = promise.judge(emergency(*story, ev.ContactConfirmed(at=at(6))), DUE)
    assert (confirmed.evidence, confirmed.seconds) == ("customer", 300)
    at_once = promise.judge(emergency(declared(at(2)), ev.ContactConfirmed(at=at(2))), DUE)
    assert at_once.evidence == "customer"


def test_a_short_talk_that_the_technician_calls_a_conversation_may_be_denied() -> None:
    story = bridged(at(5), 5, "reached")
    assert promise.judge(emergency(*story, ev.ContactContested(at=at(7))), at(31)).outcome == "missed"
    assert promise.judge(emergency(*story, ev.ContactConfirmed(at=at(7))), at(31)).evidence == "customer"
    long = bridged(at(5), 60, "reached")
    assert promise.judge(emergency(*long, ev.ContactContested(at=at(7))), at(31)).evidence == "carrier"


def test_a_policy_without_steps_has_no_next_one() -> None:
    terms = replace(terms_of(PUBLISHED), rungs=())
    e = replace(emergency(), terms=terms)
    assert next_step(e) is None


def test_nobody_spoke_and_nobody_need_call() -> None:
    quiet = replace(terms_of(PUBLISHED), no_message=NoMessage.RECORD)
    e = replace(emergency(), terms=quiet)
    assert promise.no_message_recorded(e) and promise.judge(e, at(60)).reason == "no-message"
    spoke = replace(e, message_ended_at=at(1))
    assert not promise.no_message_recorded(spoke) and not promise.no_message_recorded(emergency())
    again = ev.MessageAdded(at=at(2), call_sid=None, recording_sid="RE" + "1" * 32, seconds=4)
    assert not promise.no_message_recorded(replace(emergency(again), terms=quiet))


def test_what_can_wait_waits_until_somebody_raises_it() -> None:
    waits = replace(of_priority("P3"), can_wait=True)
    assert promise.deferred_by_caller(waits) and not promise.deferred_by_caller(of_priority("P3"))
    assert not promise.deferred_by_caller(replace(waits, priority=Priority.P1))


REASONS = {
    "drill": (emergency(drill=True), at(9), "excluded"), "excluded": (
        emergency(ev.Excluded(at=at(2), by="sue", why="x")), at(9), "excluded"),
    "no-message": (replace(emergency(), terms=replace(terms_of(PUBLISHED), no_message=NoMessage.RECORD)), at(9), "excluded"),
    "withdrawn": (emergency(ev.Withdrawn(at=at(2), by="sue")), at(60), "withdrawn"),
    "pending": (emergency(), at(9), "pending"), "nothing-tried": (emergency(), at(60), "missed"),
    "tried": (emergency(no_answer(at(2))), at(60), "void"), "carrier": (emergency(*bridged(at(5), 60)), at(9), "met"),
    "declared": (emergency(declared(at(5))), at(9), "met"),
}  # fmt: skip


@pytest.mark.parametrize("reason", REASONS)
def test_each_verdict_says_why(reason: str) -> None:
    e, now, outcome = REASONS[reason]
    verdict = promise.judge(e, now)
    assert (verdict.outcome, verdict.reason) == (outcome, reason)


@pytest.mark.parametrize(
    ("talk", "key", "machine", "result", "evidence", "spoke"),
    [(60, "no-answer", "human", "no-answer", "carrier", False), (60, "left-message", "human", "machine", "carrier", False),
     (60, "reached", "human", "bridged", "carrier", True), (5, "reached", "human", "bridged", "declared", True),
     (60, None, "machine_start", "machine", "carrier", False), (60, None, "human", "bridged", "carrier", True),
     (29, None, "human", "bridged", "carrier", False)],
)  # fmt: skip
def test_what_a_bridge_is_written_down_as(
    talk: int, key: str | None, machine: str, result: str, evidence: Evidence, spoke: bool
) -> None:
    """F38."""
    (attempt,) = promise.attempts(emergency(*bridged(at(5), talk, key, machine)))
    contact = at(5) if spoke else None
    assert attempt == promise.Attempt(at(5), "ana", Result(result), talk, evidence, at(5), contact)


def test_what_a_technicians_word_is_written_down_as() -> None:
    assert promise.attempts(emergency(no_answer(at(5)))) == (
        promise.Attempt(at(5), "ana", Result.NO_ANSWER, 0, Evidence.DECLARED, at(5)),)  # fmt: skip
    assert promise.attempts(emergency(declared(at(5)))) == (
        promise.Attempt(at(5), "ana", Result.DECLARED, 0, Evidence.DECLARED, at(5), at(5)),)  # fmt: skip


def test_a_withdrawal_and_the_second_verdict_by_name() -> None:
    for outcome in (Outcome.WITHDRAWN, Outcome.EXCLUDED, Outcome.VOID):
        assert promise.resolved_in_time(outcome, DUE, at(1), None, at(2)) == outcome
    assert promise.resolved_in_time(Outcome.MISSED, DUE, at(1), None, at(2)) == Outcome.MET


def test_what_is_shown_of_calls_under_way() -> None:
    ended = emergency(*bridged(at(5), 60))
    assert len(promise.attempts_to_show(ended, at(6) + SECOND)) == 1
    joined = emergency(*bridged(at(5), 60)[:4])
    assert [a.result for a in promise.attempts_to_show(joined, at(5) + SECOND)] == ["bridged"]


def test_an_answer_at_the_instant_of_the_next_contact_is_about_that_one() -> None:
    e = emergency(declared(at(2)), declared(at(5)), ev.ContactContested(at=at(5)))
    verdict = promise.judge(e, DUE)
    assert (verdict.outcome, verdict.seconds) == ("met", 120)


def test_among_equals_the_contact_decides_and_not_the_dialling() -> None:
    """A talk that was accepted earlier but joined later comes second."""
    early = [replace(fact, callback="c2") for fact in bridged(at(9), 60)]  # type: ignore[call-arg]
    story = [*bridged(at(5), 60)[:3], ev.CustomerAnswered(at=at(12), callback="c1"),
             ev.CustomerJudged(at=at(12), callback="c1", answered_by=AnsweredBy.HUMAN),
             ev.BridgeEnded(at=at(14), callback="c1", status="completed", bridged=True, talk_seconds=60)]  # fmt: skip
    verdict = promise.judge(emergency(*story, *early), DUE)
    assert verdict.deciding is not None and verdict.deciding.contact_at == at(9)


def test_an_unaccepted_callback_is_no_contact_declared() -> None:
    asked = ev.CallbackRequested(at=at(5), callback="c1", by="ana", via=Via.SMS)
    assert promise.declared_contacts(emergency(asked)) == []
    assert promise.declared_contacts(emergency(*bridged(at(5), 60))) == []
    assert promise.declared_contacts(emergency(*bridged(at(5), 60, "reached"))) == [at(5)]
