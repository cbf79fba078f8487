"""What the engine needs: one value, made at start and passed in everywhere."""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any, Protocol, TypeVar

from prometheus_client import Counter

from callbacks.delivery.delivery_policy import LEASE
from callbacks.engine.runtime.watchdog import Pulse
from callbacks.lib.secret_box import SecretBox
from callbacks.lib.wallclock import monotonic_wall_clock
from callbacks.oncall.coverage import Duty
from callbacks.policy.model import Policy
from callbacks.store.interface import Store, Transaction
from callbacks.telephony.gateway import CarrierError, Gateway

# Whether this node gets through to the carrier at all. One that does not leaves the work to the others for a while.
#
# Without it a node that is cut off claims again and again what the others could send (F60). A node that is alone never
# stands back: trying is better than nothing.


ENOUGH = 2
STANDS_BACK = timedelta(seconds=15)
TRIES_EVERY = timedelta(seconds=2)


@dataclass
class CarrierHealth:
    """Told of each request's end, by any thread: what it holds are single values."""

    failures: int = 0
    back_at: datetime | None = None
    tried_at: datetime | None = None

    def answered(self) -> None:
        self.failures, self.back_at = 0, None

    def failed(self, error: CarrierError, now: datetime) -> None:
        """An answer, however unwelcome, is an answer: only silence counts."""
        if error.refused or error.why.isdigit():
            return self.answered()
        self.failures += 1
        if self.failures >= ENOUGH:
            self.back_at = now + STANDS_BACK

    def is_standing_back(self, now: datetime) -> bool:
        return self.back_at is not None and now < self.back_at

    def may_try(self, now: datetime) -> bool:
        """Whether one request is made though the node stands back. Asked by the thread that claims."""
        if self.tried_at and now - self.tried_at < TRIES_EVERY:
            return False
        self.tried_at = now
        return True


T = TypeVar("T")

# The one place that asks what time it is.

BOOTTIME = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware UTC."""
        ...


class SystemClock:
    """This machine's wall clock, as it is."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class MonotonicWallClock:
    """This machine's wall clock, steadied: it is put right now and then, and a step back must not stop time.
    `wall` and `ticks` (seconds that only ever grow, asleep or not) are asked at each reading."""

    def __init__(self, wall: Callable[[], datetime], ticks: Callable[[], float]) -> None:
        self._wall, self._ticks, self._lock = wall, ticks, threading.Lock()
        self._at, self._tick = wall(), ticks()

    def now(self) -> datetime:
        with self._lock:
            tick = self._ticks()
            self._at = monotonic_wall_clock(self._at, timedelta(seconds=tick - self._tick), self._wall())
            self._tick = tick
            return self._at

    def not_before(self, at: datetime | None) -> None:
        """Goes on from there, if that is later: what an engine before us had read."""
        with self._lock:
            self._at = max(self._at, at) if at else self._at


def monotonic_clock() -> MonotonicWallClock:
    return MonotonicWallClock(SystemClock().now, lambda: time.clock_gettime(BOOTTIME))


class DatabaseClock:
    """The database's clock, read once per `refresh` and carried on by the monotonic clock between:
    nodes whose own clocks differ agree on what is due."""

    def __init__(self, ask: Callable[[], datetime]) -> None:
        self._ask, self._lock = ask, threading.Lock()
        self.refresh()

    def refresh(self) -> None:
        """Asks again. Raises what the database raises; the old reading then stays."""
        before = time.monotonic()
        read = self._ask()
        after = time.monotonic()
        with self._lock:
            self._anchor, self._at = read, (before + after) / 2

    def now(self) -> datetime:
        with self._lock:
            return self._anchor + timedelta(seconds=time.monotonic() - self._at)


def untraced(what: str, facts: Mapping[str, str]) -> AbstractContextManager[Any]:
    """Nobody collects spans."""
    return nullcontext()


@dataclass(frozen=True)
class EngineContext:
    """`url` makes a public address of one of our paths; `wake` is set when something became due. `alarm` tells the
    notify URLs, `heartbeat` whoever waits for a sign that all is well. `hook` sends a webhook (address, body, headers)
    and gives (status, answer), `calendar` reads one (address, headers) and gives (status, body); `policy_text` is the
    policy's file, "" when it is built in. `pulse` is the engine's own, for the watchdog; `seal` a MAC under a key that
    is not in the database; `secrets` opens second factors and webhook secrets; `span` opens a span of a trace (what is
    done, and its facts: no numbers, no words). `renewed`: until when claims in hand hold that
    a beat has kept, by row and fence. `segments_per_second`: what the number sends; 0: no bound."""

    database: Store
    gateway: Gateway
    clock: Clock
    policy: Policy
    url: Callable[[str], str]
    support_number: str
    data_dir: Path
    node: str
    alarm: Callable[[str], None] | None = None
    heartbeat: Callable[[], None] | None = None
    hook: Callable[[str, bytes, Mapping[str, str]], tuple[int, str]] | None = None
    calendar: Callable[[str, Mapping[str, str]], tuple[int, bytes]] | None = None
    policy_text: str = ""
    seal: Callable[[bytes], str] | None = None
    secrets: SecretBox = field(default_factory=lambda: SecretBox([token_hex(32)]))
    span: Callable[[str, Mapping[str, str]], AbstractContextManager[Any]] = untraced
    lease: timedelta = LEASE
    segments_per_second: float = 1.0
    renewed: dict[tuple[str, int], datetime] = field(default_factory=dict)
    wake: threading.Event = field(default_factory=threading.Event)
    pulse: Pulse = field(default_factory=Pulse)
    reach: CarrierHealth = field(default_factory=CarrierHealth)

    def commit(self, step: Callable[[Transaction], T]) -> T:
        """`step` in a transaction; then what it made due is worked on."""
        found = self.database.transact(step)
        self.wake.set()
        return found

    def duty(self, session: Transaction) -> Duty:
        """Who can be woken, as this transaction sees it."""
        return session.people.duty(self.clock.now())


# What this process sent and what came of it, for its metrics.
#
# An engine without a web part is read by nobody; the system's own gauges (`app/api/health.py`) come from the database.

sends = Counter("callbacks_sends", "Sends to the carrier and other services, by kind and result", ["kind", "result"])
