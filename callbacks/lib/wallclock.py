"""Wall-clock time turned into instants, by one set of rules for hours, rotations and overrides.

- A start that happens twice (autumn) is the first of the two; an end is the last.
- A time that does not exist (spring, or a whole skipped day) is the first instant after the gap.
- A handoff that happens twice is the first, so it is a start.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

AROUND = timedelta(hours=36)


def rfc3339(at: datetime | None) -> str | None:
    """UTC with a Z; fractions only where there are any."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def starts_at(wall: datetime, zone: ZoneInfo) -> datetime:
    """The UTC instant of a start or handoff; `wall` is naive, in `zone`."""
    return _instant(wall, zone, fold=0)


def ends_at(wall: datetime, zone: ZoneInfo) -> datetime:
    """The UTC instant of an end; `wall` is naive, in `zone`."""
    return _instant(wall, zone, fold=1)


def wall_time(instant: datetime, zone: ZoneInfo) -> datetime:
    """The naive wall-clock time in `zone` at an aware instant."""
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


class Wall:
    """`wall_time` for very many instants: the offset of a quarter of an hour, which none changes within, is asked
    once."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._offsets: dict[int, timedelta] = {}

    def time(self, instant: datetime) -> datetime:
        """The naive wall-clock time at an aware instant in UTC."""
        quarter = int(instant.timestamp()) // 900
        if quarter not in self._offsets:
            self._offsets[quarter] = instant.astimezone(self._zone).utcoffset() or timedelta()
        return instant.replace(tzinfo=None) + self._offsets[quarter]


@lru_cache(maxsize=4096)  # who is on call is asked at every step, and rests on the same few handoffs
def _instant(wall: datetime, zone: ZoneInfo, fold: int) -> datetime:
    offset = _plain_offset(wall.date(), zone)
    if offset is not None:
        return (wall - offset).replace(tzinfo=UTC)
    instant = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    if wall_time(instant, zone) == wall:
        return instant
    return _end_of_gap(wall, zone)


def is_steady(day: date, zone: ZoneInfo) -> bool:
    """Whether no clock is changed on this day, the day before and the day after."""
    return _plain_offset(day, zone) is not None


@lru_cache(maxsize=65_536)  # a rotation's turns are counted from its first one on, which may be decades ago
def _plain_offset(day: date, zone: ZoneInfo) -> timedelta | None:
    """The one offset of a day on which, and around which, no clock is changed; None on any other day."""
    noon = datetime.combine(day, time(12))
    try:
        first, last = (noon + hours for hours in (-AROUND, AROUND))
    except OverflowError:
        return None
    offsets = {at.replace(tzinfo=zone, fold=fold).utcoffset() for at in (first, noon, last) for fold in (0, 1)}
    return offsets.pop() if len(offsets) == 1 else None


def _end_of_gap(wall: datetime, zone: ZoneInfo) -> datetime:
    """First instant after the gap that swallowed `wall` (offsets before and after bracket it)."""
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    after = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    old_offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == old_offset:
            before = middle
        else:
            after = middle
    return after


# A clock that never goes back, made of one that may: a step back would silence every timer for as long as it is.


def monotonic_wall_clock(last: datetime, passed: timedelta, wall: datetime) -> datetime:
    """What to read, `passed` after `last` was read, when the machine's clock says `wall`: forward it follows at once;
    when it was put back, time goes on at half its pace until the two agree again."""
    return max(wall, last + passed / 2)
