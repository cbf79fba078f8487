"""An emergency that cannot be worked on: how long it is put off, and at which failures people are told of it."""

from datetime import timedelta

PAUSE = timedelta(seconds=15)
AFTER, AGAIN, MOST_ALARMS = 3, 20, 6


def alarms_at(failures: int) -> bool:
    """Failures 15 s apart: after the third, then every five minutes, six times in all."""
    more, odd = divmod(failures - AFTER, AGAIN)
    return odd == 0 and 0 <= more < MOST_ALARMS
