"""What it costs when nothing happens: time to ready, memory and processor of an idle node, weight of a page."""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from benchmarks import ground
from benchmarks.figure import Figure, Reach
from tests.faults.desk import Desk

LIBRARIES = "import alembic, fastapi, httpx, jinja2, phonenumbers, sqlmodel, structlog, twilio.rest, typer, uvicorn"
PAGES = {"board": "/", "compliance": "/compliance", "schedule": "/schedule"}


def measure(full: bool) -> list[Figure]:
    found = []
    for kind in ground.KINDS:
        with tempfile.TemporaryDirectory() as folder:
            found += _node(kind, Path(folder), 60.0 if full else 15.0)
    return found


def _node(kind: str, folder: Path, seconds: float) -> list[Figure]:
    desk = Desk(ground.fresh(kind, folder), folder)
    try:
        began = time.perf_counter()
        desk.start()
        ready = time.perf_counter() - began
        assert desk.node is not None
        time.sleep(3)
        busy = _percent_of_a_core(desk.node.pid, seconds)
        pages = [_page(desk, name, path) for name, path in PAGES.items()] if kind == "sqlite" else []
        memory, (start, least) = _megabytes(desk.node.pid), _libraries()
    finally:
        desk.close()
    against = "python + libraries"
    return [
        Figure(f"start to ready, {kind}", ready, "s", against, start, (Reach("value", 2),)),
        Figure(f"memory at rest, {kind}", memory, "MB", against, least, (Reach("value", 150),)),
        Figure(f"processor at rest, {kind}", busy, "% of a core", reaches=(Reach("value", 1),)),
        *pages,
    ]


def _libraries() -> tuple[float, float]:
    """Seconds and megabytes of an interpreter that has loaded what we stand on and does nothing."""
    began = time.perf_counter()
    command = [sys.executable, "-c", f"{LIBRARIES}; print(flush=True); input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as bare:
        assert bare.stdout is not None
        bare.stdout.readline()
        taken, memory = time.perf_counter() - began, _megabytes(bare.pid)
        bare.communicate(b"\n")
    return taken, memory


def _megabytes(pid: int) -> float:
    """What is resident, shared libraries included."""
    return int(re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[0]) / 1024


def _percent_of_a_core(pid: int, seconds: float) -> float:
    before = _ticks(pid)
    time.sleep(seconds)
    return (_ticks(pid) - before) / os.sysconf("SC_CLK_TCK") / seconds * 100


def _ticks(pid: int) -> int:
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return int(user) + int(system)


def _page(desk: Desk, name: str, path: str) -> Figure:
    """The page and what it links, nothing compressed, nothing kept."""
    with httpx.Client(base_url=desk.product_url) as web:
        page = web.get(path).raise_for_status()
        links = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text))
        size = len(page.content) + sum(len(web.get(link).raise_for_status().content) for link in links)
    return Figure(f"weight of the page {name}, {len(links)} files", size / 1000, "kB", reaches=(Reach("value", 100),))
