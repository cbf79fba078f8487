"""A rotation read from an iCal feed: events become shifts.

- An event names a technician by summary, inside a phrase or as attendee.
- Floating and all-day events are wall-clock time in the rotation's zone; CANCELLED is no event.
- Of overlapping events the later start wins; RECURRENCE-ID replaces its instance.
- An event that cannot be used is left out and told: it never takes the others down with it.
- A feed is untrusted: it is read in a process with a time limit (`engine/jobs/feed_process.py`), outside transactions.
- The library is the extra "calendars": without it a feed is unavailable, and says how to get it.
"""

import heapq
import importlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from callbacks.lib.wallclock import ends_at, starts_at, wall_time
from callbacks.oncall.ical import BadValue, Component, NotIcal, Property, Zone, Zones, calendars, duration, wall_or_day
from callbacks.oncall.roster import Roster
from callbacks.oncall.schedule import Shift

# Whom an event of a calendar means: a person of the roster, if exactly one is meant.
#
# - First the whole summary: short name, full name or e-mail address.
# - Then a name inside a phrase, as PagerDuty, Opsgenie, Grafana and people write it: "On Call - Bob Chen - Support".
# A name inside a longer name of somebody else does not count, nor a first name that another surname follows.
# - Then the attendees, by address or name; who declined is not asked.
# - A word for absence beside the one who is meant ("Bob Chen (PTO)", "Ana Roy - vacances") says that they are not
# there.

# Words that stand beside a name without being part of one.
_WORDS = """
on call oncall on-call duty shift week weekend day night evening primary secondary backup support rotation rota
schedule team tech technician level tier for with is until from to the l0 l1 l2 l3 override layer final covers
de du la le garde astreinte semaine nuit jour soir avec pour équipe
"""
BESIDE = frozenset(_WORDS.split())
_ABSENT = """
absent absente absents absentes absence absences away off out ooo oof pto toil rtt leave on-leave out-of-office
off-duty day-off vacation vacations vacances holiday holidays conge conges sick sickness ill malade maladie unwell
sabbatical sabbatique furlough maternity paternity parental maternite paternite bereavement deuil jury gone
unavailable indisponible indisponibles indispo repos recup recuperation arret not never pas jamais cannot canceled
cancelled annule annulee
"""
ABSENT = frozenset(_ABSENT.split())
SIGNS = frozenset("🚫❌🏖🏝🌴🤒")
# Such words where they speak of the hours or of the handing over, not of a person.
NOT_OF_A_PERSON = re.compile(
    r"\boff[ -](?:hours?|peak|shift hours?)\b|\bout[ -]of[ -]hours?\b|\bhand(?:ed|ing)?[ -]off\b|\bvacation (?:de|du)\b"
    r"|\bholidays? (?:on[ -]?call|duty|shifts?|cover|coverage|support|rotation|rota|schedule|weeks?)\b"
)
NAMED = "\0"  # where a name stood
DENIED = re.compile(rf"\b(?:no|non|without|sans|except|excepte|excluding|sauf|minus)\b[\s:]*{NAMED}")
CANCELLED = re.compile(r"(?:canceled|cancelled|annulée?)\s*:")
WORD = re.compile(r"[\w'’-]+")


@dataclass(frozen=True, slots=True)
class Known:
    """A person of the roster and everything that a calendar may call them."""

    name: str
    called: tuple[str, ...]


def plain(text: str) -> str:
    """Blanks and Unicode forms made one: what looks alike is alike."""
    kept = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return " ".join(kept.split())


def folded(text: str) -> str:
    """The same, case ignored."""
    return unicodedata.normalize("NFKC", plain(text).casefold())


def is_called_off(summary: str) -> bool:
    """Outlook writes so before the summary of a meeting that was cancelled."""
    return CANCELLED.match(folded(summary)) is not None


