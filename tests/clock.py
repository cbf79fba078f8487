"""A clock that stands still until a test turns it."""

from datetime import UTC, datetime, timedelta

NIGHT = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)  # 02:00 in Toronto


class HandClock:
    def __init__(self, at: datetime = NIGHT) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def turn_to(self, at: datetime) -> None:
        """Never back."""
        assert at >= self._at, "time does not go back"
        self._at = at

    def turn(self, **length: float) -> None:
        self.turn_to(self._at + timedelta(**length))
