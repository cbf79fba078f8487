"""What benchmarks stand on: durable databases of their own, the cheapest server there is, and what it costs."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from benchmarks.figure import percentile
from callbacks.store.sql.database import Database
from tests import postgres
from tests.conftest import fresh_database
from tests.faults.desk import ROOT, eventually, free_port

KINDS = ("sqlite", "postgres")


class Durable(postgres.Server):
    """Unlike the tests' server it waits for the disk at each commit."""

    options = ("-c", "max_connections=200")


def fresh(kind: str, folder: Path) -> str:
    """An empty, migrated, durable database's URL."""
    if kind == "postgres" and "url" not in postgres._running:
        postgres.Server.options = Durable.options
    return fresh_database(kind, folder)


def milliseconds(step: Callable[[], object], times: int = 7) -> float:
    """The median of some runs, after one that warms up."""
    return percentile(each(step, times), 0.5)


def each(step: Callable[[], object], times: int) -> list[float]:
    """Milliseconds of each run, after one that warms up."""
    step()
    return [once(step) for _ in range(times)]


def once(step: Callable[[], object]) -> float:
    began = time.perf_counter()
    step()
    return (time.perf_counter() - began) * 1000


class Log:
    """One row and one durable commit, with nothing of ours but the connection's settings."""

    def __init__(self, database: Database) -> None:
        self._raw, self._is_sqlite = database.own_connection(), database.is_sqlite
        self._put("CREATE TABLE IF NOT EXISTS bench (body TEXT)")

    def append(self, body: str) -> None:
        self._put(f"INSERT INTO bench VALUES ({'?' if self._is_sqlite else '%s'})", body)

    def _put(self, statement: str, *values: Any) -> None:
        self._raw.execute(statement, values)
        if not self._is_sqlite:
            self._raw.commit()


def least(kind: str, folder: Path, times: int = 200) -> list[float]:
    """Milliseconds of one durable commit together with one HTTP round trip, on this machine now."""
    database = Database(fresh(kind, folder))
    log = Log(database)
    with bare(database.url) as address, httpx.Client(base_url=address) as web:

        def both() -> None:
            log.append("x" * 500)
            web.post("/nothing", content=b"x" * 500)

        found = each(both, times)
    database.close()
    return found


@contextmanager
def bare(database_url: str) -> Iterator[str]:
    """A bare Starlette route on the same server software in a process of its own; its address."""
    port = free_port()
    node = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.bare", str(port), database_url],
        env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        eventually(lambda: listens(port), 20)
        yield f"http://127.0.0.1:{port}"
    finally:
        node.terminate()
        node.wait(20)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
