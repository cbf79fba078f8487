"""200 hostile texts in a minute at one segment a second: how much later do pages arrive because of them?

Two runs alike, one of them quiet; in each, a caller is paged for every six seconds. The texts are a caller's notes, and
forged commands, wrong codes and strangers.
"""

import tempfile
import threading
import time
from pathlib import Path

from app import demo
from benchmarks import ground, storm
from benchmarks.figure import Figure, Reach, percentile
from tests.faults.desk import Desk

TEXTS, SECONDS, PAGES, AFTER = 200, 60.0, 10, 25.0
POLICY = """
[[escalation]]
after = "0m"
page = "primary"
by = ["sms"]
[limits]
pages_per_technician_per_minute = 1000
"""
WORDS = ("who", "1 Z9Z", "0", "hello?")


def measure(full: bool) -> list[Figure]:
    """On SQLite; in a full run on PostgreSQL too."""
    found: list[Figure] = []
    for kind in ground.KINDS if full else ground.KINDS[:1]:
        quiet, hostile = _run(kind, 0), _run(kind, TEXTS)
        later = percentile(hostile, 0.5) - percentile(quiet, 0.5)
        worst = hostile[-1] - quiet[-1]
        name = f"{TEXTS} hostile texts in {SECONDS:.0f} s at 1 segment/s, {kind}"
        found += [
            Figure(f"{name}: page leaves the number, median of {len(quiet)} without them", percentile(quiet, 0.5), "s"),
            Figure(f"{name}: page leaves the number, later by (median)", later, "s", reaches=(Reach("value", 2),)),
            Figure(f"{name}: page leaves the number, later by (slowest)", worst, "s", reaches=(Reach("value", 2),)),
        ]
    return found


def _run(kind: str, texts: int) -> list[float]:
    """Seconds from each emergency's opening to the moment at which its page left the number, sorted."""
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(ground.fresh(kind, Path(folder)), Path(folder), message_rate=1.0)
        policy = Path(folder) / "hostile.toml"
        policy.write_text(POLICY, "utf-8")
        desk.environment["CALLBACKS_POLICY_FILE"] = str(policy)
        try:
            desk.start()
            threading.Thread(target=_attack, args=(desk, texts), daemon=True).start()
            started = time.monotonic()
            for n in range(PAGES):
                time.sleep(max(0.0, started + n * SECONDS / PAGES - time.monotonic()))
                _call(desk, n)
            time.sleep(AFTER)
            return sorted(_delays(desk))
        finally:
            desk.close()


def _call(desk: Desk, n: int) -> None:
    """The first caller is the one who writes notes."""
    with desk.network.lock:
        shown = f"+1438555{n:04d}" if n else None
        call = desk.network.calls.dial(demo.CUSTOMERS[0].number, shown)
    time.sleep(1.5)
    with desk.network.lock:
        desk.network.calls.hang_up(call.sid)


def _delays(desk: Desk) -> list[float]:
    opened = {f"#{e['code']}:": e["opened_at"] for e in storm._emergencies(desk)}
    pages = [m for m in desk.pages() if "Reply 1" in m.body]
    found = {code: min(m.sent_at for m in pages if code in m.body and m.sent_at) for code in opened}
    assert len(found) == PAGES
    return [(found[code] - at).total_seconds() for code, at in opened.items()]


def _attack(desk: Desk, texts: int) -> None:
    staff = [phone.number for phone in desk.network.config.phones if phone.number not in _callers()]
    started = time.monotonic()
    for n in range(texts):
        time.sleep(max(0.0, started + n * SECONDS / texts - time.monotonic()))
        if n % 3 == 0:
            sender, words = demo.CUSTOMERS[0].number, f"note {n}: see https://evil.example/{n}"
        elif n % 10 == 1:
            sender, words = f"+1438556{n:04d}", "hello"
        else:
            sender, words = staff[n % len(staff)], WORDS[n % len(WORDS)]
        with desk.network.lock:
            desk.network.texts.receive(sender, words)


def _callers() -> set[str]:
    return {customer.number for customer in demo.CUSTOMERS}
