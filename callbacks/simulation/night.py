"""One night, from its seed alone: built, run through storm, healing and liveness, and summed up."""

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from callbacks.emergency import model
from callbacks.oncall.roster import Roster
from callbacks.policy.model import PUBLISHED, Policy
from callbacks.simulation import oracle
from callbacks.simulation.carrier import Carrier
from callbacks.simulation.customers import Customers
from callbacks.simulation.desk import Desk
from callbacks.simulation.faults import SPELLS, Chance, Swarm, swarm
from callbacks.simulation.invariants import Violation, Watcher
from callbacks.simulation.network import Lines, Network
from callbacks.simulation.nodes import Node, Waker
from callbacks.simulation.people import Habits, People, drawn
from callbacks.simulation.sender import Sender
from callbacks.simulation.store import Row
from callbacks.simulation.sweeper import Sweeper
from callbacks.simulation.world import MINUTE, REAL, SECOND, Plan, Rules, World

# An ordinary night; the two nights on which Toronto changes its clocks; New Year's Eve; a leap day.
EPOCHS = (
    datetime(2026, 11, 24, 7, 0, tzinfo=UTC),
    datetime(2026, 11, 1, 4, 40, tzinfo=UTC),
    datetime(2027, 3, 14, 6, 40, tzinfo=UTC),
    datetime(2027, 1, 1, 4, 40, tzinfo=UTC),
    datetime(2028, 2, 29, 4, 40, tzinfo=UTC),
)
LONGEST_STEP = 5_000_000
SKEWS = ("clock ahead", "clock behind")


@dataclass
class Outcome:
    """What came of a night. `shapes`: each emergency's kinds of
    facts in the order in which they first came, and its outcome; `trace`: everything that was written, hashed."""

    seed: int
    emergencies: int = 0
    calls: int = 0
    steps: int = 0
    events: int = 0
    hours: float = 0.0
    verdicts: Counter[str] = field(default_factory=Counter)
    hits: Counter[tuple[str, str]] = field(default_factory=Counter)
    rare: Counter[str] = field(default_factory=Counter)
    slack: dict[str, int] = field(default_factory=dict)
    shapes: list[str] = field(default_factory=list)
    trace: str = ""
    violation: str | None = None
    traceback: str | None = None


def draw(
    seed: int,
    policy: Policy = PUBLISHED,
    roster: Roster | None = None,
    rules: Rules = REAL,
    spared: frozenset[str] = frozenset(),
    faults: Swarm | None = None,
) -> Plan:
    """The plan of a seed."""
    chance = Chance(seed, "plan")
    many = chance.weighted(((5, 1), (3, 2), (1, 3), (1, 4)))
    heals_at = chance.spread(4 * MINUTE, 64 * MINUTE)
    epoch = chance.weighted(((12, EPOCHS[0]), *((1, e) for e in EPOCHS[1:])))
    known = roster or drawn(Chance(seed, "roster"))
    drawn_faults = faults or swarm(Chance(seed, "swarm"), spared)
    return Plan(seed, epoch, policy, known, drawn_faults, many, heals_at, rules)


