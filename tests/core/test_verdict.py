"""The verdict, rule by rule."""

from datetime import datetime, timedelta

import pytest

from callbacks.emergency import events as ev
from callbacks.emergency import promise
from callbacks.emergency.fold import fold
from callbacks.emergency.model import AnsweredBy, Emergency, FoundBy, Reported, Sign, Via, terms_of
from callbacks.lib.sentence import Language
from callbacks.policy.model import PUBLISHED, ClockStart, Priority
from tests.clock import NIGHT
from tests.core.pure import at

DUE = at(30)
SECOND = timedelta(seconds=1)


def emergency(*more: ev.Event, clock: str = "call", drill: bool = False) -> Emergency:
    terms = terms_of(PUBLISHED)
    if clock == "message":
        from dataclasses import replace

        terms = replace(terms, clock_starts=ClockStart.MESSAGE)
    opened = ev.EmergencyOpened(
        at=at(1), ref="E-000001", call_sid=None, found_by=FoundBy.WEBHOOK, sign=Sign.ACTION, call_started_at=NIGHT,
        priority=Priority.P1, drill=drill, withheld=False, language=Language.EN, code="K7", terms=terms, number="+15145550142",
    )  # fmt: skip
    found = fold([opened, *more])
    assert found is not None
    return found


def bridged(
    start: datetime, talk: int, key: str | None = None, machine: str = "human", status: str = "completed"
) -> list[ev.Event]:
    """A callback accepted at `start`, joined at once."""
    end = start + timedelta(seconds=talk)
    story: list[ev.Event] = [
        ev.CallbackRequested(at=start, callback="c1", by="ana", via=Via.SMS),
        ev.TechnicianAccepted(at=start, callback="c1"),
        ev.CustomerRang(at=start, callback="c1"),
        ev.CustomerAnswered(at=start, callback="c1"),
        ev.CustomerJudged(at=start, callback="c1", answered_by=AnsweredBy(machine)),
        ev.BridgeEnded(at=end, callback="c1", status=status, bridged=True, talk_seconds=talk),
    ]
    if key:
        story.append(ev.CallbackReported(at=end, callback="c1", result=Reported(key)))
    return story


def unjoined(start: datetime, status: str, rang: bool = True) -> list[ev.Event]:
    story: list[ev.Event] = [
        ev.CallbackRequested(at=start, callback="c1", by="ana", via=Via.SMS),
        ev.TechnicianAccepted(at=start, callback="c1"),
    ]
    if rang:
        story.append(ev.CustomerRang(at=start + SECOND, callback="c1"))
    return [*story, ev.BridgeEnded(at=start + 20 * SECOND, callback="c1", status=status, bridged=False, talk_seconds=0)]


def declared(when: datetime) -> ev.Event:
    return ev.ContactDeclared(at=when, by="ana", via=Via.SMS)


def no_answer(when: datetime) -> ev.Event:
    return ev.NoAnswerDeclared(at=when, by="ana", via=Via.SMS)


