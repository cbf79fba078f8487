"""Wall-clock time turned into instants, by one set of rules for hours, rotations and overrides.

- A start that happens twice (autumn) is the first of the two; an end is the last.
- A time that does not exist (spring, or a whole skipped day) is the first instant after the gap.
- A handoff that happens twice is the first, so it is a start.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo


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
    instant = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    if wall_time(instant, zone) == wall:
        return instant
    return _end_of_gap(wall, zone)


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