def _says_absence(text: str) -> bool:
    """Whether a summary, its names taken out, says that somebody is not there; accents do not matter."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)).replace("’", "'")
    bare = NOT_OF_A_PERSON.sub(" ", bare)
    words = (word.strip("'-_") for word in WORD.findall(bare))
    return bool(DENIED.search(bare) or SIGNS & set(bare)) or any(w in ABSENT or w.endswith("n't") for w in words)


class Names:
    """The people of a roster, looked up by what calendars call them."""

    def __init__(self, people: Iterable[Known]) -> None:
        self._whole: dict[str, set[str]] = {}
        for person in people:
            for name in person.called:
                if folded(name):
                    self._whole.setdefault(folded(name), set()).add(person.name)
        self._phrase = lru_cache(maxsize=4096)(self._in_phrase)

    def meant(self, summary: str, attendees: Sequence[Property]) -> set[str]:
        """Who is meant: one, nobody, or several when it cannot be told."""
        found = self._whole.get(folded(summary), set()) or self._phrase(plain(summary))
        if found:
            return set(found)
        by_attendee: set[str] = set()
        for attendee in attendees:
            if attendee.params.get("PARTSTAT", "").upper() != "DECLINED":
                by_attendee |= self._attending(attendee)
        return by_attendee

    def is_absence(self, summary: str) -> bool:
        """Whether the summary says that whoever is meant is not there. A name alone says nothing, whatever it is."""
        text = folded(summary)
        for name in sorted(self._whole, key=len, reverse=True):
            for found in reversed(list(_whole_words(name, text))):
                text = text[: found.start()] + NAMED + text[found.end() :]
        return _says_absence(text)

    def _attending(self, attendee: Property) -> set[str]:
        address = attendee.value.strip()
        if address[:7].casefold() == "mailto:":
            address = address[7:]
        return self._whole.get(folded(address)) or self._whole.get(folded(attendee.params.get("CN", "")), set())

    def _in_phrase(self, phrase: str) -> frozenset[str]:
        text = phrase.casefold()
        if len(text) != len(phrase):
            phrase = text  # letters that casefold makes longer: then case says nothing
        found = [(m.start(), m.end(), name) for name in self._whole for m in _whole_words(name, text)]
        longest = [
            (start, end, name)
            for start, end, name in found
            if not any(a <= start and end <= b and (a, b) != (start, end) for a, b, _ in found)
        ]
        meant: set[str] = set()
        for start, end, name in longest:
            if " " in name or "@" in name or not _has_surname(phrase, start, end):
                meant |= self._whole[name]
        return frozenset(meant)


def _whole_words(name: str, text: str) -> Iterable[re.Match[str]]:
    if name not in text:
        return ()
    return re.finditer(rf"(?<![\w@.+]){re.escape(name)}(?![\w@])(?!\.\w)", text)


def _has_surname(phrase: str, start: int, end: int) -> bool:
    """Whether a single name stands beside another word that may be a part of the same name."""
    before, after = phrase[:start], phrase[end:]
    if after[:1] == "-" or (before[-1:] == "-" and before[-2:-1].strip()):
        return True
    beside = [WORD.match(after.lstrip()) if after[:1].isspace() else None]
    words = WORD.findall(before) if before[-1:].isspace() and WORD.fullmatch(before.rstrip()[-1:]) else []
    near = [found[0] for found in beside if found] + words[-1:]
    return any(word[:1].isupper() and word.casefold() not in BESIDE | ABSENT for word in near)


MEGABYTE = 1024 * 1024
MOST_BYTES = 16 * MEGABYTE
MOST_OCCURRENCES = 20_000
MOST_FAULTS = 50
LONGEST_TOLD = 120
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SHORTEST_STEP = {"SECONDLY": timedelta(seconds=1), "MINUTELY": timedelta(minutes=1)}
FARTHEST_MOVED = timedelta(days=62)  # how far "this and future" may move what follows
Guard = Callable[[], AbstractContextManager[object]]
Instance = datetime | date


class BrokenFeed(ValueError):
    """The feed cannot be read; the message says why."""


class TooSlow(Exception):
    """An event takes too long to process."""


class _TooOften(Exception):
    """An event repeats more often than hourly."""


class Why(StrEnum):
    """Why an event is left out."""

    UNKNOWN = "names nobody on the roster"
    SEVERAL = "names more than one person"
    ABSENT = "says that the person is away"
    BACKWARDS = "ends before it starts"
    TOO_OFTEN = "repeats more often than hourly"
    CALLED_OFF = "says that it is cancelled, but its status does not"
    UNREADABLE = "cannot be read"
    TOO_SLOW = "takes too long to process"


BY_SUMMARY = (Why.UNKNOWN, Why.SEVERAL, Why.ABSENT, Why.CALLED_OFF)  # told once for all events of the same words


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An event that is not used. `until`: the end of its last occurrence in the span, where that is known."""

    why: Why
    uid: str
    summary: str
    detail: str = ""
    until: datetime | None = None

    def __str__(self) -> str:
        more = f" ({self.detail})" if self.detail else ""
        return f'"{self.summary}" {self.why}{more}; left out (UID {self.uid or "none"})'