class Night:
    """A plan come alive."""

    def __init__(self, plan: Plan, habits: dict[str, Habits] | None = None) -> None:
        world = World(plan)
        self.world, self.line = world, world.line
        world.carrier, world.network, world.watch = Carrier(world), Network(world), Watcher(world)
        part = plan.rules.part
        desk = part("desk", Desk)(world)
        self.people = world.watch.people = People(world, desk, habits)
        self.customers = Customers(world, desk)
        Lines(world, desk, self.people, self.customers)
        waker, sender = part("waker", Waker)(world), part("sender", Sender)(world)
        sweeper = part("sweeper", Sweeper)(world)

        def work(node: Node) -> None:
            waker.work(node)
            sender.work(node)

        for n in range(plan.many):
            node = part("node", Node)(world, f"n{n}")
            node.does(work, sweeper.sweep)
            world.nodes.append(node)
        world.watch.on_killed = self._killed

    def run(self) -> None:
        """Raises Violation."""
        plan, chance = self.world.plan, self.world.chance
        many = chance.weighted(((62, 1), (22, 2), (10, 3), (5, 6), (1, 16)))
        self.customers.plan(many, min(plan.heals_at, 12 * MINUTE))
        self._plan_storm()
        if self.world.people_chance.happens(0.15):
            when = self.world.people_chance.below(plan.heals_at)
            self.line.at(when, self.people.overhears, self.world.people_chance.pick(sorted(self.people.them)))
        for node in self.world.nodes:
            node.start()
        self._until(plan.heals_at)
        self._heal()
        self._until(plan.heals_at + oracle.PAGED_WITHIN + SECOND)
        oracle.soon_paged(self.world)
        self._until(plan.heals_at + 150 * SECOND)
        oracle.second_minute(self.world)
        self._until(plan.heals_at + 6 * MINUTE)
        oracle.at_rest(self.world)
        self._until(plan.heals_at + 45 * MINUTE, self._is_decided)
        oracle.second_minute(self.world)
        oracle.at_rest(self.world)
        oracle.the_end(self.world)

    def rehearse(self) -> None:
        """No storm: one caller, right away, and whatever follows up to the verdict and a while behind it."""
        self.customers.plan(1, SECOND)
        for node in self.world.nodes:
            node.start()
        self._until(5 * MINUTE)
        self._until(
            self.world.policy.promise.callback_within // timedelta(microseconds=1) + 15 * MINUTE, self._is_decided
        )

    def _until(self, when: int, is_over: Callable[[], bool] = lambda: False) -> None:
        """Everything up to then, or until it is over."""
        count, step = 0, self.line.step
        while step(when):
            count += 1
            if count & 31 == 0 and is_over():
                return
            assert count < LONGEST_STEP, "the night never ends"
        self.line.jump(when)

    def _is_decided(self) -> bool:
        """Every verdict is final, nobody is on the phone, and nothing is on its way."""
        store, carrier = self.world.store, self.world.carrier
        if store.live or any(not _is_final(row) for row in store.emergencies.values()):
            return False
        over = [c.ended for c in carrier.inbound] + [leg.ended for leg in carrier.legs]
        return all(at is not None and self.line.now - at > 3 * MINUTE for at in over)

    # --- the storm ---

    def _plan_storm(self) -> None:
        chance, plan = self.world.faults.chance, self.world.plan
        for kind in SPELLS:
            if plan.swarm.is_on(kind) and kind in SKEWS:
                self._skew(kind, chance.spread(SECOND, 2 * MINUTE))
            elif plan.swarm.is_on(kind):
                for _ in range(chance.between(1, 3)):
                    begins, length = chance.below(plan.heals_at), chance.spread(SECOND, 8 * MINUTE)
                    self.line.at(begins, self._spell, kind, chance.below(plan.many), length)
        if plan.swarm.is_on("poison") and self.world.faults.chance.happens(plan.swarm.rates["poison"]):
            self.world.poisoned = 1

    def _spell(self, kind: str, n: int, length: int) -> None:
        node, world = self.world.nodes[n], self.world
        if not world.faults.stormy:
            return
        world.faults.struck(kind)
        if kind == "killed":
            self._kill(node, length)
        elif kind == "paused" and node.is_up and not node.is_paused:
            node.pause()
            self.line.after(length, node.resume)
        elif kind.startswith("cut from"):
            node.cut(kind != "cut from carrier", kind != "cut from database")
            self.line.after(length, node.heal)
        elif kind == "carrier's list down":
            world.carrier.is_list_down = True
            self.line.after(length, self._list_up)
        elif kind == "failover":
            world.store.fail_over(world.faults.chance.between(1, 3))
            for each in world.nodes:
                each.reconnected()
        elif kind == "clock steps" and not world.is_cluster:
            by = timedelta(microseconds=length * 8)
            node.step_clock(by if self.world.faults.chance.happens(0.5) else -by)

    def _skew(self, kind: str, by: int) -> None:
        """A single node goes by its own clock, which is wrong all night."""
        if not self.world.is_cluster:
            self.world.faults.struck(kind)
            self.world.nodes[0].offset += timedelta(microseconds=by if kind == "clock ahead" else -by)

    def _list_up(self) -> None:
        self.world.carrier.is_list_down = False

    def _killed(self, node: Node) -> None:
        self._kill(node, self.world.faults.chance.spread(SECOND, 4 * MINUTE))

    def _kill(self, node: Node, length: int) -> None:
        if node.is_up:
            node.kill()
            self.line.after(length, self._restart, node, node.life)

    def _restart(self, node: Node, life: int) -> None:
        if not node.is_up and node.life == life:
            node.start()

    def _heal(self) -> None:
        self.world.faults.stormy = False
        self.world.carrier.is_list_down = False
        for node in self.world.nodes:
            node.is_cut_off = node.is_deaf = False
            if not node.is_up:
                node.start()
            elif node.is_paused:
                node.resume()
            node.heal()

    # --- what came of it ---

    def outcome(self) -> Outcome:
        world = self.world
        rows = list(world.store.emergencies.values())
        found = Outcome(
            world.plan.seed,
            len(rows),
            len(world.carrier.inbound),
            self.line.steps,
            sum(len(r.story) for r in rows),
            self.line.now / (3600 * SECOND),
            hits=world.faults.hits,
            rare=world.watch.rare,
            slack=world.watch.slack,
        )
        trace = hashlib.sha256()
        for row in rows:
            verdict = world.rules.judge(row.it, world.nodes[0].now())
            found.verdicts[f"{verdict.outcome} {verdict.evidence}"] += 1
            kinds = " ".join(dict.fromkeys(type(event).__name__ for event in row.story))
            found.shapes.append(hashlib.sha256(f"{kinds} {verdict.outcome}".encode()).hexdigest()[:16])
            for event in row.story:
                trace.update(repr(event).encode())
        for sent in world.carrier.sent:
            trace.update(f"{sent.sid} {sent.box.id} {sent.accepted_at} {sent.state}".encode())
        found.trace = trace.hexdigest()
        return found


def _is_final(row: Row) -> bool:
    e = row.it
    talking = any(not c.ended_at for c in e.callbacks.values())
    return not row.is_open or (not talking and (row.outcome == model.Outcome.MET or e.deadline_passed_at is not None))


def run(plan: Plan, habits: dict[str, Habits] | None = None) -> Outcome:
    """One night and what came of it; a violation is told in the outcome, not raised."""
    night = Night(plan, habits)
    violation = None
    try:
        night.run()
    except Violation as broken:
        violation = str(broken)
    except (AssertionError, LookupError, ValueError, TypeError, AttributeError) as error:
        violation = f"raised: {type(error).__name__}: {error}"
    found = night.outcome()
    found.violation = violation
    return found
