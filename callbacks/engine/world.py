"""What the engine works with: one value, made at start and passed in everywhere."""

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from secrets import token_hex
from typing import Any

from sqlmodel import Session

from callbacks.delivery.delivery_policy import LEASE
from callbacks.engine.clock import Clock
from callbacks.engine.reach import Reach
from callbacks.engine.watchdog import Pulse
from callbacks.lib.secret_box import SecretBox
from callbacks.oncall.coverage import Duty
from callbacks.policy.model import Policy
from callbacks.store import feeds, people
from callbacks.store.database import Database
from callbacks.telephony.gateway import Gateway


def untraced(what: str, facts: Mapping[str, str]) -> AbstractContextManager[Any]:
    """Nobody collects spans."""
    return nullcontext()


@dataclass(frozen=True)
class World:
    """`url` makes a public address of one of our paths; `wake` is set when something became due. `alarm` tells the
    notify URLs, `heartbeat` whoever waits for a sign that all is well. `hook` sends a webhook (address, body, headers)
    and gives (status, answer), `calendar` reads one (address, headers) and gives (status, body); `policy_text` is the
    policy's file, "" when it is built in. `pulse` is the engine's own, for the watchdog; `seal` a MAC under a key that
    is not in the database; `secrets` opens second factors and webhook secrets; `span` opens a span of a trace (what is
    done, and its facts: no numbers, no words). `segments_per_second`: what the number sends; 0: no bound."""

    database: Database
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
    wake: threading.Event = field(default_factory=threading.Event)
    pulse: Pulse = field(default_factory=Pulse)
    reach: Reach = field(default_factory=Reach)

    def duty(self, session: Session) -> Duty:
        """Who can be woken, as this transaction sees it."""
        roster = people.current_roster(session)
        return Duty(roster, people.sms_dead(session), feeds.calendars(session, roster, self.clock.now()))
