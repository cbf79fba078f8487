"""One simulated night: everything in it, and the loop that runs it: a storm, then healing, then liveness."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

from callbacks.delivery import batching, delivery_policy, sweeping
from callbacks.emergency import promise
from callbacks.emergency.decide import decide
from callbacks.emergency.fold import fold
from callbacks.emergency.model import Outcome, terms_of
from callbacks.emergency.timers import next_wake
from callbacks.messages import effects, replies
from callbacks.oncall.coverage import Duty
from callbacks.oncall.roster import Roster
from callbacks.policy.model import Policy
from callbacks.simulation.faults import Chance, Faults, Swarm
from callbacks.simulation.store import Box, Row, Store, Transaction

# What a simulated node runs: the product's own rules, by name, so that a planted bug can stand in for one of them.

Rule = Callable[..., Any]


@dataclass(frozen=True)
class Rules:
    """The real rules. `parts`: steps of the engine around them, by name, that a planted bug does its own way."""

    decide: Rule = decide
    next_wake: Rule = next_wake
    fold: Rule = fold
    judge: Rule = promise.judge
    effects_of: Rule = effects.effects_of
    cancels: Rule = effects.cancels
    read_reply: Rule = replies.read_reply
    read_customer: Rule = replies.read_customer
    new_code: Rule = replies.new_code
    route: Rule = replies.route_reply
    one_per_caller_first: Rule = batching.one_per_caller_first
    put_together: Rule = batching.group_by_recipient
    leaving: Rule = batching.release
    after_failure: Rule = delivery_policy.after_failure
    after_surprise: Rule = delivery_policy.after_surprise
    absent_from: Rule = delivery_policy.absent_from
    pause: Rule = delivery_policy.pause
    found_again: Rule = delivery_policy.found_again
    after_look_up: Rule = delivery_policy.after_look_up
    moves_on: Rule = delivery_policy.moves_on
    look_from: Rule = sweeping.look_from
    is_settled: Rule = sweeping.is_settled
    settled_through: Rule = sweeping.settled_through
    alarms_at: Rule = delivery_policy.alarms_at
    parts: Mapping[str, Any] = field(default_factory=dict)

    def part(self, name: str, real: Any) -> Any:
        return self.parts.get(name, real)


REAL = Rules()


# Virtual time: whole microseconds, a heap of what comes next, and instants for the core.

MILLISECOND = 1_000
SECOND = 1_000_000
MINUTE = 60_000_000
MICROSECOND = timedelta(microseconds=1)


class Timeline:
    """What happens when. Things due at the same microsecond happen in an order that the schedule stream chooses."""

    def __init__(self, epoch: datetime, schedule: Chance) -> None:
        self.epoch, self.now, self.steps = epoch, 0, 0
        self._heap: list[tuple[int, int, int, Callable[..., None], tuple[Any, ...]]] = []
        self._bits, self._count = schedule.bits, 0
        self._read_at, self._read = 0, epoch

    def at(self, when: int, act: Callable[..., None], *facts: Any) -> None:
        """`act` happens at `when`, or now if that is over."""
        self.put(when if when > self.now else self.now, act, facts)

    def after(self, span: int, act: Callable[..., None], *facts: Any) -> None:
        self.put(self.now + span, act, facts)

    def put(self, when: int, act: Callable[..., None], facts: tuple[Any, ...]) -> None:
        """The same for a `when` that is not over. Called for everything that ever happens, so it is short."""
        self._count = count = self._count + 1
        heappush(self._heap, (when, self._bits(16), count, act, facts))

    def step(self, until: int) -> bool:
        """One thing happens; False when nothing more does before `until`."""
        if not self._heap or self._heap[0][0] > until:
            return False
        self.now, _, _, act, facts = heappop(self._heap)
        self.steps += 1
        act(*facts)
        return True

    def jump(self, when: int) -> None:
        self.now = max(self.now, when)

    def instant(self, when: int | None = None) -> datetime:
        """`when`, or now, which is asked for again and again before it changes."""
        if when is not None:
            return self.epoch + timedelta(0, 0, when)
        if self._read_at != self.now:
            self._read_at, self._read = self.now, self.epoch + timedelta(0, 0, self.now)
        return self._read

    def micros(self, at: datetime) -> int:
        return (at - self.epoch) // MICROSECOND


if TYPE_CHECKING:
    from callbacks.simulation.carrier import Carrier
    from callbacks.simulation.invariants import Watcher
    from callbacks.simulation.network import Network
    from callbacks.simulation.nodes import Node

SUPPORT = "+15145550100"


@dataclass(frozen=True)
class Plan:
    """What is fixed before a night begins. `many`: how many nodes; `heals_at`: when the storm ends, in microseconds."""

    seed: int
    epoch: datetime
    policy: Policy
    roster: Roster
    swarm: Swarm
    many: int = 1
    heals_at: int = 0
    rules: Rules = REAL


class World:
    """What everything in a night can reach."""

    carrier: "Carrier"
    network: "Network"
    watch: "Watcher"

    def __init__(self, plan: Plan) -> None:
        self.plan, self.rules, self.policy = plan, plan.rules, plan.policy
        self.terms = terms_of(plan.policy)
        self.line = Timeline(plan.epoch, Chance(plan.seed, "schedule"))
        self.chance, self.codes = Chance(plan.seed, "workload"), Chance(plan.seed, "codes")
        self.people_chance = Chance(plan.seed, "people")
        self.faults = Faults(plan.swarm, Chance(plan.seed, "faults"), self.phase)
        self.store = Store()
        self.nodes: list[Node] = []
        self.poisoned: int | None = None
        self._duties: dict[frozenset[str], Duty] = {}

    # --- what everybody asks ---

    @property
    def is_cluster(self) -> bool:
        return self.plan.many > 1

    def duty(self, tx: Transaction) -> Duty:
        """Who can be woken, as this transaction sees it."""
        dead = tx.added(self.store.facts, "sms_dead") or frozenset()
        if dead not in self._duties:
            self._duties[dead] = Duty(self.plan.roster, dead)
        return self._duties[dead]

    def phase(self) -> str:
        """How far the newest emergency has come."""
        rows = self.store.emergencies
        return phase_of(rows[next(reversed(rows))]) if rows else "call"

    def failing_works(self) -> bool:
        return self.faults.stormy

    def next_due(self) -> datetime | None:
        """When something is due or a claim runs out; the claims of what a working node has in hand never do."""
        return self.store.next_due(self.is_held)

    def is_held(self, box: Box) -> bool:
        owner = box.owner
        for node in self.nodes:
            if node.name == owner:
                return node.holds(box)
        return False

    # --- after a commit ---

    def committed(self, tx: Transaction, by: str) -> None:
        """Invariants are looked at, and every live node learns that something may be due."""
        if not tx.has_work():
            return
        self.watch.committed(tx, by)
        due = self.next_due()
        if due is None:
            return
        for node in self.nodes:
            node.notified(due, by)


def phase_of(row: Row) -> str:
    """call, paging, acknowledged, bridge, reached or over."""
    e = row.e
    if e is None:
        return "call"
    if not row.is_open:
        return "over"
    if any(c.ended_at is None for c in e.callbacks.values()):
        return "bridge"
    if row.outcome == Outcome.MET:
        return "reached"
    return "acknowledged" if e.owner else "paging"


def seconds(n: float) -> timedelta:
    return timedelta(seconds=n)
