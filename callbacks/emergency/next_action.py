"""What will happen to an emergency next, by itself, and when: the same timers that will make it happen."""

from dataclasses import dataclass
from datetime import datetime

from callbacks.emergency.escalation import next_step
from callbacks.emergency.model import Emergency
from callbacks.emergency.promise import live_callback
from callbacks.emergency.timers import timers


@dataclass(frozen=True, slots=True)
class NextAction:
    """`name`: callback (under way), step, reminder, take-back, at-risk, deadline or waiting. `who` is the step's target
    or the owner; `channels` are the step's. `at` is None for what is under way."""

    name: str
    at: datetime | None
    who: str = ""
    channels: tuple[str, ...] = ()


def next_action(e: Emergency, now: datetime) -> NextAction | None:
    """None when nothing will happen by itself."""
    call = live_callback(e, now)
    if call:
        return NextAction("callback", None, call.by)
    timer = min(timers(e), key=lambda t: t.at, default=None)
    if timer is None:
        return None
    step = next_step(e) if timer.name == "step" else None
    if step:
        planned = e.terms.rungs[step.step]
        return NextAction("step", timer.at, planned.target, planned.channels)
    return NextAction(timer.name, timer.at, e.owner or "")
