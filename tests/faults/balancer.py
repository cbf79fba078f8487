"""What stands before several nodes: the carrier knows one address, and each connection goes to a node that takes it."""

import socket
from collections.abc import Sequence

from tests.faults.proxy import Proxy

PATIENCE = 1.0


class Balancer(Proxy):
    """Tries the hosts in their order, each for a second."""

    def __init__(self, port: int, hosts: Sequence[str]) -> None:
        self.hosts = list(hosts)
        super().__init__(port, port)

    def _connected(self) -> socket.socket:
        for host in self.hosts:
            try:
                connected = socket.create_connection((host, self.to_port), PATIENCE)
            except OSError:
                continue
            connected.settimeout(None)
            return connected
        raise ConnectionRefusedError("no node takes it")
