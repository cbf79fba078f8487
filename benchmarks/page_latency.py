"""From the recording's webhook to the page at the carrier: a real node, a real sandbox, one call after another."""

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.conftest import fresh_database
from tests.faults.desk import Desk, eventually

CALLS = 100


def measure(kind: str, calls: int = CALLS) -> list[float]:
    """Milliseconds per call, from the caller's hang-up (when the webhook leaves) to the accepted text."""
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(fresh_database(kind, Path(folder)), Path(folder))
        policy = Path(folder) / "policy.toml"
        policy.write_text("[limits]\npages_per_technician_per_minute = 1000\n")
        desk.environment["CALLBACKS_POLICY_FILE"] = str(policy)
        try:
            desk.start()
            return [_one(desk, n) for n in range(calls)]
        finally:
            desk.close()


def _one(desk: Desk, n: int) -> float:
    """Every call is another caller's: a second call of the same one would join the first one's emergency."""
    caller = f"+1438555{n:04d}"
    before = set(desk.network.texts.all)
    sid = desk.leave_message(shown=caller)

    def page() -> Any:
        new = [m for k, m in desk.network.texts.all.items() if k not in before and f"E-{n + 1:06d}" in m.body]
        return next((m for m in new if not m.to_number.startswith("+1438555")), None)

    message = eventually(page)
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
