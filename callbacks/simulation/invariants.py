"""What must hold through every fault, looked at after each step, by the numbers of `docs/simulation.md`.

The formulas here are written anew, not borrowed from the core: a rule that is wrong must not be its own judge.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from callbacks.delivery.outbox_row import PAGES, OutboxKind, OutboxState
from callbacks.emergency import events as ev
from callbacks.emergency import inputs as given
from callbacks.emergency import promise
from callbacks.emergency.decide import Decision
from callbacks.emergency.model import Emergency, FoundBy, PageState
from callbacks.oncall.roster import Role
from callbacks.simulation.carrier import Inbound, Leg, Sent
from callbacks.simulation.nodes import Node
from callbacks.simulation.store import Box, Row, Transaction
from callbacks.simulation.world import SECOND

if TYPE_CHECKING:
    from callbacks.simulation.people import People
    from callbacks.simulation.world import World

MOST_EVENTS_AN_HOUR = 600
TAKEN_OVER_WITHIN = 10 * SECOND
FAILURES = {"sms": ("undelivered", "failed"), "voice": ("busy", "no-answer", "failed", "canceled", "completed")}
BLINDING = ("list blind", "list down", "carrier's list down", "cut from carrier", "cut from both", "paused", "failover")
OVERTAKING = ("killed", "killed at commit", "cut from database", "commit lost")


class Violation(AssertionError):
    """An invariant did not hold."""

    def __init__(self, number: str, what: str, at: int = 0) -> None:
        super().__init__(f"{number}: {what}")
        self.number, self.what, self.at = number, what, at


class Watcher:
    """Sees every decision, commit, claim and acceptance of a night."""

    people: "People"
    on_killed: Callable[[Node], None]

    def __init__(self, world: "World") -> None:
        self.world = world
        self.rare: Counter[str] = Counter()
        self.slack: dict[str, int] = {}
        self.accepted_by_box: dict[str, list[Sent]] = {}
        self.promised: list[str] = []
        self.poisoned: dict[int, int] = {}

    def sometimes(self, name: str) -> None:
        self.rare[name] += 1

    def check(self, holds: object, number: str, what: str) -> None:
        if not holds:
            self.broken(number, what)

    def broken(self, number: str, what: str) -> NoReturn:
        """What is looked at after every step says so only now: making the words would cost more than looking."""
        raise Violation(number, what, self.world.line.now)

    def tight(self, number: str, left: int) -> None:
        """The smallest distance (microseconds) to a violation that was seen."""
        if number not in self.slack or left < self.slack[number]:
            self.slack[number] = left

    # --- a decision ---

    def decided(
        self, tx: Transaction, row: Row, before: Emergency | None, said: Any, decision: Decision, now: datetime
    ) -> None:
        new, e = decision.events, row.it
        if row.wake_at is not None and row.wake_at <= now:
            self.broken("I6", f"{e.ref} is due again at once")
        for event in new:
            judge = EACH.get(type(event))
            if judge:
                judge(self, before, event, e)
        if ev.PageRequested in map(type, new):
            self._pages(tx, new, e)
        if before is None:
            self._opened(tx, row, new)
        if isinstance(said, given.TimePassed) and not new:
            self.sometimes("woken for nothing")

    def _pages(self, tx: Transaction, new: tuple[ev.Event, ...], e: Emergency) -> None:
        wanted = {p.page for p in new if isinstance(p, ev.PageRequested)}
        put = {b.payload.get("page") for b in tx.boxes_added()}
        self.check(wanted <= put, "I7", f"{e.ref} has pages without outbox rows")
        self.check(
            not (e.can_wait and e.priority == e.first_priority), "I7", f"{e.ref} can wait, and somebody is woken"
        )
        asked = [(p.person, p.channel) for p in new if isinstance(p, ev.PageRequested)]
        self.check(len(asked) == len(set(asked)), "I16", f"{e.ref} pages somebody twice at once")
        self.check(e.withdrawn_at is None and e.excluded_at is None, "I17", f"{e.ref} is over and pages")
        self.check(e.owner is None, "I17", f"{e.ref} is taken and pages")

    def _opened(self, tx: Transaction, row: Row, new: tuple[ev.Event, ...]) -> None:
        e = row.it
        quiet = promise.no_message_recorded(e) or e.can_wait or e.excluded_at or not e.terms.rungs
        paged = any(isinstance(x, ev.StepTaken | ev.StepSkipped) for x in new)
        self.check(quiet or paged, "I7", f"{e.ref} was opened and nobody paged")
        if e.found_by == FoundBy.SWEEP:
            self.sometimes("opened by sweep")

    def acknowledged_by(self, before: Emergency | None, event: ev.Acknowledged, e: Emergency) -> None:
        self.check(before is None or before.owner in (None, event.by), "I19", f"{e.ref} has two owners")
        paged = before is not None and any(p.person == event.by for p in before.pages.values())
        self.check(paged or event.role == Role.SUPERVISOR, "I18", f"{event.by} was never paged for {e.ref}")
        person, id = self.people.them[event.by], int(e.ref[2:])
        meant = any(each == id for _, each in person.meant)
        if not meant and person.bare and self._open_for(event.by) <= 1:
            return self.sometimes("a bare reply meant another page")
        return self.check(meant, "I21", f"{event.by} never said that they have {e.ref}")

    def _open_for(self, name: str) -> int:
        """How many emergencies are open and nobody else's of which this person heard."""
        heard = {box.emergency_id for box in self.world.store.boxes.values() if box.person == name}
        rows = self.world.store.emergencies
        return sum(row.is_open and row.it.owner in (None, name) for id, row in rows.items() if id in heard)

    def step_skipped(self, before: Emergency | None, event: ev.StepSkipped, e: Emergency) -> None:
        if event.why != "all-passed":
            self.sometimes("nobody to page")
            self.check("nobody-on-call" in e.told, "I11", f"nobody could be paged for {e.ref}, and nobody was told")

    def deadline_passed(self, before: Emergency | None, event: ev.DeadlinePassed, e: Emergency) -> None:
        self.check(before is None or not before.deadline_passed_at, "I10", f"{e.ref} passed its deadline twice")

    def taken_back(self, before: Emergency | None, event: ev.TakenBack, e: Emergency) -> None:
        self.sometimes("taken back")

    def bridge_ended(self, before: Emergency | None, event: ev.BridgeEnded, e: Emergency) -> None:
        if e.deadline_passed_at:
            self.sometimes("callback after the deadline")

    # --- a commit ---

    def committed(self, tx: Transaction, by: str) -> None:
        for row in tx.touched():
            if row.e is None:
                continue
            self._never_forgotten(row, row.e)
            if row.failures:
                self.poisoned[row.id] = max(row.failures, self.poisoned.get(row.id, 0))
            hours = 1 + self.world.line.now // (3600 * SECOND)
            if len(row.story) > MOST_EVENTS_AN_HOUR * hours:
                self.broken("I6", f"{row.e.ref} never rests")

    def _never_forgotten(self, row: Row, e: Emergency) -> None:
        if not (row.is_open or e.resolved_at or e.withdrawn_at or e.excluded_at):
            self.broken("I9", f"{e.ref} is closed, and nobody closed it")
        if row.wake_at is not None or not row.is_open or promise.no_message_recorded(e) or not e.terms.rungs:
            return
        contact = promise.first_contact(e)
        tried = e.owner is not None and any(a.tried_at for a in promise.attempts(e))
        waits = e.can_wait and e.priority == e.first_priority
        self.check(contact or tried or waits, "I5", f"{e.ref} is open and will never be woken")

    def killed(self, node: Node, tx: Transaction) -> None:
        """Died over a transaction: one half of the times it had been committed."""
        self.sometimes("killed at commit")
        if self.world.faults.chance.happens(0.5):
            try:
                tx.commit()
                self.world.committed(tx, node.name)
            except Exception as error:
                if isinstance(error, Violation):
                    raise
        self.on_killed(node)

    # --- work ---

    def woken(self, node: Node, row: Row, now: datetime) -> None:
        """How late: after it was due, or after some node that is well now became so."""
        assert row.wake_at is not None
        if self.world.plan.swarm.is_on("clock steps"):
            return
        well = [n.well_since for n in self.world.nodes if n.is_well]
        due = self.world.line.now - (now - row.wake_at) // timedelta(microseconds=1)
        since = max(due, min(well, default=self.world.line.now))
        late, most = self.world.line.now - since, TAKEN_OVER_WITHIN * (1 + row.claims)
        self.tight("I27", most - late)
        self.check(late <= most, "I27", f"{row.it.ref} was woken {late / SECOND:.1f} s late")
        row.claims += 1
        if row.lease_until and row.lease_until <= now:
            self.sometimes("claim taken over")

    def claimed(self, bundle: list[Box], now: datetime) -> None:
        for box in bundle:
            row = self.world.store.emergencies.get(box.emergency_id or 0)
            if box.kind in PAGES and box.attempts == 1 and row:
                e = row.it
                done = e.owner or e.withdrawn_at or e.excluded_at or e.resolved_at
                self.check(not done, "I17", f"a page leaves for {e.ref}, which is in hand or over")
        if len({box.emergency_id for box in bundle}) > 1:
            self.sometimes("pages put together")

    def settled(self, box: Box, fence: int) -> None:
        self.check(
            box.fence == fence and box.state == OutboxState.CLAIMED, "I26", f"{box.id} was settled under an old fence"
        )

    # --- the carrier ---

    def accepted(self, sent: Sent) -> None:
        box = sent.box
        others = self.accepted_by_box.setdefault(box.id, [])
        others.append(sent)
        if len(others) == 1 or self.world.store.undone:
            return
        self.check(box.kind != OutboxKind.BRIDGE, "I12", f"two calls to {box.person} for one callback")
        self.check(any(s.resent for s in others), "I12", f"{box.kind} {box.id} left twice, and nobody asked for it")
        self.check(self.is_excused(), "I12", f"{box.kind} {box.id} left twice, though the carrier could have told")
        self.sometimes("declared duplicate")

    def is_excused(self) -> bool:
        """A duplicate cannot be helped when the carrier could not be asked, or its answer was overtaken."""
        is_on = self.world.plan.swarm.is_on
        overtaken = is_on("time-out") and any(map(is_on, OVERTAKING))
        return overtaken or any(map(is_on, BLINDING))

    def carried(self, sent: Sent) -> list[int]:
        """The emergencies that a text or call is about."""
        lead = sent.box
        rest = (b for b in self.world.store.boxes.values() if b.bundle == lead.id and b.id != lead.id)
        found = [lead.emergency_id, *(b.emergency_id for b in rest)]
        return [id for id in found if id and id in self.world.store.emergencies]

    def called(self, call: Inbound) -> None:
        """A customer calls."""

    def dialled(self, leg: Leg) -> None:
        same = [x for x in self.world.carrier.legs if x is not leg and x.emergency_id == leg.emergency_id]
        twice = any(x.callback == leg.callback for x in same)
        self.check(not twice or self.world.store.undone, "I12", "a customer is dialled twice by one callback")

    def acknowledged(self, handler: Any, facts: tuple[Any, ...]) -> None:
        """We said 2xx to a sign of a call: it must not be forgotten any more."""
        if handler.__name__ in ("message_ended", "recording_reported", "call_ended"):
            self.promised.append(facts[0])
        if handler.__name__ == "text":
            self.promised.append(f"sms {facts[0]}")
        if handler.__name__ == "status":
            self._failure_known(*facts[:3])

    def _failure_known(self, box_id: str, sid: str, status: str) -> None:
        """A failure that the carrier told us of, and that we said we had heard, is in the ledger."""
        box = self.world.store.boxes.get(box_id)
        row = self.world.store.emergencies.get(box.emergency_id or 0) if box else None
        page = row.it.pages.get(box.payload.get("page", "")) if box and row else None
        if page is None or page.key or status not in FAILURES[page.channel]:
            return
        self.check(
            page.state == PageState.FAILED, "I8", f"a page of {row.it.ref if row else ''} came to nothing, and it waits"
        )


EACH: dict[type[ev.Event], Callable[[Watcher, Emergency | None, Any, Emergency], None]] = {
    ev.Acknowledged: Watcher.acknowledged_by,
    ev.StepSkipped: Watcher.step_skipped,
    ev.DeadlinePassed: Watcher.deadline_passed,
    ev.TakenBack: Watcher.taken_back,
    ev.BridgeEnded: Watcher.bridge_ended,
}
