"""Webhooks a second, each committed before it is answered, against a bare Starlette route with one commit."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import ground
from benchmarks.figure import Figure, Reach
from tests.faults.desk import ROOT, Desk

THREADS = 8
HALF = (Reach("ratio", 0.5, most=False),)
PATHS = {"a call begins": "/twilio/voice", "a message opens an emergency": "/twilio/voice/message"}


def measure(full: bool) -> list[Figure]:
    seconds = 15.0 if full else 5.0
    found = []
    for kind in ground.KINDS:
        with tempfile.TemporaryDirectory() as folder, ground.bare(ground.fresh(kind, Path(folder))) as address:
            base = rate(address, "/durable", seconds)
        for name, path in PATHS.items():
            with tempfile.TemporaryDirectory() as folder:
                ours = _product(kind, Path(folder), path, seconds)
            against = "bare Starlette route, one commit"
            found.append(Figure(f"durable webhooks, {name}, {kind}", ours, "a second", against, base, HALF))
    return found


def rate(address: str, path: str, seconds: float) -> float:
    command = [sys.executable, "-m", "benchmarks.caller", address, path, str(seconds), "0", str(THREADS)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return len(json.loads(done.stdout)) / seconds


def _product(kind: str, folder: Path, path: str, seconds: float) -> float:
    """One real node, its engine included: it pages while it answers."""
    desk = Desk(ground.fresh(kind, folder), folder)
    try:
        desk.start()
        return rate(desk.product_url, path, seconds)
    finally:
        desk.close()
