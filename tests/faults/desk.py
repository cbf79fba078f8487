"""A real product process and a sandbox in real time: what is killed here is really killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx

from app import demo
from app.server import Server, listen_on
from app.settings import SANDBOX_ACCOUNT, SANDBOX_NUMBER, SANDBOX_TOKEN
from callbacks.oncall.roster import read_roster
from callbacks.store.sql.database import Database
from callbacks.store.sql.migrations import migrate
from sandbox.app import create_sandbox
from sandbox.config import SandboxConfig
from tests import http
from tests.postgres import free_port

T = TypeVar("T")
ROOT = Path(__file__).parents[2]


def eventually(look: Callable[[], T | None], seconds: float = 30.0) -> T:
    """What `look` finds, as soon as it finds something. Raises AssertionError."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come in time")


def code_in(body: str) -> str:
    """The code that a page carries."""
    return body.partition("#")[2].partition(":")[0].split()[0]


class Desk:
    """The sandbox, and `callbacks serve` as a process of its own. `host`: where the sandbox listens."""

    def __init__(
        self, database_url: str, folder: Path, message_rate: float | None = None, host: str = "127.0.0.1"
    ) -> None:
        self.folder, self.port = folder, free_port()
        self.product_url = f"http://127.0.0.1:{self.port}"
        roster = read_roster(demo.SAMPLE_ROSTER.read_text("utf-8"))
        listener = listen_on(host, 0)
        self.carrier_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = SandboxConfig(
            SANDBOX_ACCOUNT, SANDBOX_TOKEN, SANDBOX_NUMBER, demo.phones_of(roster), self.product_url,
            message_rate=message_rate,
        )  # fmt: skip
        app = create_sandbox(config)
        self.network = app.state.network
        self.server = Server(app, listener)
        self.server.start()
        self.carrier = http.Client(base_url=self.carrier_url, timeout=20)
        self.environment = os.environ | {
            "CALLBACKS_DATABASE_URL": database_url, "CALLBACKS_DATA_DIR": str(folder), "PYTHONPATH": str(ROOT),
            "CALLBACKS_MODE": "demo", "CALLBACKS_PUBLIC_URL": self.product_url, "TWILIO_API_URL": self.carrier_url,
        }  # fmt: skip
        self.node: subprocess.Popen[bytes] | None = None
        database = Database(database_url)
        migrate(database)
        demo.load_sample_roster(database)
        database.close()

    def command(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "app.cli", *words],
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, log: Path | None = None) -> None:
        """Starts the node and waits until it is ready; what it says goes to `log`, if there is one."""
        with (log or Path(os.devnull)).open("ab") as out:
            self.node = subprocess.Popen(
                [sys.executable, "-m", "app.cli", "serve", "--port", str(self.port)],
                env=self.environment, cwd=self.folder, stdout=out, stderr=out,
            )  # fmt: skip
        eventually(self._is_ready, 60)

    def kill(self) -> None:
        assert self.node is not None
        self.node.send_signal(signal.SIGKILL)
        self.node.wait()

    def close(self) -> None:
        if self.node and self.node.poll() is None:
            self.node.terminate()
            self.node.wait(20)
        self.carrier.close()
        self.server.stop()
        self.network.close()

    def leave_message(self, customer: int = 0, shown: str | None = None) -> str:
        """A customer calls (under another number, if `shown`), speaks and hangs up; the call's SID."""
        wish = {"from": demo.CUSTOMERS[customer].number} | ({"caller_id": shown} if shown else {})
        sid: str = self.carrier.post("/sandbox/api/calls", json=wish).json()["call_sid"]
        eventually(lambda: self._hears_the_tone(sid))
        self.carrier.post(f"/sandbox/api/calls/{sid}/voice", json={"sample": "en-interface"})
        self.carrier.post(f"/sandbox/api/calls/{sid}/hang-up")
        return sid

    def _hears_the_tone(self, sid: str) -> bool:
        """Skips the menus with pound, as an impatient caller does."""
        if self.network.calls.all[sid].waits == "gather":
            self.carrier.post(f"/sandbox/api/calls/{sid}/keys", json={"keys": "#"})
        return bool(self.network.calls.all[sid].waits == "record")

    def knobs(self, **change: Any) -> None:
        self.carrier.put("/sandbox/api/knobs", json=change).raise_for_status()

    def pages(self) -> list[Any]:
        """Texts that the product has sent so far to anybody but the callers."""
        callers = {customer.number for customer in demo.CUSTOMERS}
        sent = [m for m in self.network.texts.all.values() if m.direction == "outbound-api"]
        return [m for m in sent if m.to_number not in callers]

    def paged(self) -> list[Any]:
        """Those that name an emergency; the auditor's own alarms do not."""
        return [m for m in self.pages() if "E-0" in m.body]

    def answered(self, path: str) -> bool:
        """Whether the product has answered this webhook."""
        return any(x["path"] == path and x["status"] == 200 for x in self.network.sender.log)

    def _is_ready(self) -> bool:
        try:
            return http.get(f"{self.product_url}/readyz", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False