@dataclass(frozen=True, slots=True)
class Feed:
    """Shifts in order, none overlapping; `left_out`: each event that was not used, once by summary and reason."""

    shifts: tuple[Shift, ...]
    left_out: tuple[LeftOut, ...] = ()


def known(roster: Roster) -> tuple[Known, ...]:
    """The people of a roster, as calendars may call them."""
    return tuple(Known(p.name, tuple(name for name in (p.name, p.full_name, p.email) if name)) for p in roster.people)


def read_feed(
    content: bytes,
    rotation: str,
    people: Sequence[Known],
    start: datetime,
    end: datetime,
    zone: str,
    guard: Guard = nullcontext,
) -> Feed:
    """The shifts in [start, end). `guard` opens around each event's work and may end it with TooSlow.
    Raises BrokenFeed."""
    if len(content) > MOST_BYTES:
        raise BrokenFeed(f"larger than {MOST_BYTES // MEGABYTE} MB")
    _library()
    try:
        files = calendars(content)
    except NotIcal as error:
        raise BrokenFeed(str(error)) from None
    reading = _Reading(Names(people), ZoneInfo(zone), start, end, guard)
    for file in files:
        reading.calendar(file, [other for other in files if other is not file])
    return Feed(tuple(_painted(reading.pieces, rotation, start, end)), reading.left_out)


def _library() -> Any:
    try:
        return importlib.import_module("dateutil.rrule")
    except ImportError:
        raise BrokenFeed('the calendars extra is not installed; run: pip install ".[calendars]"') from None


@dataclass(frozen=True, slots=True)
class _When:
    """A DTSTART or the like: the wall clock, the zone it goes by (None: the rotation's), whether it is a day."""

    wall: datetime
    zone: Zone | None
    is_day: bool


@dataclass(frozen=True, slots=True)
class _Event:
    """One VEVENT with its times read. `length` by the wall clock, and `exact` besides when DURATION says it."""

    source: Component
    start: _When
    length: timedelta
    exact: timedelta


