"""All planted bugs, and the seed at which the simulation finds one."""

from dataclasses import replace

from callbacks.simulation.faults import Swarm
from callbacks.simulation.night import draw, run
from callbacks.simulation.world import REAL
from tests.simulation.bugs import core, engine
from tests.simulation.bugs.bug import Bug

SHOWN_IN = {
    "ends unasked": {"webhook lost": 0.5},
    "never found": {"time-out": 0.3},
    "absent at once": {"time-out": 0.4},
    "anybody may take it": {"text late": 0.1},
    "wake in the past": {"inbound text lost": 0.4},
}
BANK: tuple[Bug, ...] = tuple(replace(b, storm=SHOWN_IN.get(b.name, {})) for b in (*core.BUGS, *engine.BUGS))


def found_at(bug: Bug, most: int, storm: bool = False) -> tuple[int, str] | None:
    """(how many nights it took, what was seen), or None within `most` nights; in its own `storm`, or in any."""
    rules, faults = bug.plant(REAL), Swarm(dict(bug.storm)) if storm and bug.storm else None
    for n in range(most):
        outcome = run(draw(n, rules=rules, faults=faults))
        if outcome.violation:
            return n + 1, outcome.violation
    return None
