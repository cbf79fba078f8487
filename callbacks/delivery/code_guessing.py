"""Detects too many wrong codes in technicians' texts, as somebody with a forged number would send them.

Whoever forges a number never saw a page and has no code; they can only try. After three wrong codes from one number
within ten minutes a right one could be a guess too: for an hour that number's texts end nothing. After nine from all
numbers together the same holds for everybody. Links, and keys on calls that we placed, go on working.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

MOST_WRONG = 3
MOST_WRONG_IN_ALL = 9
MOST_ODD_WORDS = 10  # texts with a word like a code where one would have counted: mostly notes, but tries are possible
WITHIN = timedelta(minutes=10)
BLOCKED_FOR = timedelta(hours=1)
TOLD_EVERY = timedelta(hours=1)


class Mark(StrEnum):
    """What a text may have tried: a code that is not its sender's, or a word like a code."""

    WRONG_CODE = "wrong-code"
    ODD_WORD = "odd-word"


def blocked_until(wrong: Sequence[datetime], most: int, now: datetime) -> datetime | None:
    """Until when codes prove nothing, if they do not at `now`. `wrong`: when wrong ones came, oldest first."""
    last = [wrong[n] for n in range(most - 1, len(wrong)) if wrong[n] - wrong[n - most + 1] < WITHIN]
    return last[-1] + BLOCKED_FOR if last and now < last[-1] + BLOCKED_FOR else None


def is_to_be_told(wrong: Sequence[datetime], most: int, told_at: datetime | None, now: datetime) -> bool:
    """Whether supervisors are to be told at `now`, when the last of `wrong` came. `told_at`: when they were told last.
    They are told once an hour at most, while it lasts."""
    lately = [at for at in wrong if now - WITHIN < at <= now]
    return len(lately) >= most and (told_at is None or now - told_at >= TOLD_EVERY)
