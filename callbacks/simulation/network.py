"""From the carrier to us: requests that are lost, late, doubled and out of order, to whichever node answers."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from callbacks.delivery.outbox_row import OutboxKind
from callbacks.simulation.carrier import Leg, Sent
from callbacks.simulation.customers import Customers
from callbacks.simulation.desk import Desk
from callbacks.simulation.nodes import Node
from callbacks.simulation.people import People
from callbacks.simulation.store import Transaction
from callbacks.simulation.world import MILLISECOND, MINUTE, SECOND, World

Handler = Callable[..., Any]
Heard = Callable[[Any], None]
LATEST = 120 * SECOND
PATIENCE = 15 * SECOND


class Network:
    """Carries the carrier's requests; `heard` gets our document, None when none came."""

    def __init__(self, world: World) -> None:
        self.world = world

    def report(self, handler: Handler, *facts: Any) -> None:
        """A request whose answer nobody waits for."""
        faults, line = self.world.faults, self.world.line
        if faults.strikes("webhook lost"):
            return
        span = faults.chance.between(20, 300) * MILLISECOND
        if faults.strikes("webhook late"):
            span = faults.chance.spread(SECOND, LATEST)
        line.after(span, self._arrives, _Request(handler, facts, None), 1)
        if faults.strikes("webhook doubled"):
            for _ in range(faults.chance.between(1, 3)):
                line.after(faults.chance.spread(MILLISECOND, LATEST), self._arrives, _Request(handler, facts, None), 0)

    def ask(self, heard: Heard, handler: Handler, *facts: Any) -> None:
        """A request that a call waits for."""
        faults, line = self.world.faults, self.world.line
        if faults.strikes("webhook lost"):
            return line.after(SECOND, heard, None)
        request = _Request(handler, facts, heard)
        line.after(PATIENCE, request.answer, None)
        return line.after(faults.chance.between(20, 300) * MILLISECOND, self._arrives, request, 1)

    def _arrives(self, request: "_Request", tries: int) -> None:
        """At a node that is up; a node that dies over it is as good as none. A failure is tried once more."""
        node = self._node()
        if node is None:
            self.world.watch.sometimes("webhook met nobody")
            return self._failed(request, tries)
        self.world.rules.part("serve", serve)(self, node, request, tries)
        return None

    def served(self, request: "_Request", document: Any) -> None:
        """We answered 2xx."""
        self.world.watch.acknowledged(request.handler, request.facts)
        lost = request.heard is not None and self.world.faults.strikes("answer lost")
        self.world.line.after(20 * MILLISECOND, request.answer, None if lost else document)

    def refused(self, request: "_Request", tries: int) -> None:
        """We answered 500."""
        self._failed(request, tries)

    def _failed(self, request: "_Request", tries: int) -> None:
        if tries > 0:
            self.world.line.after(SECOND, self._arrives, request, 0)
        else:
            request.answer(None)

    def _node(self) -> Node | None:
        """A load balancer: some node that answers; a frozen one is found out by its silence."""
        up = [node for node in self.world.nodes if node.works]
        return self.world.faults.chance.pick(up) if up else None


class _Request:
    """One request, answered at most once."""

    def __init__(self, handler: Handler, facts: tuple[Any, ...], heard: Heard | None) -> None:
        self.handler, self.facts, self.heard, self._done = handler, facts, heard, False

    def answer(self, document: Any) -> None:
        if self.heard and not self._done:
            self._done = True
            self.heard(document)

    def run(self, tx: Transaction, now: datetime) -> Any:
        return self.handler(tx, now, *self.facts)


def serve(network: Network, node: Node, request: _Request, tries: int) -> None:
    """The answer leaves after the commit."""
    node.transact(
        request.run, lambda document: network.served(request, document), lambda: network.refused(request, tries)
    )


# What happens on the phones we text and ring: delivery, ringing, answering, keys, and the dial to the customer.

RING = 25 * SECOND
SMS_TAKES = SECOND  # one segment a second leaves a number


