"""One try to speak with the customer: a call we bridged, or a technician's word about their own phone."""

from dataclasses import dataclass
from datetime import datetime, timedelta

MACHINES = frozenset(
    {"machine_start", "machine_end_beep", "machine_end_silence", "machine_end_other", "fax", "machine"}
)
RINGING_LIMIT = timedelta(minutes=3)
TALKING_LIMIT = timedelta(hours=4)
QUIET = timedelta(seconds=20)
JUDGED_WITHIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Ending:
    """The carrier's word on a finished dial: status, whether the legs were joined, seconds of talk."""

    status: str
    bridged: bool
    talk_seconds: int


@dataclass(frozen=True)
class Callback:
    """A bridged call. `accepted_at`: the technician pressed the key and the customer was dialled;
    `joined_at`: the customer's leg was answered; `failed`: why the technician's leg came to nothing."""

    by: str
    requested_at: datetime
    answered_at: datetime | None = None
    accepted_at: datetime | None = None
    rang_at: datetime | None = None
    joined_at: datetime | None = None
    answered_by: str | None = None
    ended_at: datetime | None = None
    failed: str | None = None
    dial: Ending | None = None
    leg: Ending | None = None
    reported: str | None = None

    @property
    def ending(self) -> Ending | None:
        """How it ended: the dial's own word, or the customer's leg while that word is missing."""
        return self.dial or self.leg

    @property
    def joined(self) -> datetime | None:
        """When the legs were joined: the carrier's answer, else counted back from the end of the talk."""
        if self.joined_at or not (self.ending and self.ending.bridged and self.ended_at):
            return self.joined_at
        return self.ended_at - timedelta(seconds=self.ending.talk_seconds)

    def is_to_ask(self, now: datetime, leg_is_over: bool) -> bool:
        """Whether the carrier is to be asked about the customer's leg: its end was not told (soon, when the
        technician's leg is known to be over), or it counts as a talk and nobody said whether a machine had answered."""
        if self.accepted_at is None:
            return False
        if self.ended_at is None:
            return leg_is_over or now - self.accepted_at >= QUIET
        unjudged = self.answered_by is None and self.reported is None
        heard_at = max(self.ended_at, self.accepted_at)  # the carrier's time and ours, which may be ahead
        return unjudged and bool(self.ending and self.ending.bridged) and now - heard_at < JUDGED_WITHIN

    def is_live(self, now: datetime) -> bool:
        """Under way at `now`. A call whose end was never reported is given up after a while."""
        if self.ended_at:
            return False
        return now < self.gives_up_at

    @property
    def gives_up_at(self) -> datetime:
        if self.joined_at:
            return self.joined_at + TALKING_LIMIT
        return (self.accepted_at or self.requested_at) + RINGING_LIMIT


@dataclass(frozen=True, slots=True)
class Declaration:
    """A technician's word: spoke with the customer, or tried without an answer."""

    at: datetime
    by: str
    reached: bool