CASES = [
    ("nothing, at the deadline", [], DUE, "pending", "none", None),
    ("nothing, just after it", [], DUE + timedelta(milliseconds=1), "missed", "none", None),
    ("long talk", bridged(at(5), 60), DUE, "met", "carrier", 300),
    ("talk of exactly the length", bridged(at(5), 30), DUE, "met", "carrier", 300),
    ("talk a second short", bridged(at(5), 29), DUE + SECOND, "void", "carrier", None),
    ("short talk called a conversation", bridged(at(5), 5, "reached"), DUE, "met", "declared", 300),
    ("long talk, technician says no answer", bridged(at(5), 60, "no-answer"), DUE + SECOND, "void", "carrier", None),
    ("long talk, left a message", bridged(at(5), 60, "left-message"), DUE + SECOND, "void", "carrier", None),
    ("machine, no key", bridged(at(5), 60, machine="machine_start"), DUE + SECOND, "void", "carrier", None),
    ("machine, technician says reached", bridged(at(5), 60, "reached", "machine_start"), DUE, "met", "carrier", 300),
    ("joined at the deadline", bridged(DUE, 60), DUE + 61 * SECOND, "met", "carrier", 1800),
    ("joined a second late", bridged(DUE + SECOND, 60), at(60), "missed", "none", None),
    ("declared at the deadline", [declared(DUE)], at(60), "met", "declared", 1800),
    ("declared late", [declared(DUE + SECOND)], at(60), "missed", "none", None),
    ("tried in time, reached late", [no_answer(at(9)), declared(at(40))], at(60), "void", "declared", None),
    ("tried late", [no_answer(at(31))], at(60), "missed", "none", None),
    ("busy", unjoined(at(5), "busy"), at(31), "void", "carrier", None),
    ("no answer", unjoined(at(5), "no-answer"), at(31), "void", "carrier", None),
    ("failed before it rang", unjoined(at(5), "failed", rang=False), at(31), "missed", "none", None),
    ("strongest kind wins", [declared(at(2)), *bridged(at(5), 60)], DUE, "met", "carrier", 300),
    ("withdrawn in time", [ev.Withdrawn(at=at(9), by="sue")], at(60), "withdrawn", "none", None),
    ("withdrawn after it was met", [declared(at(2)), ev.Withdrawn(at=at(9), by="sue")], at(60), "met", "declared", 120),
    ("withdrawn after it was missed", [ev.Withdrawn(at=at(31), by="sue")], at(60), "missed", "none", None),
    ("withdrawn, then declared", [ev.Withdrawn(at=at(9), by="sue"), declared(at(12))], at(60), "withdrawn", "none", None),
    ("confirmed by the customer", [declared(at(2)), ev.ContactConfirmed(at=at(3))], DUE, "met", "customer", 120),
    ("denied by the customer", [declared(at(2)), ev.ContactContested(at=at(3))], at(31), "missed", "none", None),
    ("the last answer holds", [declared(at(2)), ev.ContactContested(at=at(3)), ev.ContactConfirmed(at=at(4))], DUE,
     "met", "customer", 120),
    ("a bridge is not denied", [*bridged(at(5), 60), ev.ContactContested(at=at(9))], DUE, "met", "carrier", 300),
    ("excluded", [ev.Excluded(at=at(2), by="sue", why="blocked")], at(60), "excluded", "none", None),
]  # fmt: skip


@pytest.mark.parametrize("name,story,now,outcome,evidence,seconds", CASES, ids=[case[0] for case in CASES])
def test_verdict(
    name: str, story: list[ev.Event], now: datetime, outcome: str, evidence: str, seconds: int | None
) -> None:
    verdict = promise.judge(emergency(*story), now)
    assert (verdict.outcome, verdict.evidence, verdict.seconds) == (outcome, evidence, seconds)


def test_a_talk_that_began_in_time_is_pending_while_it_runs() -> None:
    story = bridged(DUE - SECOND, 300)[:-1]
    assert promise.judge(emergency(*story), DUE + 60 * SECOND).outcome == "pending"


def test_a_drill_is_outside_the_figures() -> None:
    assert promise.judge(emergency(drill=True), at(60)).outcome == "excluded"


def test_the_clock_may_start_at_the_end_of_the_message() -> None:
    left = ev.MessageLeft(at=at(4), recording_sid=None, seconds=200)
    assert promise.due_at(emergency(left, clock="message")) == at(34)
    assert promise.due_at(emergency(left)) == at(30)


def test_without_a_message_the_clock_starts_with_the_call() -> None:
    missing = ev.MessageMissing(at=at(4), why="silent")
    assert promise.due_at(emergency(missing, clock="message")) == at(30)


@pytest.mark.parametrize(
    "began,ended,flagged",
    [(-5, -1, False), (-5, 1, True), (10, 20, True), (29, 50, True), (30, 50, False), (31, 50, False)],
)
def test_an_outage_between_call_and_deadline_is_flagged(began: float, ended: float, flagged: bool) -> None:
    down = ev.OutageRecorded(at=at(55), began_at=at(began), ended_at=at(ended))
    assert promise.judge(emergency(down), at(60)).our_outage is flagged


def test_an_outage_is_not_flagged_when_something_was_tried() -> None:
    down = ev.OutageRecorded(at=at(55), began_at=at(10), ended_at=at(20))
    verdict = promise.judge(emergency(no_answer(at(5)), down), at(60))
    assert (verdict.outcome, verdict.our_outage) == ("void", False)


def test_a_phone_that_was_answered_had_rung_though_nobody_told_us_when() -> None:
    """Dialled before the deadline, answered by a mailbox just behind it, and the report of the ringing was lost."""
    e = emergency(
        ev.CallbackRequested(at=at(29), callback="c1", by="ana", via=Via.SMS),
        ev.TechnicianAccepted(at=at(29.9), callback="c1"),
        ev.CustomerAnswered(at=at(30.1), callback="c1"),
        ev.CustomerJudged(at=at(30.1), callback="c1", answered_by=AnsweredBy.MACHINE_START),
        ev.BridgeEnded(at=at(31), callback="c1", status="completed", bridged=True, talk_seconds=50),
    )
    found = promise.judge(e, at(40))
    assert (found.outcome, found.evidence) == ("void", "carrier")
