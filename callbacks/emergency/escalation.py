"""Whom to page next, and when: the escalation policy of one emergency, as it was when it opened.

- A step keeps its own time; a known failure, a pass or an empty step starts the next one now.
- A step counts as failed when every person in it has passed or their loudest page failed
  (a call outweighs a text).
- After the last step the first one comes again, `repeat_every` later, until somebody has it.
- A step taken more than `LATE` after its time moves the rest of its round with it, so that a stall
  or a hand-back never fires several steps at once.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from callbacks.emergency.events import Event, PageFailed, PageRequested, StepSkipped, StepTaken
from callbacks.emergency.model import Emergency, Fault, Page, PageState, Skipped
from callbacks.oncall.coverage import Contact, Duty
from callbacks.policy.model import Channel

LATE = timedelta(seconds=5)


class NextStep(NamedTuple):
    """`due`: when it is taken; `round_started_at`: what its steps count from."""

    round: int
    step: int
    due: datetime
    round_started_at: datetime


def next_step(e: Emergency) -> NextStep | None:
    """The step that comes next; None only when the policy has no steps."""
    steps, escalation = e.terms.rungs, e.escalation
    if not steps:
        return None
    if escalation.next_step < len(steps):
        planned = escalation.round_started_at + steps[escalation.next_step].after
        due = escalation.resume_at or (escalation.last_step_at if _is_spent(e) else None) or planned
        return NextStep(escalation.round, escalation.next_step, _nudged(e, due), escalation.round_started_at)
    assert escalation.last_step_at is not None
    start = _nudged(e, escalation.resume_at or escalation.last_step_at + e.terms.repeat_every)
    return NextStep(escalation.round + 1, 0, start, start)


def _nudged(e: Emergency, due: datetime) -> datetime:
    """The caller called again: the next step comes then, unless it comes sooner anyway."""
    return min(due, e.escalation.nudged_at) if e.escalation.nudged_at else due


def take(e: Emergency, step: NextStep, now: datetime, duty: Duty) -> list[Event]:
    """The facts of taking `step` at `now`: who is paged by what, or why nobody was."""
    planned = e.terms.rungs[step.step]
    anchor = _round_start(step, planned.after, now)
    found = duty.people(planned.target, now)
    awake = [c for c in found if not _has_passed(e, c, step)]
    reachable = [c for c in awake if c.channels]
    if not reachable:
        why = Skipped.NOBODY_ON_CALL if not found else Skipped.NO_CHANNEL if awake else Skipped.ALL_PASSED
        return [StepSkipped(at=now, round=step.round, step=step.step, target=planned.target, why=why, anchor=anchor)]
    names = tuple(c.name for c in reachable)
    taken = StepTaken(at=now, round=step.round, step=step.step, target=planned.target, people=names, anchor=anchor)
    return [taken, *(p for c in reachable for p in _pages(c, planned.channels, step, now))]


def waits_for(e: Emergency, person: str) -> bool:
    """Nobody has it, and this person was asked and has not passed."""
    over = e.owner or e.resolved_at or e.withdrawn_at or e.excluded_at
    return not over and person not in e.escalation.passed


def nobody_is_left(e: Emergency, now: datetime, duty: Duty) -> bool:
    """Everybody whom this round pages has passed: its next step reaches nobody who has not said no."""
    asked = {c.name for planned in e.terms.rungs for c in duty.people(planned.target, now) if c.channels}
    return bool(asked) and asked <= e.escalation.passed


def stopped_texts_by_voice(e: Emergency, new: Sequence[Event], now: datetime, duty: Duty) -> list[Event]:
    """A page that was texted to a phone which takes no texts any more goes on by voice at once, to the same person.
    Somebody holds that phone: the next step keeps its time."""
    return _by_voice_instead(e, [x for x in new if isinstance(x, PageFailed) and x.why == Fault.OPTED_OUT], now, duty)


def refused_texts_by_voice(e: Emergency, new: Sequence[Event], now: datetime, duty: Duty) -> list[Event]:
    """One that the carrier refused for that reason never arrived: the next step starts now, and the same person is
    rung, unless that step does."""
    return _by_voice_instead(e, [x for x in new if isinstance(x, PageFailed)], now, duty)


def _by_voice_instead(e: Emergency, fallen: Sequence[PageFailed], now: datetime, duty: Duty) -> list[Event]:
    failed = [e.pages[event.page] for event in fallen if event.page in e.pages]
    texted = {page.person: page for page in failed if page.channel == Channel.SMS and waits_for(e, page.person)}
    return [x for page in texted.values() for x in _by_voice(e, page, now, duty)]


def _by_voice(e: Emergency, page: Page, now: datetime, duty: Duty) -> list[Event]:
    contact = duty.contact(page.person)
    if contact is None or contact.channels != (Channel.VOICE,):
        return []
    calls = [p for p in e.pages.values() if p.person == page.person and p.channel == Channel.VOICE]
    keys = [f"{page.round}.{page.step}{again}.{page.person}.voice" for again in ("", "r")]
    key = next((k for k in keys if k not in e.pages), None)
    if key is None or any(p.state != PageState.FAILED and (p.round, p.step) >= (page.round, page.step) for p in calls):
        return []
    requested = PageRequested(
        at=now,
        page=key,
        person=contact.name,
        role=contact.role,
        channel=Channel.VOICE,
        round=page.round,
        step=page.step,
        language=contact.language,
        number=contact.number,
    )
    return [requested]


def _pages(contact: Contact, wanted: tuple[Channel, ...], step: NextStep, now: datetime) -> list[Event]:
    return [
        PageRequested(
            at=now,
            page=f"{step.round}.{step.step}.{contact.name}.{channel}",
            person=contact.name,
            role=contact.role,
            channel=channel,
            round=step.round,
            step=step.step,
            language=contact.language,
            number=contact.number,
        )
        for channel in contact.usable(wanted)
    ]


def _round_start(step: NextStep, after: timedelta, now: datetime) -> datetime:
    return now - after if now - (step.round_started_at + after) > LATE else step.round_started_at


def _has_passed(e: Emergency, contact: Contact, step: NextStep) -> bool:
    return step.round == e.escalation.round and contact.name in e.escalation.passed


def _is_spent(e: Emergency) -> bool:
    """Nobody in the last step taken can still answer it."""
    people = e.escalation.last_people
    return bool(people) and all(p in e.escalation.passed or _loudest_failed(e, p) for p in people)


def _loudest_failed(e: Emergency, person: str) -> bool:
    pages = [p for p in e.pages.values() if p.person == person and _is_of_last_step(e, p)]
    calls = [p for p in pages if p.channel == Channel.VOICE]
    return all(p.state == PageState.FAILED for p in calls or pages) and bool(pages)


def _is_of_last_step(e: Emergency, page: Page) -> bool:
    return page.round == e.escalation.round and page.step == e.escalation.next_step - 1
