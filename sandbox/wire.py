"""What everything on the network stands on: what happens later, and how requests leave. One lock guards all of it.

- State changes under the lock; requests to the product leave outside it, and their answers come back in.
- With a real clock a thread turns the wheel; with a hand-turned one the test calls `run_due`.
"""

import logging
import random
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sandbox.config import Phone, SandboxClock, SandboxConfig
from sandbox.faults import Knobs
from sandbox.records import Call, OwnNumber
from sandbox.sender import Answer, Sender
from sandbox.sids import new_sid
from sandbox.timers import Action, Timers
from sandbox.times import rfc2822
from sandbox.twiml import E164

WORKERS = 16
OWN_FAULT = 90000
Then = Callable[[Answer], None]
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """What leaves for the product; `form` None: audio to fetch. `then` gets the answer, under the lock."""

    url: str
    form: Mapping[str, str] | None
    method: str
    then: Then


class Legs(Protocol):
    """What the verbs of a document may do with the legs of calls; `calls.py` does it."""

    def add(self, from_number: str, to: str, direction: str, *, person: str, status: str) -> Call: ...
    def start_ringing(self, call: Call) -> None: ...
    def take_up(self, call: Call) -> None: ...
    def end(self, call: Call, status: str) -> None: ...
    def wait(self, call: Call, seconds: float, action: Action) -> None: ...
    def cancel_timer(self, call: Call) -> None: ...
    def fetch(self, call: Call, url: str, method: str = "POST", **more: str) -> None: ...
    def step(self, call: Call) -> None: ...


class Wire:
    """The clock's wheel, the requests and the one number of an account."""

    def __init__(self, config: SandboxConfig, clock: SandboxClock, *, threaded: bool) -> None:
        self.config, self.clock = config, clock
        self.lock = threading.RLock()
        self.timers = Timers(clock)
        self.sender = Sender(config.auth_token, clock)
        self.knobs = Knobs()
        self.random = random.Random(2)
        self.errors: list[dict[str, Any]] = []
        self.phones: dict[str, Phone] = {p.number: p for p in config.phones}
        self.version = 0
        self._requests: list[Request] = []
        self._pool = ThreadPoolExecutor(WORKERS, "sandbox") if threaded else None
        self._turned = threading.Event()
        self._closing = False
        self.number = _own_number(config)

    # --- time ---

    def run_due(self) -> int:
        """Runs everything that is due; how many actions that was."""
        ran = 0
        while True:
            with self.lock:
                action = self.timers.pop_due()
                if action:
                    action()
                    self.changed()
            sent = self._send_waiting()
            if action is None and not sent:
                return ran
            ran += 1

    def next_due(self) -> datetime | None:
        with self.lock:
            return self.timers.next_due()

    def later(self, seconds: float, action: Action) -> None:
        self.timers.after(seconds, action)
        self._turned.set()

    def start(self) -> None:
        """Lets real time turn the wheel, in a thread of its own."""
        threading.Thread(target=self.run_for_ever, name="sandbox", daemon=True).start()

    def run_for_ever(self) -> None:
        """The wheel of real time, until `close`."""
        while not self._closing:
            self.run_due()
            due = self.next_due()
            left = (due - self.clock.now()).total_seconds() if due else 1.0
            self._turned.wait(min(max(left, 0.0), 1.0))
            self._turned.clear()

    def close(self) -> None:
        self._closing = True
        self._turned.set()
        if self._pool:
            self._pool.shutdown(wait=False, cancel_futures=True)
        self.sender.close()

    def changed(self) -> None:
        """Something that a screen shows is otherwise now."""
        self.version += 1

    # --- requests to the product ---

    def ask(self, url: str, form: Mapping[str, str], then: Then, method: str = "POST") -> None:
        """A request whose answer is a document; it is never dropped."""
        self._requests.append(Request(url, form, method, then))
        self._turned.set()

    def fetch(self, url: str, then: Then) -> None:
        self._requests.append(Request(url, None, "GET", then))
        self._turned.set()

    def report(self, url: str | None, form: Mapping[str, str], delay: float, kind: str, method: str = "POST") -> None:
        """An asynchronous callback: best effort, as the knobs have it."""
        knob = self.knobs.callbacks
        meant = not knob.only or knob.only == kind
        if not url or (meant and self.random.random() < knob.drop):
            return
        times = 2 if meant and self.random.random() < knob.duplicate else 1
        for n in range(times):
            late = delay + (knob.delay_seconds if meant else 0) + 0.01 * n
            self.later(late, lambda: self.ask(url, form, lambda answer: self._check_report(url, answer), method))

    def _check_report(self, url: str, answer: Answer) -> None:
        if answer.error:
            self.error(15003, f"a status callback was answered {answer.status or 'not at all'}", url)

    def _send_waiting(self) -> bool:
        with self.lock:
            waiting, self._requests = self._requests, []
            self.sender.sign_port, self.sender.down = self.knobs.sign_port, self.knobs.webhooks_down
            self.sender.token = self.token
        for request in waiting:
            if self._pool:
                self._pool.submit(self._send, request).add_done_callback(self._check_worker)
            else:
                self._send(request)
        return bool(waiting)

    def _send(self, request: Request) -> None:
        url, form = request.url, request.form
        answer = self.sender.get(url) if form is None else self.sender.send(url, form, request.method)
        with self.lock:
            request.then(answer)
            self.changed()
        self._turned.set()

    def _check_worker(self, done: Future[None]) -> None:
        """A fault of the desk's own is shown and logged; it never vanishes with its thread."""
        fault = None if done.cancelled() else done.exception()
        if fault:
            log.error("the sandbox failed on an answer", exc_info=fault)
            with self.lock:
                self.error(OWN_FAULT, f"the sandbox itself failed: {fault!r}")

    # --- what everybody needs ---

    @property
    def token(self) -> str:
        """The account's auth token of today."""
        return self.knobs.token or self.config.auth_token

    def error(self, code: int, message: str, url: str = "") -> None:
        """What the carrier's debugger would show."""
        self.errors.append({"code": code, "message": message, "url": url.partition("#")[0]})
        self.changed()

    def stamp(self) -> str:
        """Now, as the carrier writes it."""
        return rfc2822(self.clock.now())

    def phone(self, number: str) -> Phone | None:
        return self.phones.get(number)

    def meet(self, number: str, role: str = "other") -> None:
        """A number that is nobody's gets a phone once it is used: a customer's when somebody calls from it."""
        known = self.phones.get(number)
        is_new = known is None or (known.role == "other" and role != "other")
        if is_new and number != self.number.number and E164.fullmatch(number):
            self.phones[number] = Phone(number, number, role)


def _own_number(config: SandboxConfig) -> OwnNumber:
    number = OwnNumber(new_sid("PN"), config.support_number)
    if config.product_url:
        base = config.product_url.rstrip("/")
        number.voice_url = f"{base}/twilio/voice"
        number.status_callback = f"{base}/twilio/voice/ended"
        number.sms_url = f"{base}/twilio/sms"
    return number