class _Reading:
    """One feed being read: what was found so far."""

    def __init__(self, names: Names, zone: ZoneInfo, start: datetime, end: datetime, guard: Guard) -> None:
        self._names, self._zone, self._start, self._end, self._guard = names, zone, start, end, guard
        self._zones: Zones
        self._left_out: dict[tuple[Why, str, str], LeftOut] = {}
        self._meant: dict[int, str | Why] = {}
        self._count = 0
        self.pieces: list[tuple[datetime, datetime, str]] = []

    @property
    def left_out(self) -> tuple[LeftOut, ...]:
        """The first ones, those of known time in their order."""
        found = sorted(self._left_out.values(), key=lambda f: (f.until is None, f.until or self._end))
        return tuple(found[:MOST_FAULTS])

    def calendar(self, file: Component, others: Sequence[Component]) -> None:
        """Reads one VCALENDAR: its series by UID, each with the instances that replace some of it."""
        self._zones = Zones(file, others, self._end)
        series: dict[str, list[Component]] = {}
        for n, event in enumerate(c for c in file.inner if c.kind == "VEVENT"):
            series.setdefault(_text(event, "UID") or f"\n{n}", []).append(event)
        for events in series.values():
            self._series(events)

    def _series(self, events: list[Component]) -> None:
        changed = [e for e in events if e.has("RECURRENCE-ID")]
        masters = [e for e in events if not e.has("RECURRENCE-ID")]
        newest = max((_sequence(e) for e in masters), default=0)
        replaced: dict[Instance, Component] = {}
        for event in sorted(changed, key=_sequence):
            self._guarded(event, partial(self._replaces, event, replaced))
        for event in (e for e in masters if _sequence(e) == newest):
            self._guarded(event, partial(self._master, event, replaced))
        for event in replaced.values():
            self._guarded(event, partial(self._instance, event))

    def _guarded(self, event: Component, work: Callable[[], object]) -> None:
        """A fault of one event is told of that event, and nothing of it is used."""
        before = len(self.pieces)
        try:
            with self._guard():
                work()
        except BrokenFeed:
            raise
        except TooSlow:
            self._drop(event, before, Why.TOO_SLOW)
        except _TooOften:
            self._drop(event, before, Why.TOO_OFTEN)
        except BadValue as fault:
            self._drop(event, before, Why.UNREADABLE, str(fault))
        except (ValueError, TypeError, OverflowError, ArithmeticError, LookupError, AttributeError) as fault:
            # dateutil's and the calendar's own: a rule that it cannot work with, a year beyond its last.
            self._drop(event, before, Why.UNREADABLE, type(fault).__name__)

    # --- one series ---

    def _master(self, source: Component, replaced: dict[Instance, Component]) -> None:
        if _is_cancelled(source) or self._is_long_over(source):
            return
        event = self._event(source)
        if not any(source.has(name) for name in ("RRULE", "RDATE")):
            if self._key(event.start) not in replaced:
                self._occurs(event, event.start.wall)
            return
        without = {self._key(when) for found in source.all("EXDATE") for when in self._list(found)}
        for key in without & replaced.keys():
            del replaced[key]  # taken out and replaced: it is out
        moved, periods = self._moved(event, replaced), self._periods(event)
        for wall in self._walls(event):
            # A date taken out or replaced is whatever occurs on that day.
            if {self._key(replace(event.start, wall=wall)), wall.date()} & (without | replaced.keys()):
                continue
            at, rule = next(((at, e) for at, e in moved if at <= wall), (event.start.wall, event))
            self._occurs(periods.get(wall, rule), rule.start.wall + (wall - at))

    def _instance(self, source: Component) -> None:
        """An instance that replaces another stands by itself."""
        if not _is_cancelled(source):
            event = self._event(source)
            self._occurs(event, event.start.wall)

    def _is_long_over(self, source: Component) -> bool:
        """A plain event of years ago, which most of a calendar is: known by its first digits, to save the work."""
        if any(source.has(name) for name in ("RRULE", "RDATE", "DURATION")):
            return False
        found = source.first("DTEND") or source.first("DTSTART")
        day = found.value.strip()[:8] if found else ""
        return day.isdecimal() and len(day) == 8 and day < f"{self._start - 3 * DAY:%Y%m%d}"

    def _walls(self, event: _Event) -> Iterator[datetime]:
        """When the series occurs, by its wall clock: DTSTART, its rules and further dates; up to the span's end."""
        rrule = _library()
        rules = rrule.rruleset()
        begin, last = event.start.wall, self._wall(self._end, event.start.zone) + DAY
        first = self._wall(self._start, event.start.zone) - event.length - event.exact - FARTHEST_MOVED
        for name, add in (("RRULE", rules.rrule), ("EXRULE", rules.exrule)):
            for found in event.source.all(name):
                add(self._rule(found.value, event, rrule))
        for found in event.source.all("RDATE"):
            for when in self._list(found):
                rules.rdate(self._in_zone_of(event, when))
        yield begin
        before, is_ruled = datetime.min, not event.source.has("RDATE")
        for wall in rules:
            if wall > last:
                return
            if is_ruled and wall - before < HOUR:
                raise _TooOften
            if wall >= first and wall != begin:
                yield wall
            before = wall

    def _rule(self, text: str, event: _Event, rrule: Any) -> Any:
        """One RRULE over naive wall clock times; UNTIL as a date takes that whole day in. Raises BadValue."""
        parts = dict(p.partition("=")[::2] for p in text.strip().upper().strip(";").split(";"))
        interval = parts.get("INTERVAL", "1")
        if not interval.isdecimal() or int(interval) < 1:
            raise BadValue(f"RRULE has the interval {interval[:20]!r}")
        step = SHORTEST_STEP.get(parts.get("FREQ", ""))
        if step and step * min(int(interval), 100_000) < HOUR:
            raise _TooOften
        until = parts.pop("UNTIL", "")
        try:
            rule = rrule.rrulestr(";".join(f"{k}={v}" for k, v in parts.items()), dtstart=event.start.wall)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise BadValue(f"RRULE:{text[:60]}") from None
        return rule.replace(until=self._until(until, event)) if until else rule

    def _until(self, text: str, event: _Event) -> datetime:
        at, is_utc = wall_or_day(text)
        if not isinstance(at, datetime):
            return datetime.combine(at, time(23, 59, 59))
        return self._wall(at.replace(tzinfo=UTC), event.start.zone) if is_utc and not event.start.is_day else at

    # --- one occurrence ---

    def _occurs(self, event: _Event, wall: datetime) -> None:
        start = self._instant(wall, event.start.zone, is_end=False)
        end = self._instant(wall + event.length, event.start.zone, is_end=True) + event.exact
        if start >= self._end or max(start, end) <= self._start:
            return
        self._count += 1
        if self._count > MOST_OCCURRENCES:
            raise BrokenFeed(f"more than {MOST_OCCURRENCES} shifts in the {(self._end - self._start).days} days read")
        if end <= start:
            self._leave_out(event.source, Why.BACKWARDS, "" if end < start else "it has no length", start)
            return
        who = self._who(event.source)
        if isinstance(who, Why):
            self._leave_out(event.source, who, until=end)
        else:
            self.pieces.append((start, end, who))

    def _who(self, source: Component) -> str | Why:
        """The one person that an event means, or why there is none."""
        if id(source) not in self._meant:
            summary = source.text("SUMMARY")
            meant = self._names.meant(summary, list(source.all("ATTENDEE")))
            why = Why.SEVERAL if meant else Why.UNKNOWN
            found = meant.pop() if len(meant) == 1 else why
            if found is not why and self._names.is_absence(summary):
                found = Why.ABSENT
            self._meant[id(source)] = Why.CALLED_OFF if is_called_off(summary) else found
        return self._meant[id(source)]

    def _moved(self, event: _Event, replaced: Mapping[Instance, Component]) -> list[tuple[datetime, _Event]]:
        """Instances that were changed "this and future": what follows is as far from its place as they are. The
        latest first."""
        found = []
        for source in replaced.values():
            place = source.first("RECURRENCE-ID")
            if place and place.params.get("RANGE", "").upper() == "THISANDFUTURE" and not _is_cancelled(source):
                found.append((self._in_zone_of(event, self._when(place)), self._event(source)))
        return sorted(found, key=lambda moved: moved[0], reverse=True)

    # --- times ---

    def _event(self, source: Component) -> _Event:
        start = self._when(source.first("DTSTART"))
        end, long = source.first("DTEND"), source.first("DURATION")
        if end is not None:
            return _Event(source, start, self._in_zone(self._when(end), start.zone) - start.wall, timedelta())
        if long is not None:
            days, exact = duration(long.value)
            return _Event(source, start, days * DAY, exact)
        return _Event(source, start, DAY if start.is_day else timedelta(), timedelta())

    def _when(self, found: Property | None) -> _When:
        if found is None:
            raise BadValue("it has no DTSTART")
        at, is_utc = wall_or_day(found.value)
        if not isinstance(at, datetime):
            return _When(datetime.combine(at, time()), None, True)
        name = found.params.get("TZID")
        if is_utc:
            return _When(at, self._zones.named("UTC"), False)
        return _When(at, self._zones.named(name) if name is not None else None, False)

    def _list(self, found: Property) -> list[_When]:
        """The dates of an EXDATE or RDATE; of a period its start."""
        parts = [p.partition("/")[0] for p in found.value.split(",")]
        return [self._when(Property(found.name, part, found.params)) for part in parts if part.strip()]

    def _periods(self, event: _Event) -> dict[datetime, _Event]:
        """Further dates with a length of their own, by their wall clock."""
        found: dict[datetime, _Event] = {}
        for dates in event.source.all("RDATE"):
            for begin, slash, end in (part.strip().partition("/") for part in dates.value.split(",")):
                if not slash:
                    continue
                wall = self._in_zone_of(event, self._when(Property(dates.name, begin, dates.params)))
                if end[:1] in "+-Pp":
                    days, exact = duration(end)
                    found[wall] = replace(event, length=days * DAY, exact=exact)
                else:
                    until = self._in_zone_of(event, self._when(Property(dates.name, end, dates.params)))
                    found[wall] = replace(event, length=until - wall, exact=timedelta())
        return found

    def _replaces(self, event: Component, replaced: dict[Instance, Component]) -> None:
        replaced[self._key(self._when(event.first("RECURRENCE-ID")))] = event

    def _key(self, when: _When) -> Instance:
        """What identifies an instance: its instant, whichever zone it is given in, or its day."""
        return when.wall.date() if when.is_day else self._instant(when.wall, when.zone, is_end=False)

    def _in_zone_of(self, event: _Event, when: _When) -> datetime:
        return when.wall if when.is_day else self._in_zone(when, event.start.zone)

    def _in_zone(self, when: _When, zone: Zone | None) -> datetime:
        """The same time by another zone's wall clock; the end of a day stays one."""
        if when.zone is zone:
            return when.wall
        return self._wall(self._instant(when.wall, when.zone, is_end=False), zone)

    def _instant(self, wall: datetime, zone: Zone | None, *, is_end: bool) -> datetime:
        if zone is not None:
            return zone.instant(wall)
        return ends_at(wall, self._zone) if is_end else starts_at(wall, self._zone)

    def _wall(self, at: datetime, zone: Zone | None) -> datetime:
        return zone.wall(at) if zone is not None else wall_time(at, self._zone)

    def _drop(self, event: Component, before: int, why: Why, detail: str = "") -> None:
        del self.pieces[before:]
        self._leave_out(event, why, detail)

    def _leave_out(self, source: Component, why: Why, detail: str = "", until: datetime | None = None) -> None:
        uid, summary = _short(plain(_text(source, "UID"))), _short(plain(_text(source, "SUMMARY")))
        key = (why, summary, "" if why in BY_SUMMARY else uid)
        old = self._left_out.get(key)
        if old is None:
            self._left_out[key] = LeftOut(why, uid, summary, _short(detail), until)
        elif until and old.until and until > old.until:
            self._left_out[key] = LeftOut(why, old.uid, old.summary, old.detail, until)


