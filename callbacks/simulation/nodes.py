"""A node of ours: it lives, dies, freezes, is cut off and comes back; its transactions end well, badly or unknown.

- One node goes by its own clock, which may be wrong and may step; several go by the database's.
- What a dead node had in hand is gone; what a frozen one had in hand goes on where it stopped, claims lost or not.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from callbacks.delivery import delivery_policy
from callbacks.delivery.delivery_policy import LEASE
from callbacks.delivery.outbox_row import OutboxState
from callbacks.emergency.inputs import OutageFound, TimePassed
from callbacks.emergency.model import ref_of
from callbacks.lib.wallclock import monotonic_wall_clock
from callbacks.messages.effects import CHANNELS, told
from callbacks.simulation import intake
from callbacks.simulation.store import Box, Conflict, FailingEmergency, Row, Transaction
from callbacks.simulation.world import MICROSECOND, MILLISECOND, SECOND, World

if TYPE_CHECKING:
    from callbacks.simulation.world import World

Step = Callable[[Transaction, datetime], Any]
BEAT = 2 * SECOND
SILENCE = timedelta(seconds=15)
TICK = SECOND
SWEEP_EVERY = 30 * SECOND
MOST_TRIES = 8
FARTHEST = timedelta(hours=1)
IDLE_LIMIT = 5 * SECOND  # the database ends a transaction whose client says nothing for so long


class Node:
    """One process of ours."""

    def __init__(self, world: "World", name: str) -> None:
        self.world, self.name, self.life = world, name, 0
        self.is_up = self.is_paused = self.is_cut_off = self.is_deaf = False
        self.offset, self.farthest, self.is_stepped = timedelta(), timedelta(), False
        self._read, self._ticked = world.line.instant(), 0
        self.well_since = 0
        self.beaten_at = -1
        self.hand: set[str] = set()
        self._armed: int | None = None
        self._frozen: list[tuple[Callable[..., None], tuple[Any, ...]]] = []
        self._work: Callable[[Node], None] | None = None
        self._sweep: Callable[[Node], None] | None = None

    def does(self, work: Callable[["Node"], None], sweep: Callable[["Node"], None]) -> None:
        self._work, self._sweep = work, sweep

    # --- what it knows ---

    def now(self) -> datetime:
        """The database's time in a cluster; else this machine's clock, steadied."""
        wall = self.world.line.instant()
        if self.offset:
            wall += self.offset
        if not self.is_stepped:
            return wall
        passed = timedelta(microseconds=self.world.line.now - self._ticked)
        self._read, self._ticked = monotonic_wall_clock(self._read, passed, wall), self.world.line.now
        return self._read

    @property
    def is_slow(self) -> bool:
        """Its clock was put back, and its time goes on at half its pace."""
        return self.is_stepped and self.now() > self.world.line.instant() + self.offset

    def _true(self, at: datetime) -> int:
        """When this node will read `at`; it looks again by then, and again if its time goes slowly."""
        line = self.world.line
        if not self.is_stepped:
            return line.micros(at - self.offset if self.offset else at)
        left = (at - self.now()) // MICROSECOND
        return line.now + (max(left, MILLISECOND) if left > 0 else left)

    @property
    def is_well(self) -> bool:
        return self.is_up and not (self.is_paused or self.is_cut_off or self.is_deaf)

    @property
    def works(self) -> bool:
        return self.is_up and not self.is_paused and not self.is_cut_off

    def holds(self, box: Box) -> bool:
        """A live node renews the claims of what it has in hand with every beat."""
        return self.works and box.id in self.hand

    # --- its life ---

    def start(self) -> None:
        self.life += 1
        self.is_up, self.is_paused, self._armed, self._frozen, self.hand = True, False, None, [], set()
        self.well_since = self.world.line.now
        if not self.is_cut_off:
            self._register()
        self.arm(self.world.line.now)
        self.later(20 * MILLISECOND, self._sweeping)

    def kill(self) -> None:
        self._beat()
        self.is_up = self.is_paused = False

    def pause(self) -> None:
        self._beat()
        self.is_paused = True

    def resume(self) -> None:
        if not (self.is_up and self.is_paused):
            return
        self.is_paused, self.well_since = False, self.world.line.now
        waiting, self._frozen = self._frozen, []
        for act, facts in waiting:
            act(*facts)
        self.arm(self.world.line.now)

    def cut(self, database: bool, carrier: bool) -> None:
        self._beat()
        self.is_cut_off, self.is_deaf = self.is_cut_off or database, self.is_deaf or carrier

    def heal(self) -> None:
        self.is_cut_off = self.is_deaf = False
        self.reconnected()

    def reconnected(self) -> None:
        """What is due is looked for anew."""
        self.well_since = self.world.line.now
        self.arm(self.world.line.now)

    def step_clock(self, by: timedelta) -> None:
        """From now on this machine's clock says something else."""
        self._read, self._ticked, self.is_stepped = self.now(), self.world.line.now, True
        self.offset = max(-FARTHEST, min(FARTHEST, self.offset + by))
        self.farthest = max(self.farthest, abs(self.offset))
        self.arm(self.world.line.now)

    def _beat(self) -> None:
        """The last heartbeat before something stops it: every 2 s while it works, and its claims with it."""
        if not self.works:
            return
        line = self.world.line
        self.beaten_at = line.now - line.now % BEAT
        until = self.now() + LEASE
        for box in self.world.store.live.values():
            if box.owner == self.name and box.lease_until and box.id in self.hand:
                box.lease_until = max(box.lease_until, until)
        for node in self.world.nodes:
            node.arm(line.now + LEASE // MICROSECOND)

    def _register(self) -> None:
        """Signs in: an outage is told to the emergencies it touched, and a single node's old claims run out."""
        world = self.world
        if any(n.works for n in world.nodes if n is not self):
            return
        beats = [n.beaten_at for n in world.nodes if n.beaten_at >= 0]
        if beats and world.line.now - max(beats) > SILENCE // MICROSECOND:
            outage = (world.line.instant(max(beats)), world.line.instant())
            self.transact(lambda tx, now: _outage(world, tx, outage, now))
        if not world.is_cluster:
            self.transact(_expire_all)

    # --- what it does next ---

    def later(self, span: int, act: Callable[..., None], *facts: Any) -> None:
        """Goes on with something, unless it dies before; frozen, it goes on when it thaws."""
        line = self.world.line
        line.put(line.now + span, self._goes_on, (self.life, act, facts))

    def _goes_on(self, life: int, act: Callable[..., None], facts: tuple[Any, ...]) -> None:
        if life != self.life or not self.is_up:
            return
        if self.is_paused:
            self._frozen.append((act, facts))
        else:
            act(*facts)

    def arm(self, when: int) -> None:
        """It looks for work then, unless it does so sooner."""
        line = self.world.line
        when = when if when > line.now else line.now
        if self._armed is None or when < self._armed:
            self._armed = when
            line.put(when, self._goes_on, (self.life, self._look, (when,)))

    def notified(self, due: datetime, by: str) -> None:
        """Told of a commit: at once, or only by the tick when the word is lost."""
        if not self.works:
            return
        when = self._true(due)
        if when <= self.world.line.now:
            lost = by != self.name and self.world.faults.strikes("wake lost")
            when = self.world.line.now + (TICK if lost else 2 * MILLISECOND)
        self.arm(when)

    def _look(self, when: int) -> None:
        if self._armed != when:
            return
        self._armed = None
        if self.is_cut_off:
            return self.arm(self.world.line.now + TICK)
        assert self._work is not None
        self._work(self)
        due = self.world.next_due()
        if due is not None:
            when = self._true(due)
            # What is due and cannot be claimed yet waits for a commit, which tells us; the tick is the safety net.
            self.arm(when if when > self.world.line.now else self.world.line.now + TICK)
        return None

    def _sweeping(self) -> None:
        assert self._sweep is not None
        if not self.is_cut_off:
            self._sweep(self)
        self.later(SWEEP_EVERY, self._sweeping)

    # --- transactions ---

    def notes(self, name: str, value: Any) -> None:
        """A transaction that writes one fact of which only the last writer matters."""
        if not self.world.faults.strikes("commit lost"):
            self.world.store.facts[name] = value

    def transact(
        self,
        step: Step,
        then: Callable[[Any], None] | None = None,
        broken: Callable[[], None] | None = None,
        tries: int = MOST_TRIES,
    ) -> None:
        """One transaction, tried again after a conflict. `then` gets its result once it is committed; `broken` is
        told of a database that did not answer, whether or not it committed."""
        if self.is_cut_off:
            return _call(broken)
        tx = Transaction(self.world.store)
        try:
            result = step(tx, self.now())
        except FailingEmergency:
            return _call(broken)
        again = (step, then, broken, tries - 1)
        if self.world.faults.strikes("slow commit"):
            span = self.world.faults.chance.spread(5 * MILLISECOND, 2 * SECOND)
            return self.later(span, self._commit, tx, result, again, self.world.line.now + span)
        return self._commit(tx, result, again, self.world.line.now)

    def _commit(self, tx: Transaction, result: Any, again: tuple[Any, ...], meant: int) -> None:
        step, then, broken, tries = again
        faults = self.world.faults
        frozen_too_long = self.world.line.now - meant > IDLE_LIMIT
        if self.is_cut_off or frozen_too_long or faults.strikes("commit lost"):
            return _call(broken)
        if faults.strikes("killed at commit"):
            return self.world.watch.killed(self, tx)
        try:
            tx.commit()
        except Conflict:
            self.world.watch.sometimes("conflict")
            if tries > 0:
                self.later(faults.chance.between(2, 20) * MILLISECOND, self.transact, step, then, broken, tries)
            elif broken:
                broken()
            return None
        self.world.committed(tx, self.name)
        if faults.strikes("commit unknown"):
            return _call(broken)
        if then:
            then(result)
        return None


def _call(act: Callable[[], None] | None) -> None:
    if act:
        act()


def _outage(world: "World", tx: Transaction, outage: tuple[datetime, datetime], now: datetime) -> None:
    tx.note("outages", (*world.store.facts.get("outages", ()), outage))
    for id, row in list(world.store.emergencies.items()):
        found = tx.row(id)
        assert found is not None and row.due_at is not None
        if row.it.call_started_at < outage[1] and row.due_at > outage[0] and id != world.poisoned:
            intake.handle_input(world, tx, found, OutageFound(at=now, began_at=outage[0], ended_at=outage[1]), now)


def _expire_all(tx: Transaction, now: datetime) -> None:
    """For a start that knows that no other engine is alive."""
    for id, box in list(tx.store.live.items()):
        if box.state == OutboxState.CLAIMED:
            found = tx.box(id)
            assert found is not None
            found.lease_until = now
    for number, row in list(tx.store.emergencies.items()):
        if row.lease_until:
            found_row = tx.row(number)
            assert found_row is not None
            found_row.lease_until = now


# Wakes the emergencies whose time has come, as `engine/runtime/loop.py` does; a failing one is put off and told.

BATCH = 50


class Waker:
    """Claims due emergencies and passes time on them, for any node."""

    def __init__(self, world: World) -> None:
        self.world = world

    def work(self, node: Node) -> None:
        now = node.now()
        for row in self.world.store.emergencies.values():
            if _is_due(row, now):
                return node.transact(self._claim(node), partial(self._work_on_all, node))
        return None

    def _claim(self, node: Node) -> Step:
        def step(tx: Transaction, now: datetime) -> list[tuple[int, int]]:
            due = sorted((r for r in self.world.store.emergencies.values() if _is_due(r, now)), key=_order)
            claimed = []
            for found in due[:BATCH]:
                row = tx.row(found.id)
                assert row is not None
                self.world.watch.woken(node, row, now)
                row.owner, row.lease_until, row.fence = node.name, now + LEASE, row.fence + 1
                claimed.append((row.id, row.fence))
            return claimed

        return step

    def _work_on_all(self, node: Node, claimed: list[tuple[int, int]]) -> None:
        for id, fence in claimed:
            broken = partial(node.transact, partial(self._put_off, id, fence))
            node.transact(partial(self._pass_time, id, fence), None, broken)

    def _pass_time(self, id: int, fence: int, tx: Transaction, now: datetime) -> None:
        row = tx.row(id)
        if row is None or row.fence != fence:
            return self.world.watch.sometimes("stale wake refused")
        intake.handle_input(self.world, tx, row, TimePassed(at=now), now)
        row.owner, row.lease_until, row.failures, row.claims = None, None, 0, 0
        return None

    def _put_off(self, id: int, fence: int, tx: Transaction, now: datetime) -> None:
        row = tx.row(id)
        if row is None or row.fence != fence:
            return
        row.failures += 1
        row.owner, row.lease_until, row.wake_at, row.claims = None, None, now + delivery_policy.PAUSE, 0
        if self.world.rules.alarms_at(row.failures):
            self.world.watch.sometimes("poison told")
            effects = told([*self.world.duty(tx).supervisors, CHANNELS], "failing", ref=ref_of(id))
            intake.put_effects(self.world, tx, None, effects, now)


def _is_due(row: Row, now: datetime) -> bool:
    if row.wake_at is None or row.wake_at > now:
        return False
    return row.lease_until is None or row.lease_until <= now


def _order(row: Row) -> tuple[datetime, int]:
    assert row.due_at is not None
    return row.due_at, row.id
