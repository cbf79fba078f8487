"""A planted bug: a name, what is wrong, and how it takes the place of a rule, in the simulation only.

`storm`: faults in which a rare one shows sooner; a test has no time for a thousand nights.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from callbacks.emergency.decide import Decision, decide
from callbacks.emergency.events import Event
from callbacks.emergency.fold import apply
from callbacks.emergency.inputs import Input
from callbacks.emergency.model import Emergency
from callbacks.oncall.coverage import Duty
from callbacks.simulation.world import Rules

Change = Callable[[Emergency | None, Input, list[Event], datetime, Duty], Sequence[Event]]


@dataclass(frozen=True)
class Bug:
    name: str
    what: str
    plant: Callable[[Rules], Rules]
    storm: Mapping[str, float] = field(default_factory=dict)


def instead(name: str, what: str, **rules: Any) -> Bug:
    """One rule, or several, done wrong."""
    return Bug(name, what, lambda real: replace(real, **rules))


def part(name: str, what: str, **parts: Any) -> Bug:
    """A step of the engine, done wrong."""
    return Bug(name, what, lambda real: replace(real, parts=parts))


def told(name: str, what: str, change: Change) -> Bug:
    """Facts that are left out, added or altered before they are written."""

    def wrong(e: Emergency | None, said: Input, now: datetime, duty: Duty) -> Decision:
        decision = decide(e, said, now, duty)
        events = tuple(change(e, said, list(decision.events), now, duty))
        if events == decision.events:
            return decision
        after = e
        for event in events:
            after = apply(after, event)
        return Decision(events, after, decision.answer)

    return instead(name, what, decide=wrong)


def without(name: str, what: str, *kinds: type[Event]) -> Bug:
    """Facts of these kinds are never written."""
    return told(name, what, lambda e, said, new, now, duty: [x for x in new if not isinstance(x, kinds)])
