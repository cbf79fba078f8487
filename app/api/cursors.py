"""Where a list goes on: opaque words that name the last item given. Later items come after it, so nothing that is
added meanwhile moves what follows. Also the bounds that an instant of a query may have."""

import base64
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

from fastapi import HTTPException

NOT_OURS = "The cursor is not one of ours; start without one, or send next_cursor as it came"
FIRST_YEAR, LAST_YEAR = 1970, 2999


@dataclass(frozen=True, slots=True)
class Cursor:
    """One list's cursors: `kind` keeps them apart from another list's, `parts` numbers place an item."""

    kind: str
    parts: int

    def write(self, *place: int) -> str:
        text = ":".join([self.kind, *map(str, place)])
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def read(self, cursor: str | None) -> tuple[int, ...] | None:
        """The place; None without a cursor. Raises 400 for anything that `write` does not make."""
        if cursor is None:
            return None
        try:
            text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        except ValueError:
            raise HTTPException(400, NOT_OURS) from None
        if not re.fullmatch(rf"{self.kind}(:(0|[1-9]\d{{0,8}})){{{self.parts}}}", text, re.ASCII):
            raise HTTPException(400, NOT_OURS)
        place = tuple(map(int, text.split(":")[1:]))
        if self.write(*place) != cursor:
            raise HTTPException(400, NOT_OURS)
        return place


def instant(name: str, at: datetime | None) -> datetime | None:
    """An instant of a query in UTC. Raises 400 without a time zone, or far from any call."""
    if at is None:
        return None
    if at.tzinfo is None:
        raise HTTPException(400, f"{name} has no time zone; use a form such as 2026-11-24T02:00:00Z")
    _near(name, at)
    return at.astimezone(UTC)


def day(name: str, at: date) -> date:
    """A date of a query. Raises 400 far from any call."""
    _near(name, at)
    return at


def _near(name: str, at: date) -> None:
    if not FIRST_YEAR < at.year < LAST_YEAR:
        raise HTTPException(400, f"{name} is in the year {at.year}; use one between {FIRST_YEAR} and {LAST_YEAR}")
