"""Another `callbacks serve` beside the one that takes the webhooks: a process of its own."""

import contextlib
import subprocess
import sys

import httpx

from tests import http
from tests.faults.desk import Desk, eventually
from tests.postgres import free_port


class SecondNode:
    """Begins at once and is waited for. `changed`: settings in which it differs from the first, a database for one."""

    def __init__(self, desk: Desk, **changed: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder, self._environment = desk.folder, desk.environment | changed
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "serve", "--port", str(self.port)],
            env=self._environment, cwd=self._folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            eventually(self._is_ready, 60)
        except AssertionError:
            self.close()
            raise

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(20)
            self.process.kill()

    def command(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "app.cli", *words],
            env=self._environment, cwd=self._folder, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _is_ready(self) -> bool:
        try:
            return http.get(f"{self.url}/readyz", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False
