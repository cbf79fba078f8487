"""From the carrier to us: requests that are lost, late, doubled and out of order, to whichever node answers."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from callbacks.simulation.nodes import Node
from callbacks.simulation.store import Transaction
from callbacks.simulation.timeline import MILLISECOND, SECOND
from callbacks.simulation.world import World

Handler = Callable[..., Any]
Heard = Callable[[Any], None]
LATEST, PATIENCE = 120 * SECOND, 15 * SECOND


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
