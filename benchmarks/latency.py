"""From the recording's webhook to the page at the carrier: real nodes, a real sandbox, one call after another, while
nothing else happens and while fifty other webhooks a second come in."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks import ground
from benchmarks.figure import Figure, Reach, percentile
from tests.faults.desk import ROOT, Desk, eventually
from tests.faults.second_node import SecondNode

CALLS, MANY_CALLS, RATE = 40, 150, 50
# One step, so that what is measured is never put together with an older emergency's next page.
POLICY = """
[limits]
pages_per_technician_per_minute = 1000
[[escalation]]
after = "0m"
page = "primary"
by = ["sms"]
[escalation_repeat]
every = "14m"
"""
P50 = (Reach("value", 30), Reach("ratio", 5))
P99 = (Reach("value", 100),)


def measure(full: bool) -> list[Figure]:
    found = []
    for kind, nodes in (("sqlite", 1), ("postgres", 1), ("postgres", 2)):
        with tempfile.TemporaryDirectory() as folder:
            least = percentile(ground.least(kind, Path(folder)), 0.5)
        for load in (0, RATE):
            took = play(kind, nodes, load, MANY_CALLS if full else CALLS)
            name = f"{kind}, {nodes} node{'s' if nodes > 1 else ''}, {f'{load} webhooks/s' if load else 'idle'}"
            against = "one durable commit + one HTTP round trip"
            found += [
                Figure(f"webhook to page, {name}, p50", percentile(took, 0.5), "ms", against, least, P50),
                Figure(
                    f"webhook to page, {name}, p99 of {len(took)}", percentile(took, 0.99), "ms", against, least, P99
                ),
            ]
    return found


def play(kind: str, nodes: int, rate: int, calls: int) -> list[float]:
    """Milliseconds per call, from the caller's hang-up (when the webhook leaves) to the accepted text."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        desk = Desk(ground.fresh(kind, Path(folder)), Path(folder))
        stack.callback(desk.close)
        (Path(folder) / "policy.toml").write_text(POLICY)
        desk.environment["CALLBACKS_POLICY_FILE"] = f"{folder}/policy.toml"
        desk.start()
        for _ in range(nodes - 1):
            stack.callback(SecondNode(desk).close)
        if rate:
            stack.enter_context(loaded(desk.product_url, rate))
        _one(desk, 0)
        return [_one(desk, n) for n in range(1, calls + 1)]


@contextmanager
def loaded(address: str, rate: int) -> Iterator[None]:
    """Other calls that begin: each is signed, checked, and committed before it is answered."""
    command = [sys.executable, "-m", "benchmarks.caller", address, "/twilio/voice", "600", str(rate), "8"]
    with _process(command, cwd=ROOT) as load:
        time.sleep(1)
        yield
        assert load.poll() is None, "the load ended before its time"


@contextmanager
def _process(command: list[str], **options: Any) -> Iterator["subprocess.Popen[bytes]"]:
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, **options)
    try:
        yield running
    finally:
        running.terminate()
        running.wait(20)


def _one(desk: Desk, n: int) -> float:
    """Every call is another caller's: a second call of the same one would join the first one's emergency."""
    caller = f"+1438555{n:04d}"
    before = set(desk.network.texts.all)
    sid = desk.leave_message(shown=caller)

    def page() -> Any:
        new = [m for k, m in desk.network.texts.all.items() if k not in before and f"555-{n:04d}" in m.body]
        return next((m for m in new if not m.to_number.startswith("+1438555")), None)

    message = eventually(page)
    ended = desk.network.calls.all[sid].ended_at
    assert ended is not None
    time.sleep(0.05)
    return float((message.created_at - ended).total_seconds() * 1000)
