"""Two nodes, their database, the carrier and a supervisors' listener, each in a network of its own.

The test's thread stands at the carrier: the desk's sandbox works in threads that it begins. Nodes know the carrier as
`localhost`, the one name at which it may be met without encryption: their hosts file says where that is.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from tests import http
from tests.faults.balancer import Balancer
from tests.faults.cluster import Cluster
from tests.faults.desk import Desk, eventually
from tests.faults.networks import Networks
from tests.faults.notified import Notified

NODES, BASE, CARRIER, OFFICE = ("a", "b"), "base", "carrier", "office"
LET_IN = "host all all 10.77.0.0/16 trust\n"


class Node:
    """`callbacks serve` in a place; what it says goes to its log."""

    def __init__(self, networks: Networks, place: str, desk: Desk, **changed: str) -> None:
        self.place, self.log, self._networks = place, desk.folder / f"{place}.log", networks
        self._url = f"http://{networks.address(place)}:{desk.port}"
        hosts = desk.folder / "hosts"
        hosts.write_text(f"{networks.address(CARRIER)} localhost\n")
        serve = [sys.executable, "-m", "app.cli", "serve", "--host", "0.0.0.0", "--port", str(desk.port)]
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                networks.command(place, *serve, hosts=hosts),
                env=desk.environment | changed, cwd=desk.folder, stdout=out, stderr=out,
            )  # fmt: skip

    def is_ready(self) -> bool:
        """Asked from beside it: no cut lies between."""
        with self._networks.inside(self.place):
            try:
                return http.get(f"{self._url}/readyz", timeout=20).status_code == 200
            except httpx.HTTPError:
                return False

    def owns(self, owner: str | None) -> bool:
        """Whether this is the node that a claim names."""
        return f"-{self.process.pid}-" in (owner or "")

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Apart:
    """The first of `nodes` takes the webhooks, unless it cannot be reached."""

    def __init__(self, networks: Networks, cluster: Cluster, folder: Path) -> None:
        self.networks, self.cluster = networks, cluster
        self.desk = Desk(cluster.database_url, folder, host="0.0.0.0")
        self.balancer = Balancer(self.desk.port, [networks.address(place) for place in NODES])
        with networks.inside(OFFICE):
            self.office = Notified(networks.address(OFFICE))
        where = {"TWILIO_API_URL": self.desk.carrier_url.replace("127.0.0.1", "localhost")}
        told = {"CALLBACKS_NOTIFY_URLS": self.office.url}
        self.nodes = {place: Node(networks, place, self.desk, **where, **told) for place in NODES}

    def close(self) -> None:
        for node in self.nodes.values():
            node.close()
        self.balancer.close()
        self.desk.close()
        self.office.close()

    def cut(self, place: str, other: str, ways: str = "both") -> None:
        """`there`: what the first sends is lost; `back`: what the other one answers."""
        if ways in ("both", "there"):
            self.networks.cut(place, other)
        if ways in ("both", "back"):
            self.networks.cut(other, place)

    def holder(self, kind: str = "page") -> Node | None:
        """Which node holds the claim on a row of this kind."""
        owners = self.cluster.execute(f"SELECT owner FROM outbox WHERE kind = '{kind}' AND state = 'claimed'")
        return next((node for node in self.nodes.values() for (owner,) in owners if node.owns(owner)), None)

    def other(self, node: Node) -> Node:
        return next(other for other in self.nodes.values() if other is not node)


@contextmanager
def apart(folder: Path) -> Iterator[Apart]:
    """Everything up and ready; everything taken down, whatever happens."""
    with ExitStack() as undo:
        networks = Networks(*NODES, BASE, CARRIER, OFFICE)
        undo.callback(networks.close)

        class There(Cluster):
            address = networks.address(BASE)

            def _begin(self) -> None:
                (self._data / "pg_hba.conf").write_text(LET_IN)
                super()._begin()

        with networks.inside(BASE):
            cluster = There.begin()
        undo.callback(cluster.stop)
        undo.enter_context(networks.inside(CARRIER))
        world = Apart(networks, cluster, folder)
        undo.callback(world.close)
        undo.callback(networks.heal)
        for node in world.nodes.values():
            eventually(node.is_ready, 60)
        yield world
