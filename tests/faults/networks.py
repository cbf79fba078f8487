"""Network namespaces of this test process: places with a network each, and a router between them that loses packets.

- A place's address is 10.77.N.2, on a link of its own to the router. Nothing of it is on an interface of the machine.
- `cut` loses what goes from one place to another and says nothing: no reset, no ICMP. The way back is another cut.
- Names begin with the process's number. They are taken down by `close`, at the latest when the process ends; what a
  killed process left is taken down by the next one.
"""

import atexit
import ctypes
import itertools
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import unavailable

ENABLE = "run as root on Linux, with iproute2 (apt-get install iproute2)"
PREFIX, ROUTER, LINK = "callbacks-", "router", "wire"
CLONE_NEWNET = 0x40000000
NAMED = Path("/run/netns")
_libc = ctypes.CDLL(None, use_errno=True)
_numbers = itertools.count(1)


class Networks:
    """Skips the test, or fails it where everything must run, when namespaces cannot be made here."""

    def __init__(self, *places: str) -> None:
        self.places = places
        self._own = f"{PREFIX}{os.getpid()}-{next(_numbers)}-"
        self._cuts: list[tuple[str, str]] = []
        atexit.register(self.close)
        try:
            _forget_the_dead()
            self._build()
        except (OSError, subprocess.CalledProcessError) as fault:
            self.close()
            unavailable("namespaces", str(getattr(fault, "stderr", "") or fault).strip(), ENABLE)

    def address(self, place: str) -> str:
        return f"10.77.{self.places.index(place) + 1}.2"

    def command(self, place: str, *words: str, hosts: Path | None = None) -> list[str]:
        """What runs `words` there, as the same process; `hosts` is what it takes for /etc/hosts."""
        mounted = ["sh", "-c", 'mount --bind "$0" /etc/hosts && exec "$@"', str(hosts)] if hosts else []
        return ["ip", "netns", "exec", self._own + place, *mounted, *words]

    @contextmanager
    def inside(self, place: str) -> Iterator[None]:
        """This thread is there: its sockets, and the threads and processes that it begins."""
        before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        try:
            _enter(NAMED / (self._own + place))
            yield
        finally:
            _enter_fd(before)
            os.close(before)

    def cut(self, source: str, target: str) -> None:
        """From now on what `source` sends to `target` is lost; what is sent the other way arrives."""
        _ip("-n", self._own + ROUTER, "rule", "add", *self._way(source, target), "blackhole")
        self._cuts.append((source, target))

    def heal(self) -> None:
        while self._cuts:
            _ip("-n", self._own + ROUTER, "rule", "del", *self._way(*self._cuts.pop()), "blackhole")

    def close(self) -> None:
        """Removes every namespace there is of this object; also when it was never finished."""
        atexit.unregister(self.close)
        for path in NAMED.glob(f"{self._own}*"):
            subprocess.run(["ip", "netns", "del", path.name], check=False)

    def _way(self, source: str, target: str) -> list[str]:
        return ["from", self.address(source), "to", self.address(target)]

    def _build(self) -> None:
        router = self._own + ROUTER
        _ip("netns", "add", router)
        _ip("netns", "exec", router, "sysctl", "-qw", "net.ipv4.ip_forward=1")
        for number, place in enumerate(self.places, 1):
            there, port = self._own + place, f"{LINK}{number}"
            _ip("netns", "add", there)
            _ip("-n", there, "link", "add", LINK, "type", "veth", "peer", "name", port, "netns", router)
            _ip("-n", there, "address", "add", f"10.77.{number}.2/24", "dev", LINK)
            _ip("-n", router, "address", "add", f"10.77.{number}.1/24", "dev", port)
            for namespace, device in ((there, "lo"), (there, LINK), (router, port)):
                _ip("-n", namespace, "link", "set", "dev", device, "up")
            _ip("-n", there, "route", "add", "default", "via", f"10.77.{number}.1")


def _ip(*words: str) -> None:
    if shutil.which("ip") is None:
        raise OSError("there is no program ip")
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


def _enter(path: Path) -> None:
    namespace = os.open(path, os.O_RDONLY)
    try:
        _enter_fd(namespace)
    finally:
        os.close(namespace)


def _enter_fd(namespace: int) -> None:
    if _libc.setns(namespace, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns was refused")


def _forget_the_dead() -> None:
    """Namespaces named after processes that are no more."""
    for path in NAMED.glob(f"{PREFIX}*"):
        found = re.match(rf"{PREFIX}(\d+)-", path.name)
        if found and not Path(f"/proc/{found[1]}").exists():
            subprocess.run(["ip", "netns", "del", path.name], check=False, capture_output=True)
