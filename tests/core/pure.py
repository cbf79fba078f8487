"""A night in the pure core alone: decide and fold, no database, no network."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from callbacks.emergency import inputs as given
from callbacks.emergency.decide import Decision, decide
from callbacks.emergency.events import Event
from callbacks.emergency.model import Emergency, Sign, Via, terms_of
from callbacks.emergency.timers import next_wake
from callbacks.lib.sentence import Language
from callbacks.oncall.coverage import Duty
from callbacks.oncall.roster import Role, read_roster
from callbacks.policy.model import PUBLISHED, Policy
from tests.clock import NIGHT

ROSTER = """
timezone = "America/Toronto"
[[technician]]
name = "ana"
phone = "+15145550111"
[[technician]]
name = "bob"
phone = "+15145550112"
[[supervisor]]
name = "sue"
phone = "+15145550199"
[[rotation]]
name = "primary"
members = ["ana"]
every = "1w"
starts = "2026-01-05T09:00"
[[rotation]]
name = "backup"
members = ["bob"]
every = "1w"
starts = "2026-01-05T09:00"
"""
DUTY = Duty(read_roster(ROSTER))
CALL = given.Call("CA" + "1" * 32, "+15145550142", False, NIGHT, Language.EN)
RECORDING = "RE" + "2" * 32


class PureNight:
    """Feeds inputs to the core and keeps the story."""

    recording = RECORDING

    def __init__(self, policy: Policy = PUBLISHED, duty: Duty = DUTY, begins: datetime = NIGHT) -> None:
        self.now, self.duty = begins, duty
        self.call = replace(CALL, started_at=begins)
        self.e: Emergency | None = None
        self.story: list[Event] = []
        self.opening = given.Opening("E-000001", "K7", terms_of(policy))

    def takes(self, said: given.Input) -> Decision:
        decision = decide(self.e, said, self.now, self.duty)
        self.e = decision.after
        self.story += decision.events
        return decision

    def sign(self, kind: type[given.CallSign], **facts: Any) -> given.CallSign:
        opening = self.opening if self.e is None else None
        return kind(at=self.now, call=self.call, opening=opening, sign=Sign.ACTION, **facts)

    def opens(self) -> Emergency:
        self.takes(self.sign(given.MessageEnded, recording_sid=self.recording, seconds=20))
        return self.it

    @property
    def it(self) -> Emergency:
        assert self.e is not None
        return self.e

    def says(self, by: str, command: str, role: Role = Role.TECHNICIAN, **more: Any) -> Decision:
        """By text, with the page's code unless it is said otherwise."""
        said = {"with_code": True, **more}
        return self.takes(
            given.Commanded(at=self.now, by=by, role=role, command=given.Command(command), via=Via.SMS, **said)
        )

    def sleeps(self, length: timedelta) -> None:
        """Time goes by and every wake-up is kept at its instant."""
        end = self.now + length
        while (due := next_wake(self.it)) and due <= end:
            self.now = max(self.now, due)
            self.takes(given.TimePassed(at=self.now))
        self.now = end

    def kinds(self) -> list[str]:
        return [type(event).__name__ for event in self.story]


def at(minutes: float) -> datetime:
    return NIGHT + timedelta(minutes=minutes)
