"""Whether texts from one phone look like codes being guessed: three that are not its owner's, within ten minutes.

Who has a technician's phone has their number; who forges the number never saw a page, and has no code. Nobody is locked
out for it: a tired technician errs too, and the next text may be the one that saves the night.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

MOST_WRONG = 3
WITHIN, QUIET = timedelta(minutes=10), timedelta(hours=1)


def is_guessing(wrong: Sequence[datetime], told_at: datetime | None, now: datetime) -> bool:
    """Whether supervisors are to be told. `wrong`: when texts with a wrong code came, the last one included;
    `told_at`: when they were told last. They are told once an hour at most, while it lasts."""
    lately = [at for at in wrong if now - WITHIN < at <= now]
    return len(lately) >= MOST_WRONG and (told_at is None or now - told_at >= QUIET)
