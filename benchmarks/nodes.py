"""Several processes that claim due emergencies on one PostgreSQL: how many a second, and none twice.

`python -m benchmarks.nodes URL NAME` is one of them: it says `ready`, waits for a line, claims until nothing is left,
and prints what it took.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import col

from benchmarks import ground, month_report
from benchmarks.figure import Figure, Reach
from callbacks.store.errors import Conflict
from callbacks.store.sql import tables
from callbacks.store.sql.database import Database
from tests.faults.desk import ROOT

DUE, BATCH = 8_000, 50
NODES, FULL_NODES = (1, 2, 4), (1, 2, 4, 10)
LONG = timedelta(hours=1)


def measure(full: bool) -> list[Figure]:
    """Claims a second, against one node; the count of those that two took; the share of the busiest."""
    found: list[Figure] = []
    alone = 0.0
    for count in FULL_NODES if full else NODES:
        with tempfile.TemporaryDirectory() as folder:
            taken, seconds = race(ground.fresh("postgres", Path(folder)), count)
        times = Counter(number for crew in taken for number in crew)
        assert len(times) == DUE, f"{DUE - len(times)} were never claimed"
        speed = DUE / seconds
        alone = alone or speed
        twice = sum(1 for n in times.values() if n > 1)
        found.append(Figure(f"claims, {count} nodes on one PostgreSQL", speed, "a second", "1 node", alone))
        found.append(Figure(f"claimed twice, {count} nodes", twice, "emergencies", reaches=(Reach("value", 0.5),)))
        share = max(map(len, taken)) / DUE * count
        found.append(Figure(f"busiest of {count} nodes", share, "even shares", reaches=(Reach("value", 1.5),)))
    return found


def race(url: str, count: int) -> tuple[list[list[int]], float]:
    """What each node took, and the seconds from the word to the last claim."""
    database = Database(url)
    _all_due(database)
    command = [sys.executable, "-m", "benchmarks.nodes", url]
    crew = [
        subprocess.Popen([*command, f"n{n}"], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for n in range(count)
    ]
    for node in crew:
        assert node.stdout and node.stdout.readline() == "ready\n"
    began = time.perf_counter()
    for node in crew:
        assert node.stdin
        node.stdin.write("go\n")
        node.stdin.flush()
    said = [json.loads(node.communicate(timeout=120)[0]) for node in crew]
    seconds = time.perf_counter() - began
    database.close()
    return said, seconds


def _all_due(database: Database) -> None:
    month_report.fill(database, 1000)
    past = datetime.now(UTC) - timedelta(minutes=1)
    with database.write() as session:
        row: dict[str, Any] = session.get_one(tables.Emergency, 1).model_dump()
        session.execute(update(tables.Emergency).values(wake_at=None))
        same = row | {"is_open": True, "wake_at": past, "call_sid": None, "lease_until": None}
        rows = [same | {"id": 1000 + n, "source_key": f"N{n}"} for n in range(1, DUE + 1)]
        session.execute(insert(tables.Emergency), rows)


def claim_all(url: str, name: str) -> None:
    """As the engine does: a batch in a short transaction, then one transaction for each that is done."""
    database = Database(url)
    database.healthy()
    print("ready", flush=True)
    sys.stdin.readline()
    taken: list[int] = []
    while got := _batch(database, name):
        for number, fence in got:
            _done(database, number, fence)
        taken += [number for number, _ in got]
    print(json.dumps(taken))


def _batch(database: Database, name: str) -> list[tuple[int, int]]:
    while True:
        try:
            with database.write() as session:
                return session.outbox.claim_wakes(datetime.now(UTC), name, LONG, BATCH)
        except Conflict:
            continue


def _done(database: Database, number: int, fence: int) -> None:
    mine = (col(tables.Emergency.id) == number) & (col(tables.Emergency.fence) == fence)
    with database.write() as session:
        session.execute(update(tables.Emergency).where(mine).values(wake_at=None, owner=None, lease_until=None))


if __name__ == "__main__":
    claim_all(*sys.argv[1:])