def _text(event: Component, name: str) -> str:
    """A property that is not needed to use the event: one that cannot be read is none."""
    try:
        return event.text(name)
    except BadValue:
        return ""


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_TOLD else text[: LONGEST_TOLD - 1] + "…"


def _sequence(event: Component) -> int:
    text = _text(event, "SEQUENCE")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _is_cancelled(event: Component) -> bool:
    return _text(event, "STATUS").upper() == "CANCELLED"


def _painted(
    pieces: Sequence[tuple[datetime, datetime, str]], rotation: str, start: datetime, end: datetime
) -> list[Shift]:
    """Later starts painted over earlier ones; equal neighbours joined; clipped to [start, end)."""
    ordered = sorted(pieces, key=lambda p: p[0])
    cuts = sorted({start, end, *(at for p in ordered for at in p[:2] if start < at < end)})
    found: list[Shift] = []
    active: list[tuple[int, datetime, str]] = []  # the latest start on top; ended ones fall off when they come up
    position = 0
    for left, right in pairwise(cuts):
        while position < len(ordered) and ordered[position][0] <= left:
            heapq.heappush(active, (-position, ordered[position][1], ordered[position][2]))
            position += 1
        while active and active[0][1] <= left:
            heapq.heappop(active)
        if active:
            _add(found, Shift(rotation, active[0][2], left, right))
    return found


def _add(found: list[Shift], shift: Shift) -> None:
    if found and found[-1].end == shift.start and found[-1].technician == shift.technician:
        found[-1] = Shift(shift.rotation, shift.technician, found[-1].start, shift.end)
    else:
        found.append(shift)
