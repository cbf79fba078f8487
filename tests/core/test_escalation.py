"""Escalation: which step comes when, whom it pages, and why it pages nobody."""

from datetime import timedelta
from typing import Any

import pytest

from callbacks.emergency import events as ev
from callbacks.emergency import inputs as given
from callbacks.emergency.escalation import LATE, NextStep, next_step, take
from callbacks.lib.sentence import Language
from callbacks.oncall.coverage import Duty
from callbacks.oncall.roster import Role, read_roster
from callbacks.policy.model import Channel
from tests.clock import NIGHT
from tests.core.pure import DUTY, ROSTER, PureNight, at

SECOND = timedelta(seconds=1)
NOBODY = Duty(
    read_roster(
        ROSTER.replace(
            'members = ["ana"]', 'members = ["ana"]\nactive = [{ days = ["sun"], from = "10:00", to = "10:01" }]'
        )
    )
)


def opened(duty: Duty = DUTY) -> PureNight:
    night = PureNight(duty=duty)
    night.opens()
    return night


def skipped(night: PureNight) -> list[ev.StepSkipped]:
    return [fact for fact in night.story if isinstance(fact, ev.StepSkipped)]


def test_a_step_pages_by_each_channel_of_the_rung() -> None:
    night = opened()
    page = next(fact for fact in night.story if isinstance(fact, ev.PageRequested))
    assert page == ev.PageRequested(
        at=NIGHT, page="0.0.ana.sms", person="ana", role=Role.TECHNICIAN, channel=Channel.SMS, round=0, step=0, language=Language.EN,
        number="+15145550111",
    )  # fmt: skip
    night.sleeps(timedelta(minutes=4))
    assert {"0.2.bob.sms", "0.2.bob.voice"} <= night.it.pages.keys()


def test_the_escalation_repeats_after_the_pause() -> None:
    night = opened()
    night.sleeps(timedelta(minutes=8))
    due = at(8) + night.it.terms.repeat_every
    assert next_step(night.it) == NextStep(1, 0, due, due)


def test_why_nobody_was_paged() -> None:
    gap = opened(NOBODY)
    assert (skipped(gap)[0].why, skipped(gap)[0].target) == ("nobody-on-call", "primary")
    silent = opened(
        Duty(read_roster(ROSTER.replace('name = "ana"', 'name = "ana"\nvoice = false')), frozenset({"ana"}))
    )
    assert [fact.why for fact in skipped(silent)][:1] == ["no-channel"]
    passed = opened()
    passed.says("ana", "pass")
    assert skipped(passed)[0].why == "all-passed"


def test_a_pass_holds_for_its_round_only() -> None:
    night = opened()
    night.says("ana", "pass")
    night.sleeps(timedelta(minutes=30))
    rounds = {page.round for page in night.it.pages.values() if page.person == "ana"}
    assert 0 in rounds and 1 in rounds
    assert [page.step for page in night.it.pages.values() if page.person == "ana" and page.round == 0] == [0]


@pytest.mark.parametrize(
    ("late", "moved"), [(timedelta(), False), (LATE, False), (LATE + timedelta(microseconds=1), True)]
)
def test_a_step_that_comes_too_late_moves_those_after_it(late: timedelta, moved: bool) -> None:
    """I16: after a stall escalation goes on from there, it does not catch up."""
    night = opened()
    step = next_step(night.it)
    assert step is not None
    now = step.due + late
    taken: Any = take(night.it, step, now, DUTY)[0]
    assert taken.anchor == (now - night.it.terms.rungs[1].after if moved else step.round_started_at)


def test_the_loudest_page_decides_whether_somebody_can_still_answer() -> None:
    """F30, F36: the failed text of somebody whose phone still rings takes no step; the failed call does."""
    night = opened()
    night.sleeps(timedelta(minutes=4))
    text = given.PageReported(at=night.now, page="0.2.bob.sms", status="undelivered", code=30003)
    assert "StepTaken" not in [type(fact).__name__ for fact in night.takes(text).events]
    call = given.PageReported(at=night.now, page="0.2.bob.voice", status="busy")
    assert "StepTaken" in [type(fact).__name__ for fact in night.takes(call).events]
    other = opened()
    other.sleeps(timedelta(minutes=4))
    first = given.PageReported(at=other.now, page="0.2.bob.voice", status="busy")
    assert "StepTaken" in [type(fact).__name__ for fact in other.takes(first).events], "the text alone wakes nobody"


def test_a_page_of_an_earlier_round_does_not_count() -> None:
    """The same step of the round before is another page."""
    night = opened()
    night.sleeps(timedelta(minutes=12))
    assert "1.0.ana.sms" in night.it.pages
    first = given.PageReported(at=night.now, page="0.0.ana.sms", status="undelivered", code=30003)
    assert "StepTaken" not in [type(fact).__name__ for fact in night.takes(first).events]
    now = given.PageReported(at=night.now, page="1.0.ana.sms", status="undelivered", code=30003)
    assert "StepTaken" in [type(fact).__name__ for fact in night.takes(now).events]


def test_an_older_page_of_the_same_person_does_not_count() -> None:
    night = opened()
    night.sleeps(timedelta(minutes=1))
    old = given.PageReported(at=night.now, page="0.0.ana.sms", status="undelivered", code=30003)
    assert "StepTaken" not in [type(fact).__name__ for fact in night.takes(old).events]


def test_a_further_call_brings_the_next_step_nearer_and_never_delays_it() -> None:
    night = opened()
    night.sleeps(timedelta(minutes=1))
    before = next_step(night.it)
    assert before is not None and before.due == at(4)
    night.now = at(2)
    night.takes(given.CalledAgain(at=night.now, call_sid="CA" + "7" * 32))
    assert "0.2.bob.voice" in night.it.pages
    late = opened()
    late.sleeps(timedelta(minutes=3, seconds=59))
    late.takes(given.CalledAgain(at=late.now, call_sid="CA" + "7" * 32))
    due = next_step(late.it)
    assert due is not None and due.due <= at(8)
