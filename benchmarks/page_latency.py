"""From the recording's webhook to the page at the carrier: a real node, a real sandbox, one call after another."""

import statistics
import tempfile
import time
from pathlib import Path

from tests.conftest import fresh_database
from tests.faults.desk import Desk, eventually

CALLS = 100


def measure(kind: str, calls: int = CALLS) -> list[float]:
    """Milliseconds per call, from the caller's hang-up (when the webhook leaves) to the accepted text."""
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(fresh_database(kind, Path(folder)), Path(folder))
        try:
            desk.start()
            return [_one(desk) for _ in range(calls)]
        finally:
            desk.close()


def _one(desk: Desk) -> float:
    before = set(desk.network.texts.all)
    sid = desk.leave_message()
    message = eventually(lambda: next((m for k, m in desk.network.texts.all.items() if k not in before), None))
    ended = desk.network.calls.all[sid].ended_at
    assert ended is not None
    time.sleep(0.05)
    return float((message.created_at - ended).total_seconds() * 1000)


def report() -> None:
    for kind in ("sqlite", "postgres"):
        found = sorted(measure(kind))
        p50, p99 = statistics.median(found), found[int(len(found) * 0.99) - 1]
        print(
            f"webhook to page, {kind:9}: n {len(found)}, p50 {p50:.0f} ms, p99 {p99:.0f} ms, slowest {found[-1]:.0f} ms"
        )
