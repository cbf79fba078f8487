"""Guessing at the second factor, or at a password from within: five tries, then a wait that doubles up to 30 s."""

from datetime import datetime, timedelta

from app.deps import Runtime
from callbacks.store import strikes
from callbacks.store.database import with_retries

FREE_TRIES, LONGEST_WAIT = 5, timedelta(seconds=30)


def may_try(here: Runtime, key: str, now: datetime) -> bool:
    """Counts a try before it is looked at; False when this one has to wait. Whoever was right calls `was_right`."""

    def once() -> bool:
        with here.world.database.write() as session:
            return not strikes.count(session, {key: FREE_TRIES}, [key], LONGEST_WAIT, now)

    return with_retries(once)


def was_right(here: Runtime, key: str) -> None:
    with here.world.database.write() as session:
        strikes.forget(session, key)