class Lines:
    """The phone network between the carrier's books and the people."""

    def __init__(self, world: World, desk: Desk, people: People, customers: Customers) -> None:
        self.world, self.desk, self.people, self.customers = world, desk, people, customers
        world.carrier.on_text, world.carrier.on_call = self.text, self.call

    def _status(self, sent: Sent, status: str, code: int | None = None) -> None:
        sent.state = status
        self.world.network.report(self.desk.status, sent.box.id, sent.sid, status, code)

    # --- texts ---

    def text(self, sent: Sent, valid: int) -> None:
        carrier, faults, line = self.world.carrier, self.world.faults, self.world.line
        leaves = max(carrier.free_at, line.now) + SMS_TAKES
        carrier.free_at = leaves
        if leaves - line.now > valid * SECOND or faults.strikes("text undelivered"):
            return line.at(leaves, self._status, sent, "undelivered", 30003)
        if faults.strikes("text never"):
            return None
        span = faults.chance.between(300, 4000) * MILLISECOND
        if faults.strikes("text late"):
            span = faults.chance.spread(10 * SECOND, 20 * MINUTE)
        return line.at(leaves + span, self._delivered, sent)

    def _delivered(self, sent: Sent) -> None:
        person = sent.box.person
        if person is None:
            self._status(sent, "delivered")
            return self.customers.reads(sent)
        if self.people.phone_is_dead(person):
            return self._status(sent, "undelivered", 30003)
        if sent.box.kind == OutboxKind.PAGE:
            self._status(sent, "delivered")
        return self.people.reads(sent)

    # --- calls to people of ours ---

    def call(self, sent: Sent) -> None:
        chance = self.world.people_chance
        rings = chance.between(1500, 5000) * MILLISECOND
        self.world.line.after(rings, self._rings, sent)

    def _rings(self, sent: Sent) -> None:
        what, span = self.people.answers(sent)
        if what == "busy":
            return self._status(sent, "busy")
        if what == "no-answer":
            return self.world.line.after(RING, self._status, sent, "no-answer")
        return self.world.line.after(span, self._answered, sent, what)

    def _answered(self, sent: Sent, what: str) -> None:
        person = self.people.them[sent.box.person or ""]
        if person.on_phone:
            return self._status(sent, "busy")
        person.on_phone = what == "human"
        self._status(sent, "in-progress")
        return self.world.network.ask(lambda said: self._document(sent, what, said), self.desk.answered, sent.box.id)

    def _document(self, sent: Sent, what: str, said: Any) -> None:
        """The words are heard; then a key, or none."""
        key, span = self.people.presses(sent) if what == "human" else ("", 20 * SECOND)
        if said is None or said[0] != "ask" or not key:
            return self.world.line.after(SECOND if said is None else span, self._over, sent)
        return self.world.line.after(span, self._key, sent, key)

    def _key(self, sent: Sent, key: str) -> None:
        handler = self.desk.bridge_key if sent.box.kind == OutboxKind.BRIDGE else self.desk.page_key
        self.world.network.ask(lambda said: self._after_key(sent, said), handler, sent.box.id, key)

    def _after_key(self, sent: Sent, said: Any) -> None:
        what, callback = said or ("bye", None)
        if what == "dial" and callback:
            return self._dial(sent, callback)
        return self.world.line.after(2 * SECOND, self._over, sent)

    def _over(self, sent: Sent) -> None:
        self.people.them[sent.box.person or ""].on_phone = False
        self._status(sent, "completed")

    # --- the customer's leg ---

    def _dial(self, sent: Sent, callback: str) -> None:
        carrier, line, id = self.world.carrier, self.world.line, sent.box.emergency_id or 0
        leg = Leg(id, callback, sent.box.person or "", line.now)
        sent.leg = leg
        carrier.legs.append(leg)
        self.world.watch.dialled(leg)
        what, span = self.customers.answers(id)
        if what != "failed":
            leg.rang = True
            self._leg(leg, "ringing")
        if what in ("human", "mailbox"):
            line.after(span, self._joined, sent, leg, what == "human")
        else:
            line.after(RING if what == "no-answer" else span, self._ended, sent, leg, what)

    def _joined(self, sent: Sent, leg: Leg, is_human: bool) -> None:
        line, faults = self.world.line, self.world.faults
        leg.joined, leg.status, leg.is_human = line.now, "in-progress", is_human
        wrong = faults.strikes("wrong machine verdict")
        leg.called = "human" if is_human != wrong else "machine_start"
        self._leg(leg, "in-progress")
        self.world.network.report(self.desk.machine, leg.emergency_id, leg.callback, leg.called)
        line.after(self.customers.talks_for(leg.emergency_id, is_human), self._ended, sent, leg, "completed")

    def _ended(self, sent: Sent, leg: Leg, status: str) -> None:
        line = self.world.line
        leg.ended, leg.status = line.now, status
        self.customers.spoke(leg)
        self._leg(leg, status)
        bridged = leg.joined is not None
        at = line.instant(line.now - line.now % SECOND)
        self.world.network.ask(
            lambda said: self._report(sent, leg, said),
            self.desk.dial_over,
            leg.emergency_id,
            leg.callback,
            status,
            bridged,
            leg.seconds,
            at,
        )

    def _report(self, sent: Sent, leg: Leg, said: Any) -> None:
        key = self.people.reports(leg) if said else ""
        leg.key = key
        if key:
            self.world.network.report(self.desk.after_key, leg.emergency_id, leg.callback, key)
        self.people.after_callback(leg, key)
        self.world.line.after(3 * SECOND, self._over, sent)

    def _leg(self, leg: Leg, status: str) -> None:
        line = self.world.line
        at = line.instant(line.now - line.now % SECOND) if status in ("completed",) else line.instant()
        self.world.network.report(self.desk.leg, leg.emergency_id, leg.callback, status, leg.seconds, at)
