"""Two nodes on one PostgreSQL behind a balancer. The first is killed or paused at one of its points, and the balancer turns to
the second; who was paused comes back as a zombie. What was due is timed until the second has done it.

A piece of work that the carrier's webhook did not get through with, because it hung or broke on the first node, is found by
the sweep; it is timed apart (`swept`), for the sweep has two minutes and a takeover has ten seconds.
"""

import contextlib
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from tests.faults.desk import code_in, eventually
from tests.faults.proxy import Proxy
from tests.faults.second_node import SecondNode
from tests.faults.stepped_desk import PAUSED_SECONDS, PairWalk, SteppedDesk, most_alike, verifies
from tests.postgres import free_port

COMES_BACK, ZOMBIE_WORKS = 90.0, 8.0
SWEPT_SECONDS = 20.0  # no text is looked for in the carrier's list before that
A_MOMENT = 0.5  # nobody replies before the balancer can have seen that a node is gone
STORY = "SELECT found_by, acknowledged_by, contact_at, outcome FROM emergency WHERE call_sid IS NOT NULL"


class SteppedPair(SteppedDesk):
    """`stopped_at` is when the first node stopped; `takeover` and `swept` are the longest waits since then."""

    def __init__(self, database_url: str, folder: Path, at: int, name: str) -> None:
        super().__init__(database_url, folder, at, name)
        self._first, self._came_back = free_port(), threading.Event()
        self._balancer = Proxy(self._first, self.port)
        self._second: SecondNode | None = None
        self._rows = psycopg.connect(database_url.replace("+psycopg", ""), autocommit=True)
        self._waits: dict[bool, tuple[float, str]] = {True: (0.0, ""), False: (0.0, "")}

    def start(self, log: Path | None = None) -> None:
        self.node = self._spawn("tests.faults.stepping_node", self._first)
        self._second = SecondNode(self)
        eventually(self._is_ready, 60)
        self._keeper.start()

    def close(self) -> None:
        super().close()
        if self._second:
            self._second.close()
        self._balancer.close()
        self._rows.close()

    def story(self) -> list[tuple[Any, ...]]:
        """(found by, acknowledged by, contact at, outcome) of each emergency."""
        return self._rows.execute(STORY).fetchall()

    def night(self) -> None:
        """A message, a page, `1`, `4`: each is waited for with everything that it leads to."""
        with contextlib.suppress(AssertionError):
            self.leave_message()
        page = eventually(self.paged, COMES_BACK)[0]
        call = next(iter(self.network.calls.all.values()))
        assert call.ended_at
        self._note("page", call.ended_at.timestamp(), page.created_at.timestamp(), self.story()[0][0] == "sweep")
        self._reply(page.to_number, "1", 1)
        self._reply(page.to_number, f"4 {code_in(page.body)}", 2)

    def settle(self) -> None:
        """The zombie, if there is one, has had time to do harm."""
        if self._is_pause and self.point():
            assert self._came_back.wait(PAUSED_SECONDS + 10)
            time.sleep(ZOMBIE_WORKS)

    def walk(self, at: int, begun: float) -> PairWalk:
        found = self.story()
        (takeover, of), (swept, _) = self._waits[False], self._waits[True]
        return PairWalk(
            at, self.point(), len(found), most_alike(self), found[0][1], found[0][3], verifies(self),
            time.monotonic() - begun, round(takeover, 1), of, round(swept, 1),
        )  # fmt: skip

    def _reply(self, number: str, body: str, column: int) -> None:
        time.sleep(A_MOMENT)
        asked, before = time.time(), self._texts_to(number)
        self.carrier.post("/sandbox/api/messages", json={"from": number, "body": body}).raise_for_status()
        came = self._when(lambda: bool(self.story()[0][column]))
        is_lost = came - asked >= SWEPT_SECONDS and self._failed("/twilio/sms")
        self._note(f"{body[0]} written", asked, came, is_lost)
        self._note(f"{body[0]} answered", asked, self._when(lambda: self._texts_to(number) > before), is_lost)

    def _texts_to(self, number: str) -> int:
        return sum(m.to_number == number for m in self.pages())

    def _failed(self, path: str) -> bool:
        return any(x["path"] == path and x["status"] != 200 for x in self.network.sender.log)

    def _when(self, look: Callable[[], bool]) -> float:
        eventually(look, COMES_BACK)
        return time.time()

    def _note(self, of: str, asked: float, came: float, is_swept: bool) -> None:
        """A wait counts from when it was asked for or, if that is later, from the stop; what came before it does not."""
        stop = self._stop()
        if stop and came > float(stop[1]):
            self._waits[is_swept] = max(self._waits[is_swept], (came - max(asked, float(stop[1])), of))

    def _keep(self) -> None:
        """As a balancer and whoever wakes the paused do: nobody starts the killed one again."""
        while not self._closing.wait(0.05):
            if self.point() and self._second:
                self._balancer.to_port = self._second.port
                break
        if self._is_pause and not self._closing.wait(PAUSED_SECONDS):
            assert self.node is not None
            self.node.send_signal(signal.SIGCONT)
            self._came_back.set()
