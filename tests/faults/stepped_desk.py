"""A desk whose node stops at a chosen point of the night, and what comes of such a night."""

import signal
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.faults.desk import Desk, eventually

PAUSED_SECONDS = 30.0


@dataclass(frozen=True)
class Walk:
    """What came of one night. `point` is the name of what it was stopped at; "" when the night has fewer points."""

    at: int
    point: str
    emergencies: int
    most_alike: int
    acknowledged_by: str | None
    outcome: str
    verified: bool
    seconds: float

    @property
    def is_whole(self) -> bool:
        """Nothing lost, at most one text twice, the promise kept and proven."""
        whole = (self.emergencies, self.outcome, self.verified) == (1, "met", True)
        return whole and self.most_alike <= 2 and self.acknowledged_by is not None


@dataclass(frozen=True)
class PairWalk(Walk):
    """`takeover`: the longest that work which was due waited for the second node, in seconds, and `of` which work it was;
    `swept`: likewise for what only the sweep could find."""

    takeover: float
    of: str
    swept: float


class SteppedDesk(Desk):
    """A desk whose first node stops at a point, and somebody who starts it again, or wakes it up."""

    def __init__(self, database_url: str, folder: Path, at: int, name: str) -> None:
        super().__init__(database_url, folder)
        self.log = folder / "points.log"
        self.environment |= {"STEP_AT": str(at), "STEP_SIGNAL": f"SIG{name}", "STEP_LOG": str(self.log)}
        self._closing, self._keeper = threading.Event(), threading.Thread(target=self._keep, daemon=True)
        self._is_pause = name == "STOP"

    def start(self, log: Path | None = None) -> None:
        self.node = self._spawn("tests.faults.stepping_node")
        eventually(self._is_ready, 60)
        self._keeper.start()

    def close(self) -> None:
        self._closing.set()
        if self._keeper.is_alive():
            self._keeper.join(60)
        if self.node and self.node.poll() is None:
            self.node.send_signal(signal.SIGCONT)
        super().close()

    def point(self) -> str:
        return " ".join(self._stop()[2:])

    def _stop(self) -> list[str]:
        """The number, the time and the name of the point where it stopped; nothing before that."""
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return next((line.split() for line in lines if line.split()[0] == self.environment["STEP_AT"]), [])

    def _spawn(self, module: str, port: int | None = None) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, "-m", module, "serve", "--port", str(port or self.port)],
            env=self.environment, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def _keep(self) -> None:
        """As a service manager does: what has ended is started again; what is paused goes on after a while."""
        was_paused = False
        while not self._closing.wait(0.1):
            assert self.node is not None
            if self.node.poll() is not None:
                self.node = self._spawn("app.cli")
            elif self._is_pause and not was_paused and self.point():
                was_paused = True
                self._closing.wait(PAUSED_SECONDS)
                self.node.send_signal(signal.SIGCONT)


def most_alike(desk: Desk) -> int:
    """How often somebody got the same text; each try of one has a link of its own."""
    return max(Counter((m.to_number, m.body.partition("http")[0]) for m in desk.pages()).values())


def verifies(desk: Desk) -> bool:
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "verify"], env=desk.environment, cwd=desk.folder, capture_output=True
    )  # fmt: skip
    return done.returncode == 0
