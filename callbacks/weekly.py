"""When every technician's phone is tried: once a week, by the support hours' wall clock, if the policy says so."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from callbacks.lib.wallclock import starts_at, wall_time
from callbacks.policy.model import WEEKDAYS, Drills

WINDOW = timedelta(hours=4)  # begun later than that it might wake somebody: that week's is left out
DAY = timedelta(days=1)


def due_day(drills: Drills, now: datetime, zone: ZoneInfo) -> date | None:
    """The day of the drill that may begin at `now`, or None. `now` in UTC."""
    today = wall_time(now, zone).date()
    return next((day for day in (today, today - DAY) if _is_due(drills, day, now, zone)), None)


def _is_due(drills: Drills, day: date, now: datetime, zone: ZoneInfo) -> bool:
    if WEEKDAYS[day.weekday()] != drills.day:
        return False
    begins = starts_at(datetime.combine(day, drills.at), zone)
    return begins <= now < begins + WINDOW
