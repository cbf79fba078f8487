"""iCalendar text (RFC 5545) taken apart: bytes to lines, lines to components, properties to values.

- Lines are unfolded as bytes, before decoding: a fold may stand inside a character.
- Several VCALENDARs in one file are read one after the other.
- A property that cannot be read is a fault of its component, never of the file.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

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
