"""iCalendar text (RFC 5545) taken apart: bytes to lines, lines to components, properties to values.

- Lines are unfolded as bytes, before decoding: a fold may stand inside a character.
- Several VCALENDARs in one file are read one after the other.
- A property that cannot be read is a fault of its component, never of the file.
"""

import importlib
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo, available_timezones

from callbacks.lib.wallclock import wall_time

FOLD = re.compile(rb"(?:\r\n|\n|\r)[ \t]")
LINE_END = re.compile(r"\r\n|\n|\r")  # splitlines() knows ten more, which stand inside people's words
NAME = re.compile(r"[A-Za-z0-9-]+")
ESCAPED = re.compile(r"\\([\\;,nN])")
DURATION = re.compile(
    r"([+-]?)P(?=.)(?:(\d{1,5})W)?(?:(\d{1,6})D)?(?:T(?=.)(?:(\d{1,7})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?"
)
WHEN = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z)?)?", re.IGNORECASE)
DEEPEST = 20
TIMES = frozenset({"DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE"})


class NotIcal(ValueError):
    """The bytes are no calendar; the message says why."""


class BadValue(ValueError):
    """A property cannot be read; the message says which, and why."""


@dataclass(frozen=True, slots=True)
class Property:
    """One line: `value` as it stands, parameters by upper-case name."""

    name: str
    value: str
    params: dict[str, str]

    @property
    def text(self) -> str:
        """The value with its escapes undone."""
        return ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], self.value)


@dataclass(slots=True)
class Component:
    """A VEVENT, VTIMEZONE or the like: its lines, taken apart when they are asked for, and what stands inside it."""

    kind: str
    lines: list[str] = field(default_factory=list)
    inner: list["Component"] = field(default_factory=list)

    _by_name: dict[str, list[str]] | None = None

    def has(self, name: str) -> bool:
        return name in self._index()

    def all(self, name: str) -> Iterator[Property]:
        return (_property(line) for line in self._index().get(name, ()))

    def _index(self) -> dict[str, list[str]]:
        if self._by_name is None:
            self._by_name = {}
            for line in self.lines:
                found = NAME.match(line)
                if found:
                    self._by_name.setdefault(found[0].upper(), []).append(line)
        return self._by_name

    def first(self, name: str) -> Property | None:
        return next(self.all(name), None)

    def text(self, name: str) -> str:
        """The first such property as text; "" when there is none."""
        found = self.first(name)
        return found.text.strip() if found else ""


def calendars(content: bytes) -> list[Component]:
    """Every VCALENDAR of a file. Raises NotIcal."""
    text = _decoded(content)
    open_: list[Component] = []
    found: list[Component] = []
    for line in LINE_END.split(text):
        upper = line[:20].upper()
        if upper.startswith("BEGIN:"):
            component = Component(line[6:].strip().upper())
            if open_:
                open_[-1].inner.append(component)
            elif component.kind == "VCALENDAR":
                found.append(component)
            open_.append(component)
            if len(open_) > DEEPEST:
                raise NotIcal("not a calendar: nested too deeply")
        elif upper.startswith("END:") and open_:
            closed = open_.pop()
            if closed.kind != line[4:].strip().upper():
                raise NotIcal("not a calendar: BEGIN and END do not match")
        elif open_ and line.strip():
            open_[-1].lines.append(line)
    if not found:
        raise NotIcal("not a calendar: there is no BEGIN:VCALENDAR")
    if open_:
        raise NotIcal("not a whole calendar: it ends before END:VCALENDAR")
    return found


def _decoded(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return re.sub(rf"(?:{LINE_END.pattern})[ \t]", "", content.decode("utf-16", "replace"))
    unfolded = FOLD.sub(b"", content)
    try:
        return unfolded.decode("utf-8-sig")
    except UnicodeDecodeError:
        return unfolded.decode("cp1252", "replace")


def _property(line: str) -> Property:
    """Name, parameters (values may be quoted) and value of one line. Raises BadValue."""
    match = NAME.match(line)
    name, at = (match[0].upper(), match.end()) if match else ("", 0)
    if name in TIMES and '"' not in line:
        # Outlook names zones with colons and does not quote them; a time holds none.
        head, _, value = line.rpartition(":")
        parts = (part.partition("=") for part in head.split(";")[1:])
        return Property(name, value, {key.strip().upper(): text.strip() for key, _, text in parts})
    params: dict[str, str] = {}
    while line[at : at + 1] == ";":
        key, equals, _ = line[at + 1 :].partition("=")
        if not equals:
            raise BadValue(f"{name} has a parameter without a value")
        begin = at + 1 + len(key) + 1
        end = _end_of_param(line, begin)
        params[key.strip().upper()] = line[begin:end].replace('"', "").strip()
        at = end
    if line[at : at + 1] != ":":
        raise BadValue(f"{name} has no value")
    return Property(name, line[at + 1 :], params)


def _end_of_param(line: str, at: int) -> int:
    quoted = False
    while at < len(line) and (quoted or line[at] not in ";:"):
        quoted ^= line[at] == '"'
        at += 1
    return at


def wall_or_day(text: str) -> tuple[date | datetime, bool]:
    """A DATE or DATE-TIME, and whether it is in UTC. Raises BadValue."""
    found = WHEN.fullmatch(text.strip())
    if not found:
        raise BadValue(f"{text[:40]!r} is no date or time")
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    try:
        if found[4] is None:
            return date(year, month, day), False
        return datetime(year, month, day, hour, minute, min(second, 59)), found[7] is not None
    except ValueError:
        raise BadValue(f"{text[:40]!r} is no date or time") from None


def duration(text: str) -> tuple[int, timedelta]:
    """Days by the calendar, and the exact time besides. Raises BadValue."""
    found = DURATION.fullmatch(text.strip().upper())
    if not found:
        raise BadValue(f"{text[:40]!r} is no duration")
    sign = -1 if found[1] == "-" else 1
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    return sign * (weeks * 7 + days), sign * timedelta(hours=hours, minutes=minutes, seconds=seconds)


# Time zones of a calendar file: wall clock to instants and back.
#
# A name means, in this order: the file's own VTIMEZONE, an IANA name, a Windows name. One that nobody defines is a
# fault: read as anything else, a shift would be hours off without a word.

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
