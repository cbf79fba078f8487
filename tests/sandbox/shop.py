"""A tiny product behind the sandbox: it answers each path with a document that a test chose, and remembers.

Every request must bear a right signature; one that does not is kept in `forged`.
"""

import threading
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

from fastapi import FastAPI, Request, Response
from twilio.request_validator import RequestValidator

from app.demo import OnePort
from app.server import Server, listen_on
from sandbox.app import create_sandbox
from sandbox.config import Phone, SandboxConfig
from sandbox.records import Call
from tests import http
from tests.clock import HandClock

ACCOUNT, TOKEN, OWN = "AC" + "5a" * 16, "t" * 32, "+15145550100"
TECH, CUSTOMER = "+15145550111", "+15145550142"
PHONES = (Phone(TECH, "ana", "technician"), Phone(CUSTOMER, "Priya", "customer"))


@dataclass(slots=True)
class Heard:
    """One request as the product got it."""

    method: str
    path: str
    form: dict[str, str]
    token: str | None


@dataclass(slots=True)
class Reply:
    status: int = 200
    body: str = "<Response/>"
    kind: str = "text/xml"
    headers: dict[str, str] = field(default_factory=dict)


class Shop:
    """Product, sandbox and REST client around one hand-turned clock."""

    def __init__(self, **config: Any) -> None:
        self.clock, self.lock = HandClock(), threading.Lock()
        self.heard: list[Heard] = []
        self.forged: list[str] = []
        self.replies: dict[str, list[Reply]] = {}
        listener = listen_on("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings = SandboxConfig(ACCOUNT, TOKEN, OWN, PHONES, product_url=self.url, **config)
        sandbox = create_sandbox(settings, self.clock)
        self.network = sandbox.state.network
        product = FastAPI(openapi_url=None)
        product.add_api_route("/{path:path}", self._serve, methods=["GET", "POST"])
        self.server = Server(OnePort(product, sandbox), listener)
        self.server.start()
        self.rest = http.Client(base_url=f"{self.url}/2010-04-01/Accounts/{ACCOUNT}", auth=(ACCOUNT, TOKEN), timeout=20)
        self.desk = http.Client(base_url=f"{self.url}/sandbox/api")

    def close(self) -> None:
        self.rest.close()
        self.desk.close()
        self.server.stop()
        self.network.close()

    def says(self, path: str, *verbs: str) -> None:
        """What `path` answers from now on."""
        self.replies[path] = [Reply(body=f"<Response>{''.join(verbs).replace('URL', self.url)}</Response>")]

    def answers(self, path: str, *replies: Reply) -> None:
        """What `path` answers, one after the other; the last one stays."""
        self.replies[path] = list(replies)

    def passes(self, seconds: float) -> None:
        end = self.clock.now() + timedelta(seconds=seconds)
        self.network.run_due()
        while (due := self.network.next_due()) and due <= end:
            self.clock.turn_to(max(due, self.clock.now()))
            self.network.run_due()
        self.clock.turn_to(end)

    def dials(self, **more: Any) -> str:
        """The customer dials, and hears what comes first."""
        sid = str(self.desk.post("/calls", json={"from": CUSTOMER, **more}).json()["call_sid"])
        self.passes(0.05)
        return sid

    def calls(self, **more: str) -> str:
        """The product calls the technician."""
        form = {"To": TECH, "From": OWN, "Url": f"{self.url}/page", "StatusCallback": f"{self.url}/progress", **more}
        answer = self.rest.post("/Calls.json", data=form)
        assert answer.status_code == 201, answer.text
        self.passes(0.5)
        return str(answer.json()["sid"])

    def does(self, sid: str, deed: str, **wish: str) -> None:
        assert self.desk.post(f"/calls/{sid}/{deed}", json=wish).status_code == 204

    def leg(self, sid: str) -> Call:
        found: Call = self.network.calls.all[sid]
        return found

    def child(self, sid: str) -> Call:
        """The leg that a Dial of the call rang."""
        found: Call = next(c for c in self.network.calls.all.values() if c.parent and c.parent.sid == sid)
        return found

    def forms(self, path: str) -> list[dict[str, str]]:
        return [h.form for h in self.heard if h.path == path]

    def paths(self) -> list[str]:
        return [h.path for h in self.heard]

    async def _serve(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        signature = request.headers.get("x-twilio-signature", "")
        path = request.url.path
        with self.lock:
            if not RequestValidator(TOKEN).validate(str(request.url), form, signature):
                self.forged.append(path)
            form = form or dict(request.query_params)
            self.heard.append(Heard(request.method, path, form, request.headers.get("i-twilio-idempotency-token")))
            queue = self.replies.get(path, [Reply()])
            reply = queue.pop(0) if len(queue) > 1 else queue[0]
        return Response(reply.body, reply.status, reply.headers, reply.kind)
