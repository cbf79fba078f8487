"""Requests made from the OpenAPI document, until there were enough: no answer is a fault of ours, none breaks its own schema."""

import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from app.api import limits
from app.main import create_app
from app.server import Server, listen_on
from tests.conftest import fresh_database
from tests.night import Night

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
MOST_ROUNDS = 60
TOOLS_OWN = "AST constructor recursion depth mismatch"  # CPython 3.11 under deep recursion: a round ends early


class Counted:
    """The application, and what it answered."""

    def __init__(self, app: Any) -> None:
        self.app, self.statuses = app, Counter[int]()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def sending(message: Any) -> None:
            if message["type"] == "http.response.start":
                self.statuses[message["status"]] += 1
            await send(message)

        await self.app(scope, receive, sending)


def run(requests: int, seed: int) -> bool:
    """Whether all were answered as the document says. The rates are lifted: they would answer all but the first 600."""
    limits.READS, limits.WRITES = limits.Allowance("read", 10**9), limits.Allowance("write", 10**9)
    with tempfile.TemporaryDirectory() as text:
        night = Night(fresh_database("sqlite", Path(text)), Path(text))
        night.on_call("ana", "bob")
        night.customer_leaves_message()
        counted, listener = Counted(create_app(night.settings, night.context)), listen_on("127.0.0.1", 0)
        server = Server(counted, listener)
        server.start()
        address, good = f"http://127.0.0.1:{listener.getsockname()[1]}", True
        for n in range(MOST_ROUNDS):
            good = _round(address, night.token("supervisor"), seed + n, text) and good
            if counted.statuses.total() >= requests or not good:
                break
        sys.stdout.write(f"api: {counted.statuses.total()} requests, {dict(sorted(counted.statuses.items()))}\n")
        server.stop()
        night.close()
    return good and not counted.statuses[500]


def _round(address: str, token: str, seed: int, folder: str) -> bool:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "schemathesis"), "run", f"{address}/api/openapi.json", "-H", f"Authorization: Bearer {token}",
         "-c", CHECKS, "--exclude-path", "/readyz", "-n", "60", "--seed", str(seed), "--workers", "1", "--no-color", "--warnings", "off",
         "--phases", "examples,fuzzing", "--suppress-health-check", "all"],
        capture_output=True, text=True, cwd=folder, env=os.environ | {"HYPOTHESIS_STORAGE_DIRECTORY": folder},
    )  # fmt: skip
    if done.returncode and (TOOLS_OWN not in done.stdout or "FAILURES" in done.stdout):
        sys.stdout.write(done.stdout[-4000:] + done.stderr[-1000:])
        return False
    return True
