"""A clock that never goes back, made of one that may: a step back would silence every timer for as long as it is."""

from datetime import datetime, timedelta


def monotonic_wall_clock(last: datetime, passed: timedelta, wall: datetime) -> datetime:
    """What to read, `passed` after `last` was read, when the machine's clock says `wall`: forward it follows at once;
    when it was put back, time goes on at half its pace until the two agree again."""
    return max(wall, last + passed / 2)
