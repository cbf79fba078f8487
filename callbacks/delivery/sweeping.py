"""How far a sweep of the carrier's own calls looks back, and how far it has come. Rules only.

- From the last success less an overlap: lists show new records late and shift.
- Never past a call that was not compared yet, however long ago it began.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from callbacks.delivery.delivery_policy import CALL_UNDER_WAY

OVERLAP = timedelta(minutes=90)  # more than lists are late, and than our clock may be ahead of the carrier's
FIRST_LOOK = timedelta(hours=24)
SETTLED = timedelta(seconds=20)
AUDIO_LATE = timedelta(minutes=1)
AUDIO_GIVEN_UP = timedelta(hours=1)
WHOLE_SECOND = timedelta(seconds=1)
NO_TIME = timedelta()


class Listed(Protocol):
    """A call as the carrier's list has it."""

    @property
    def status(self) -> str: ...
    @property
    def started_at(self) -> datetime | None: ...
    @property
    def created_at(self) -> datetime | None: ...
    @property
    def seconds(self) -> int | None: ...


def look_from(succeeded_through: datetime | None, now: datetime) -> datetime:
    """The oldest start of a call that the next sweep asks for."""
    return succeeded_through - OVERLAP if succeeded_through else now - FIRST_LOOK


def settled_through(calls: Iterable[Listed], now: datetime) -> datetime:
    """How far a sweep that compared all of `calls` has come."""
    through = now
    for call in calls:
        began = call.started_at or call.created_at
        if began and began < through and not is_settled(call, now):
            through = began
    return through


def is_settled(call: Listed, now: datetime) -> bool:
    """Over, and for so long that its own webhooks have had their chance. One that is over and, by our clock, will end
    later shows that our clock is behind the carrier's: that is no reason to wait."""
    if call.status in CALL_UNDER_WAY:
        return False
    since = now - ended(call, now)
    return since >= SETTLED or since < NO_TIME


def ended(call: Listed, now: datetime) -> datetime:
    began = call.started_at or call.created_at
    return began + timedelta(seconds=call.seconds or 0) if began else now - SETTLED
