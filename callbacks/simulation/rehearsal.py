"""How often would this policy with this roster keep its promise? One caller a night, at a time when the desk is closed;
modelled or learnt people, an ordinary carrier; and which single change would help most, on the very same nights."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median

from callbacks.emergency import promise
from callbacks.oncall.roster import Roster
from callbacks.policy.hours import is_open
from callbacks.policy.model import Policy
from callbacks.simulation.chance import Chance
from callbacks.simulation.changes import Change, changes_to
from callbacks.simulation.faults import Swarm
from callbacks.simulation.figures import wilson
from callbacks.simulation.invariants import Violation
from callbacks.simulation.night import Night
from callbacks.simulation.people import Habits
from callbacks.simulation.world import Plan

# What an ordinary carrier does now and then; set by us, not measured.
ORDINARY = Swarm({
    "webhook lost": 0.002, "webhook late": 0.02, "429": 0.005, "5xx": 0.002, "time-out": 0.002, "text late": 0.02,
    "text never": 0.005, "text undelivered": 0.005, "wrong machine verdict": 0.05, "fetch fails": 0.01,
})  # fmt: skip
FIRST_NIGHT = datetime(2026, 11, 2, tzinfo=UTC)
WEEKS, HOUR = 8, timedelta(hours=1)
COUNTED = ("met", "missed", "void")


@dataclass(frozen=True)
class Told:
    """What a night came to: its outcome, and seconds to the first conversation, in time or not."""

    outcome: str
    seconds: int | None


@dataclass
class Kept:
    """Many nights of one policy."""

    nights: list[Told] = field(default_factory=list)

    def count(self, outcome: str) -> int:
        return sum(told.outcome == outcome for told in self.nights)

    @property
    def judged(self) -> int:
        """Nights that count: kept or missed."""
        return self.count("met") + self.count("missed")

    @property
    def share(self) -> float:
        return self.count("met") / self.judged if self.judged else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        return wilson(self.count("met"), self.judged)

    def waits(self) -> list[int]:
        return sorted(told.seconds for told in self.nights if told.seconds is not None)

    @property
    def median_seconds(self) -> int | None:
        found = self.waits()
        return int(median(found)) if found else None


@dataclass
class Tried:
    """One change, and the nights with it beside the same nights without."""

    change: Change
    kept: Kept
    better: int
    worse: int


@dataclass
class Rehearsal:
    """The policy as it is, and what each change would do, the best first."""

    now: Kept
    tried: list[Tried]


def rehearse(
    policy: Policy, roster: Roster, nights: int, seed: int = 0, habits: Mapping[str, Habits] | None = None,
    with_changes: bool = True,
) -> Rehearsal:  # fmt: skip
    """The same arguments give the same answer, always."""
    now = _kept(policy, roster, nights, seed, habits)
    tried = []
    for change in changes_to(policy, roster) if with_changes else ():
        then = _kept(change.policy, change.roster, nights, seed, habits)
        pairs = [(a.outcome, b.outcome) for a, b in zip(now.nights, then.nights, strict=True)]
        better = sum(b == "met" and a == "missed" for a, b in pairs)
        worse = sum(a == "met" and b == "missed" for a, b in pairs)
        tried.append(Tried(change, then, better, worse))
    return Rehearsal(now, sorted(tried, key=lambda t: (-t.kept.share, t.change.name)))


def _kept(policy: Policy, roster: Roster, nights: int, seed: int, habits: Mapping[str, Habits] | None) -> Kept:
    return Kept([_night(policy, roster, seed * 1_000_003 + n, habits) for n in range(nights)])


def _night(policy: Policy, roster: Roster, seed: int, habits: Mapping[str, Habits] | None) -> Told:
    plan = Plan(seed, _call_at(policy, roster, Chance(seed, "instant")), policy, roster, ORDINARY)
    night = Night(plan, dict(habits or {}))
    try:
        night.rehearse()
    except Violation:
        return Told("broken", None)
    rows = list(night.world.store.emergencies.values())
    if not rows:
        return Told("broken", None)
    e = rows[0].it
    verdict = promise.judge(e, night.world.nodes[0].now())
    contact = promise.first_contact(e)
    waited = int((contact - promise.clock_start(e)).total_seconds()) if contact else None
    return Told("waiting" if e.can_wait else verdict.outcome, waited)


def _call_at(policy: Policy, roster: Roster, chance: Chance) -> datetime:
    """Some minute of the eight weeks after everybody's turns have begun, when nobody answers at the desk."""
    starts = [r.starts.replace(tzinfo=UTC) + 24 * HOUR for r in roster.rotations]
    first = max([FIRST_NIGHT, *starts])
    for _ in range(50):
        at = first + timedelta(minutes=chance.below(WEEKS * 7 * 24 * 60))
        if not is_open(policy.support_hours, at):
            return at
    return first
