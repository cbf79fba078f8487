"""One night, over and over: each time the node is killed or paused at another of its points.

As a program it walks every point: `python -m tests.faults.stepper sqlite KILL --every 1 --parallel 4`; the tests walk a few.
With `--nodes 2` another node on the same PostgreSQL goes on, and the longest takeover is measured. The nodes share the work
as it comes, so a night with two has fewer points at the first, and not always the same.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.conftest import fresh_database
from tests.faults.desk import Desk, code_in, eventually
from tests.faults.stepped_desk import PairWalk, SteppedDesk, Walk, most_alike, verifies
from tests.faults.stepped_pair import SteppedPair

COMES_BACK = 90.0
ENOUGH = 4  # nights that ended before the chosen point, when their number is not the same each time
ONE_AT_A_TIME = threading.Lock()


def walk(kind: str, name: str, at: int) -> Walk:
    """A night in which the node gets the signal at its point `at`."""
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        with ONE_AT_A_TIME:
            desk = SteppedDesk(fresh_database(kind, folder), folder, at, name)
        begun = time.monotonic()
        try:
            desk.start()
            return _night(desk, at, begun)
        finally:
            desk.close()


def pair_walk(name: str, at: int) -> PairWalk:
    """A night with two nodes on PostgreSQL, of which the first gets the signal at its point `at`."""
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        with ONE_AT_A_TIME:
            desk = SteppedPair(fresh_database("postgres", folder), folder, at, name)
        begun = time.monotonic()
        try:
            desk.start()
            desk.night()
            desk.settle()
            return desk.walk(at, begun)
        finally:
            desk.close()


def _night(desk: SteppedDesk, at: int, begun: float) -> Walk:
    with contextlib.suppress(AssertionError):
        # The greeting may fail, and then the carrier ends the call: the sweep must find it all the same.
        desk.leave_message()
    page = eventually(desk.paged, COMES_BACK)[0]  # PostgreSQL never gives a number of a lost transaction again
    _reply(desk, page.to_number, "1")
    eventually(lambda: _listed(desk)[0]["acknowledged_by"], COMES_BACK)
    _reply(desk, page.to_number, f"4 {code_in(page.body)}")
    eventually(lambda: _listed(desk)[0]["contact_at"], COMES_BACK)
    found = _listed(desk)
    item = found[0]
    return Walk(
        at, desk.point(), len(found), most_alike(desk), item["acknowledged_by"], item["verdict"]["outcome"],
        verifies(desk), time.monotonic() - begun,
    )  # fmt: skip


def _reply(desk: Desk, number: str, body: str) -> None:
    desk.carrier.post("/sandbox/api/messages", json={"from": number, "body": body}).raise_for_status()


def _listed(desk: Desk) -> list[Any]:
    done = subprocess.run(
        [sys.executable, "-m", "app.cli", "list", "--json"], env=desk.environment, cwd=desk.folder, capture_output=True
    )  # fmt: skip
    if done.returncode:
        return [{"acknowledged_by": None, "contact_at": None}]
    items: list[Any] = json.loads(done.stdout)["items"]
    return items or [{"acknowledged_by": None, "contact_at": None}]


def main() -> None:
    wish = argparse.ArgumentParser(description=__doc__)
    wish.add_argument("kind", choices=["sqlite", "postgres"])
    wish.add_argument("signal", choices=["KILL", "STOP"])
    wish.add_argument("--nodes", type=int, choices=[1, 2], default=1)
    wish.add_argument("--every", type=int, default=1)
    wish.add_argument("--parallel", type=int, default=3)
    given = wish.parse_args()
    if given.nodes == 2 and given.kind == "sqlite":
        wish.error("SQLite takes one engine")
    say(f"undisturbed: {_walk(given, 0)}")
    last, past, found = int(os.environ.get("STEP_LAST", "200")), 0, []
    with ThreadPoolExecutor(given.parallel) as pool:
        for line, one in pool.map(lambda n: _told(given, n), range(1, last + 1, given.every)):
            say(line)
            past += line.startswith("past")
            if not line.startswith("past"):
                found.append(one)
            if past == (ENOUGH if given.nodes == 2 else 1):
                pool.shutdown(wait=False, cancel_futures=True)
                break
    _sum_up(found)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _sum_up(walks: list[Walk | None]) -> None:
    say(f"{sum(one is not None and one.is_whole for one in walks)} of {len(walks)} whole")
    pairs = [one for one in walks if isinstance(one, PairWalk)]
    if pairs:
        takeovers, most = sorted(one.takeover for one in pairs), max(pairs, key=lambda one: one.takeover)
        say(f"takeover: median {takeovers[len(takeovers) // 2]} s, longest {most.takeover} s ({most.of}, {most.point})")
        say(f"by the sweep: {sum(one.swept > 0 for one in pairs)}, longest {max(one.swept for one in pairs)} s")


def _walk(given: argparse.Namespace, n: int) -> Walk:
    return pair_walk(given.signal, n) if given.nodes == 2 else walk(given.kind, given.signal, n)


def _told(given: argparse.Namespace, n: int) -> tuple[str, Walk | None]:
    try:
        found = _walk(given, n)
    except Exception as error:
        return f"FAIL {n}: {error!r}", None
    if not found.point:
        return f"past the last point: {n}", None
    return f"{'ok  ' if found.is_whole else 'FAIL'} {found}", found


if __name__ == "__main__":
    main()
