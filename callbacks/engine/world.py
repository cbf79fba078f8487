"""What the engine works with: one value, made at start and passed in everywhere."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlmodel import Session

from callbacks.duty import Duty
from callbacks.engine.clock import Clock
from callbacks.policy import Policy
from callbacks.store import people
from callbacks.store.database import Database
from callbacks.telephony.gateway import Gateway


@dataclass(frozen=True)
class World:
    """`url` makes a public address of one of our paths; `wake` is set when something became due."""

    database: Database
    gateway: Gateway
    clock: Clock
    policy: Policy
    url: Callable[[str], str]
    support_number: str
    data_dir: Path
    node: str
    alarm: Callable[[str], None] | None = None
    lease: timedelta = timedelta(seconds=6)
    wake: threading.Event = field(default_factory=threading.Event)

    def duty(self, session: Session) -> Duty:
        """Who can be woken, as this transaction sees it."""
        roster = people.current_roster(session)
        return Duty(roster, people.sms_dead(session), people.calendars(session, roster, self.clock.now()))
