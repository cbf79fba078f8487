"""Whether this node gets through to the carrier at all. One that does not leaves the work to the others for a while.

Without it a node that is cut off claims again and again what the others could send (F60). A node that is alone never
stands back: trying is better than nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from callbacks.telephony.gateway import CarrierError

ENOUGH = 2
STANDS_BACK = timedelta(seconds=15)


@dataclass
class CarrierHealth:
    """Told of each request's end, by any thread: what it holds are single values."""

    failures: int = 0
    back_at: datetime | None = None

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
