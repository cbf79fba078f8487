"""One simulated night: everything in it, and the loop that runs it: a storm, then healing, then liveness."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from callbacks.emergency.terms import terms_of
from callbacks.oncall.coverage import Duty
from callbacks.oncall.roster import Roster
from callbacks.policy.model import Policy
from callbacks.simulation.chance import Chance
from callbacks.simulation.faults import Faults, Swarm
from callbacks.simulation.rules import REAL, Rules
from callbacks.simulation.store import Box, Row, Store, Transaction
from callbacks.simulation.timeline import MILLISECOND, SECOND, Timeline

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

    def poison_works(self) -> bool:
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
    if row.outcome == "met":
        return "reached"
    return "acknowledged" if e.owner else "paging"


def seconds(n: float) -> timedelta:
    return timedelta(seconds=n)


__all__ = ["MILLISECOND", "SECOND", "SUPPORT", "Plan", "World", "phase_of", "seconds"]
