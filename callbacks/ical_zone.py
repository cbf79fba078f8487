"""Time zones of a calendar file: wall clock to instants and back.

A name means, in this order: the file's own VTIMEZONE, an IANA name, a Windows name. One that nobody defines is a
fault: read as anything else, a shift would be hours off without a word.
"""

import importlib
import re
from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo, available_timezones

from callbacks.ical import BadValue, Component, Property, wall_or_day
from callbacks.lib.wallclock import wall_time

OFFSET = re.compile(r"([+-])(\d{2})(\d{2})(\d{2})?")
FARTHEST = timedelta(days=366 * 3)
MOST_CHANGES = 5_000
OF_THE_MACHINE = {"localtime", "posixrules", "factory"}
UTC_NAMES = {"utc", "z", "gmt", "etc/utc", "tzone://microsoft/utc"}


class Zone(Protocol):
    """Turns wall clock times of a place into instants, and back."""

    def instant(self, wall: datetime) -> datetime:
        """Of a time that happens twice the first; one that does not exist by the offset before the gap."""

    def wall(self, at: datetime) -> datetime: ...


class NamedZone:
    """A zone of the IANA database."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def instant(self, wall: datetime) -> datetime:
        return wall.replace(tzinfo=self._zone).astimezone(UTC)

    def wall(self, at: datetime) -> datetime:
        return wall_time(at, self._zone)


class OwnZone:
    """A zone that the file defines: offsets, each from an instant on."""

    def __init__(self, changes: Sequence[tuple[datetime, timedelta, timedelta]]) -> None:
        """`changes`: wall clock before the change, offset before it, offset from then on; in order."""
        self._walls = [wall for wall, _, _ in changes]
        self._instants = [wall - before for wall, before, _ in changes]
        self._before = [before for _, before, _ in changes]
        self._after = [after for _, _, after in changes]

    def instant(self, wall: datetime) -> datetime:
        i = bisect_right(self._walls, wall) - 1
        if i < 0:
            offset = self._before[0]
        elif wall < self._walls[i] + (self._after[i] - self._before[i]):
            offset = self._before[i]  # in the gap
        else:
            offset = self._after[i]
        return (wall - offset).replace(tzinfo=UTC)

    def wall(self, at: datetime) -> datetime:
        naive = at.astimezone(UTC).replace(tzinfo=None)
        i = bisect_right(self._instants, naive) - 1
        return naive + (self._after[i] if i >= 0 else self._before[0])


class Zones:
    """The zones that a calendar's events may name; each is read when it is first used."""

    def __init__(self, calendar: Component, others: Sequence[Component], until: datetime) -> None:
        """`others`: further calendars of the same file, asked when this one does not define a name."""
        self._own: dict[str, Component] = {}
        for component in (*reversed(others), calendar):
            for inner in component.inner:
                if inner.kind == "VTIMEZONE" and any(part.kind in ("STANDARD", "DAYLIGHT") for part in inner.inner):
                    self._own[inner.text("TZID").casefold()] = inner
        self._until = until.astimezone(UTC).replace(tzinfo=None)
        self._read: dict[str, Zone | BadValue] = {}

    def named(self, name: str) -> Zone:
        """Raises BadValue."""
        if name not in self._read:
            try:
                self._read[name] = self._find(name)
            except BadValue as fault:
                self._read[name] = fault
        found = self._read[name]
        if isinstance(found, BadValue):
            raise BadValue(str(found))
        return found

    def _find(self, name: str) -> Zone:
        own = self._own.get(name.strip().casefold())
        if own is not None:
            return own_zone(own, self._until)
        known = _iana(name.strip())
        if known is None:
            raise BadValue(f"the time zone {name[:60]!r} is defined nowhere")
        return NamedZone(ZoneInfo(known))


def own_zone(component: Component, until: datetime) -> OwnZone:
    """The zone that a VTIMEZONE defines. Raises BadValue."""
    name = component.text("TZID")
    changes: list[tuple[datetime, timedelta, timedelta]] = []
    for part in component.inner:
        if part.kind not in ("STANDARD", "DAYLIGHT"):
            continue
        try:
            before, after = _offset(part.text("TZOFFSETFROM")), _offset(part.text("TZOFFSETTO"))
            changes += [(wall, before, after) for wall in _onsets(part, before, until)]
        except (ValueError, TypeError, OverflowError, AttributeError):
            raise BadValue(f"the time zone {name[:60]!r} of the file cannot be read") from None
    return OwnZone(sorted(changes))


def _onsets(part: Component, before: timedelta, until: datetime) -> list[datetime]:
    begin = _naive(part.first("DTSTART"), before)
    found = [begin]
    for rule in part.all("RRULE"):
        parts = dict(p.partition("=")[::2] for p in rule.value.upper().strip().strip(";").split(";"))
        if parts.get("FREQ") not in ("YEARLY", "MONTHLY"):
            raise BadValue("a time zone that changes more often than monthly")
        last = until + FARTHEST
        if "UNTIL" in parts:
            at, is_utc = wall_or_day(parts.pop("UNTIL"))
            end = at if isinstance(at, datetime) else datetime(at.year, at.month, at.day, 23, 59, 59)
            last = min(last, end + before if is_utc else end)
        text = ";".join(f"{key}={value}" for key, value in parts.items())
        for wall in importlib.import_module("dateutil.rrule").rrulestr(text, dtstart=begin):
            if wall > last or len(found) > MOST_CHANGES:
                break
            found.append(wall)
    for more in part.all("RDATE"):
        found += [_naive(Property("RDATE", value.partition("/")[0], {}), before) for value in more.value.split(",")]
    return sorted(set(found))


def _naive(found: Property | None, offset: timedelta) -> datetime:
    if found is None:
        raise BadValue("DTSTART is missing")
    at, is_utc = wall_or_day(found.value)
    wall = at if isinstance(at, datetime) else datetime(at.year, at.month, at.day)
    return wall + offset if is_utc else wall


def _offset(text: str) -> timedelta:
    found = OFFSET.fullmatch(text.strip())
    if not found:
        raise BadValue(f"{text[:20]!r} is no offset")
    length = timedelta(hours=int(found[2]), minutes=int(found[3]), seconds=int(found[4] or 0))
    return -length if found[1] == "-" else length


def _iana(name: str) -> str | None:
    """The zone's name in the IANA database; Windows names and the long ones of some programs are known too."""
    folded = name.casefold()
    if folded in UTC_NAMES:
        return "UTC"
    known = _names()
    if folded in known:
        return known[folded]
    if folded in _windows():
        return _windows()[folded]
    if name.startswith("/"):
        # "/freeassociation.sourceforge.net/Tzfile/America/Toronto": the IANA name stands at its end.
        parts = folded.strip("/").split("/")
        return next((known[tail] for n in (3, 2) if (tail := "/".join(parts[-n:])) in known), None)
    return None


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones() if name.casefold() not in OF_THE_MACHINE}


@lru_cache(maxsize=1)
def _windows() -> dict[str, str]:
    table: dict[str, str] = importlib.import_module("icalendar.timezone.windows_to_olson").WINDOWS_TO_OLSON
    return {name.casefold(): zone for name, zone in table.items()}
