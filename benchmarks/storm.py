"""A storm: 500 callers in five minutes, a carrier that sends one segment a second, technicians who sleep."""

import os
import tempfile
import threading
import time
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import select

from app import demo
from benchmarks import ground
from benchmarks.figure import Figure, Reach, percentile
from callbacks.store.sql import tables
from callbacks.store.sql.database import Database
from sandbox.sender import Answer
from tests.faults.desk import Desk

CALLERS, SECONDS, AFTER = 500, 300.0, 75.0
MINUTE = timedelta(minutes=1)
FIRST = (Reach("value", 60),)


def play(desk: Desk, callers: int = CALLERS, seconds: float = SECONDS, after: float = AFTER) -> list[float]:
    """Every caller dials, says nothing and hangs up; the milliseconds each webhook took."""
    took: list[float] = []
    _time_webhooks(desk, took)
    started = time.monotonic()
    for n in range(callers):
        wait = started + n * seconds / callers - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        threading.Thread(target=_call, args=(desk, n), daemon=True).start()
    time.sleep(after)
    return sorted(took)


def figures(desk: Desk) -> tuple[int, float, int]:
    """(emergencies, the latest first coverage in seconds, most pages to one phone in any minute)."""
    opened = {e["code"]: e["opened_at"] for e in _emergencies(desk)}
    covered: dict[str, datetime] = {}
    phones: dict[str, list[datetime]] = defaultdict(list)
    for message in desk.pages():
        phones[message.to_number].append(message.created_at)
        for code in _codes(message.body):
            covered.setdefault(code, message.sent_at or message.created_at)
    for call in desk.network.calls.all.values():
        if call.direction == "outbound-api":
            phones[call.to_number].append(call.created_at)
    waits = [(covered[code] - at).total_seconds() if code in covered else float("inf") for code, at in opened.items()]
    return len(opened), max(waits, default=0.0), max(map(_most_in_a_minute, phones.values()), default=0)


def measure(full: bool) -> list[Figure]:
    """The storm that is asked of it, smaller in a short run; four times as many callers in a full one with STRESS set
    in the environment, which takes ten minutes more."""
    found = _storm(CALLERS, SECONDS, AFTER, FIRST) if full else _storm(100, 60.0, AFTER, FIRST)
    return found + (_storm(4 * CALLERS, SECONDS, 4 * AFTER, ()) if full and "STRESS" in os.environ else [])


def _storm(callers: int, seconds: float, after: float, first: tuple[Reach, ...]) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(ground.fresh("sqlite", Path(folder)), Path(folder), message_rate=1.0)
        try:
            desk.start()
            took = play(desk, callers, seconds, after)
            count, last, most = figures(desk)
        finally:
            desk.close()
    name = f"storm of {callers} callers in {seconds:.0f} s, 1 segment/s"
    return [
        Figure(f"{name}: emergencies opened", count, "of them", "callers", callers, (Reach("ratio", 1, most=False),)),
        Figure(f"{name}: last first coverage", last, "s", reaches=first),
        Figure(f"{name}: webhook, p99 of {len(took)}", percentile(took, 0.99), "ms"),
        Figure(f"{name}: pages to one phone in any minute", most, "pages", reaches=(Reach("value", 2),)),
    ]


def _call(desk: Desk, n: int) -> None:
    caller = demo.CUSTOMERS[n % len(demo.CUSTOMERS)].number
    with desk.network.lock:
        call = desk.network.calls.dial(caller, f"+1438555{n:04d}")
    time.sleep(1.5)
    with desk.network.lock:
        desk.network.calls.hang_up(call.sid)


def _time_webhooks(desk: Desk, took: list[float]) -> None:
    send = desk.network.sender.send

    def timed(*args: Any, **options: Any) -> Answer:
        begun = time.perf_counter()
        answer = send(*args, **options)
        took.append((time.perf_counter() - begun) * 1000)
        return answer

    desk.network.sender.send = timed


def _emergencies(desk: Desk) -> list[dict[str, Any]]:
    database = Database(desk.environment["CALLBACKS_DATABASE_URL"])
    with database.read() as session:
        return [{"code": r.code, "opened_at": r.opened_at} for r in session.exec(select(tables.Emergency))]


def _codes(body: str) -> list[str]:
    return [word.strip(".,:") for part in body.split("#")[1:] for word in part.split()[:1]]


def _most_in_a_minute(times: list[datetime]) -> int:
    ordered = sorted(times)
    return max(sum(1 for at in ordered if start <= at < start + MINUTE) for start in ordered)
