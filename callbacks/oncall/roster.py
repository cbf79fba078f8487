"""The roster: who there is and whose turn it is. One model, read from a TOML file, checked, compared and written.

Wall-clock times stay naive here, in the rotation's own zone; `schedule.py` turns them into instants.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import Field, PlainSerializer, StrictBool, TypeAdapter, model_validator
from pydantic.dataclasses import dataclass

from callbacks.lib.phone import E164, NoNumber, read_number, why_never_dialled
from callbacks.lib.sentence import Language
from callbacks.lib.toml import STRICT, WRITTEN, Clock, Fault, FaultyFile, Listed, Wall, Zone, in_file, parse
from callbacks.lib.url_guard import LOOPBACK_NAMES
from callbacks.policy.model import RESERVED, WEEKDAYS

EVERY = re.compile(r"([1-9]\d{0,3})(h|d|w|mo)")
LONGEST_NAME = 120


class Role(StrEnum):
    """What a person, or a token, may do. `READER` is what tokens of old call an auditor."""

    SUPERVISOR = "supervisor"
    TECHNICIAN = "technician"
    AUDITOR = "auditor"
    READER = "reader"


class Turns(StrEnum):
    """Passed by the calendar, or counted only where they have active time."""

    CALENDAR = "calendar"
    ACTIVE = "active"


class Unit(StrEnum):
    HOURS = "h"
    DAYS = "d"
    WEEKS = "w"
    MONTHS = "mo"


# --- single values: each raises ValueError with what would be right ---


def _number(value: Any) -> str:
    """The form alone: whether there is such a number is asked of a new roster only, so that one in force stays
    readable whatever a later version knows of numbers."""
    if not isinstance(value, str) or not E164.fullmatch(value):
        raise ValueError("use E.164, such as +15145550111")
    return value


def _every(value: Any) -> "Every":
    found = EVERY.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError('use a length such as "12h", "1d", "1w" or "1mo"')
    return Every(int(found[1]), Unit(found[2]))


def _days(value: Any) -> frozenset[int]:
    if not isinstance(value, list) or not value or any(day not in WEEKDAYS for day in value):
        raise ValueError('use a list of days such as ["mon", "tue"]')
    return frozenset(map(WEEKDAYS.index, value))


def _address(value: Any) -> str:
    """As calendars hand it out: blanks around it, `webcal:` and capital letters mean what they mean elsewhere."""
    scheme, colon, rest = value.strip().partition(":") if isinstance(value, str) else ("", "", "")
    scheme = {"webcal": "https", "webcals": "https"}.get(scheme.lower(), scheme.lower())
    if not colon or scheme not in ("https", "http", "file"):
        raise ValueError("use an address such as https://calendar.example.com/oncall.ics, webcal://… or file:///…")
    return f"{scheme}:{rest}"


Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$")]
Days = Annotated[frozenset[int], in_file(_days), PlainSerializer(lambda days: [WEEKDAYS[day] for day in sorted(days)])]

# --- the model ---


@dataclass(frozen=True, slots=True, config=STRICT)
class _Person:
    """`phone` is E.164; `sms` and `voice` say which channels that phone takes."""

    name: Name
    full_name: Annotated[str, Field(max_length=LONGEST_NAME)]
    phone: Annotated[str, in_file(_number)]
    sms: StrictBool = True
    voice: StrictBool = True
    language: Language = Language.EN
    email: str = ""

    @model_validator(mode="before")
    @classmethod
    def _called(cls, given: Any) -> Any:
        """In a file, whoever has no full name is called by the short one."""
        if not isinstance(given, dict):
            return given
        return {**given, "full_name": given.get("full_name") or given.get("name", "")}


@dataclass(frozen=True, slots=True, config=STRICT)
class Technician(_Person):
    pass


@dataclass(frozen=True, slots=True, config=STRICT)
class Supervisor(_Person):
    pass


Person = Technician | Supervisor


@dataclass(frozen=True, slots=True, config=STRICT)
class Window:
    """Active from `start` to `end` on the days (0 is Monday) it begins on; equal times are 24 hours."""

    days: Days
    start: Annotated[Clock, WRITTEN, Field(alias="from")]
    end: Annotated[Clock, WRITTEN, Field(alias="to")]

    @model_validator(mode="before")
    @classmethod
    def _every_day(cls, given: Any) -> Any:
        return {"days": list(WEEKDAYS), **given} if isinstance(given, dict) else given


@dataclass(frozen=True, slots=True)
class Every:
    """The length of one turn in wall-clock time."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"


@dataclass(frozen=True, slots=True, config=STRICT)
class Rotation:
    """A file may leave out `turns` (by the calendar) and `timezone` (the roster's)."""

    name: Name
    members: Annotated[Listed[str], Field(min_length=1)]
    every: Annotated[Every, in_file(_every), PlainSerializer(str)]
    turns: Turns
    starts: Annotated[Wall, WRITTEN]
    timezone: Zone
    active: Listed[Window] = ()


@dataclass(frozen=True, slots=True, config=STRICT)
class Override:
    """`technician` "" takes the shift away. Holds for its whole span; of overlapping ones the later wins."""

    rotation: str
    technician: str
    start: Annotated[Wall, WRITTEN, Field(alias="from")]
    end: Annotated[Wall, WRITTEN, Field(alias="to")]


@dataclass(frozen=True, slots=True, config=STRICT)
class CalendarFeed:
    rotation: Name
    url: Annotated[str, in_file(_address)]


@dataclass(frozen=True, slots=True, config=STRICT)
class Roster:
    timezone: Zone = "UTC"
    technicians: Annotated[Listed[Technician], Field(alias="technician")] = ()
    supervisors: Annotated[Listed[Supervisor], Field(alias="supervisor")] = ()
    rotations: Annotated[Listed[Rotation], Field(alias="rotation")] = ()
    overrides: Annotated[Listed[Override], Field(alias="override")] = ()
    calendars: Annotated[Listed[CalendarFeed], Field(alias="calendar")] = ()

    @model_validator(mode="before")
    @classmethod
    def _usual(cls, given: Any) -> Any:
        """What a file's rotations leave out."""
        if not isinstance(given, dict) or not isinstance(given.get("rotation"), list):
            return given
        usual = {"turns": Turns.CALENDAR, "timezone": given.get("timezone", "UTC")}
        return {**given, "rotation": [{**usual, **r} if isinstance(r, dict) else r for r in given["rotation"]]}

    @property
    def people(self) -> tuple[Person, ...]:
        return (*self.technicians, *self.supervisors)

    def person(self, name: str) -> Person | None:
        return next((p for p in self.people if p.name == name), None)

    def display_name(self, name: str | None) -> str:
        """What a person is called: the full name; the short one of somebody who has left the roster."""
        person = self.person(name) if name else None
        return (person and person.full_name) or name or ""

    def person_by_phone(self, number: str) -> Person | None:
        return next((p for p in self.people if p.phone == number), None)

    def rotation(self, name: str) -> Rotation | None:
        return next((r for r in self.rotations if r.name == name), None)

    @property
    def rotation_names(self) -> tuple[str, ...]:
        return (*(r.name for r in self.rotations), *(c.rotation for c in self.calendars))

    def with_overrides(self, added: Sequence[Override] = (), removed: Sequence[Override] = ()) -> "Roster":
        """Those added come last, so that they hold; of equal ones the last is removed. Raises ValueError when one to
        remove is not there."""
        left = list(reversed(self.overrides))
        for override in removed:
            left.remove(override)
        return replace(self, overrides=(*reversed(left), *added))


EMPTY = Roster()
FILE = TypeAdapter(Roster)

# --- reading ---


def read_roster(text: str) -> Roster:
    """The roster a TOML text describes. Raises FaultyFile with every fault found."""
    return _sound(text, lambda roster: [*_no_numbers(roster), *_contradictions(roster), *_bad_addresses(roster)])


def reread_roster(text: str) -> Roster:
    """A roster that was accepted before: what this version would say of its numbers and addresses keeps nobody from
    being paged."""
    return _sound(text, _contradictions)


def _sound(text: str, faults_of: Callable[[Roster], list[Fault]]) -> Roster:
    roster = parse(FILE, text)
    faults = faults_of(roster)
    if faults:
        raise FaultyFile(faults)
    return roster


# --- what each value alone cannot show ---


def _no_numbers(r: Roster) -> list[Fault]:
    kinds = ((Role.TECHNICIAN, r.technicians), (Role.SUPERVISOR, r.supervisors))
    numbers = [(f"{kind}[{i}].phone", p.phone) for kind, people in kinds for i, p in enumerate(people, 1)]
    return [fault for key, number in numbers if (fault := _no_number(key, number))]


def _no_number(key: str, number: str) -> Fault | None:
    found = read_number(number)
    if isinstance(found, NoNumber):
        return Fault(key, repr(number), found.problem, found.fix)
    if why_never_dialled(number):
        problem = "is a premium or service number, which is never dialled"
        return Fault(key, repr(number), problem, "use a person's own phone")
    return None


def _contradictions(r: Roster) -> list[Fault]:
    overrides = [f for i, o in enumerate(r.overrides, 1) for f in override_faults(r, o, f"override[{i}]")]
    return [*_twice(r), *_unknown_members(r, {t.name for t in r.technicians}), *overrides]


def _twice(r: Roster) -> list[Fault]:
    kinds = (
        ("name", [p.name for p in r.people]),
        ("phone", [p.phone for p in r.people]),
        ("rotation", r.rotation_names),
    )
    found = [
        Fault(key, repr(value), "is duplicated", "must be unique")
        for key, values in kinds
        for value, count in Counter(values).items()
        if count > 1
    ]
    reserved = [n for n in r.rotation_names if n in RESERVED]
    return found + [Fault("rotation.name", repr(n), "is a reserved name", "choose another") for n in reserved]


def _unknown_members(r: Roster, names: set[str]) -> list[Fault]:
    right = f"use one of {', '.join(sorted(names)) or 'the technicians (there is none)'}"
    return [
        Fault(f"rotation[{i}].members", repr(m), "is not a technician", right)
        for i, rotation in enumerate(r.rotations, 1)
        for m in rotation.members
        if m not in names
    ]


def override_faults(r: Roster, o: Override, key: str = "override") -> list[Fault]:
    """Why a roster cannot hold an override; nothing when it can."""
    found, names = [], [t.name for t in r.technicians]
    if o.rotation not in r.rotation_names:
        right = f"use one of {', '.join(r.rotation_names) or 'the rotations (there is none)'}"
        found.append(Fault(f"{key}.rotation", repr(o.rotation), "is not a rotation", right))
    if o.technician and o.technician not in names:
        found.append(Fault(f"{key}.technician", repr(o.technician), "is not a technician", 'name one, or ""'))
    if o.end <= o.start:
        found.append(Fault(f"{key}.to", o.end.isoformat(), "is not after from", "give a later time"))
    return found


def _bad_addresses(r: Roster) -> list[Fault]:
    """Asked of a new roster only: one in force stays readable."""
    return [
        Fault(f"calendar[{i}].url", repr(c.url), problem, "use one such as https://calendar.example.com/oncall.ics")
        for i, c in enumerate(r.calendars, 1)
        if (problem := _address_problem(c.url))
    ]


def _address_problem(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "cannot be read"
    if parts.scheme == "file":
        return "" if parts.path.startswith("/") and len(parts.path) > 1 else "does not name a file"
    if not host:
        return "does not name a host"
    if parts.scheme == "http" and host not in LOOPBACK_NAMES:
        return "is not encrypted"
    return ""


# --- writing and comparing ---


def write_roster(r: Roster, notes: Sequence[str] = ()) -> str:
    """TOML that reads back as the same roster; each override has its note, if it has one, as a comment."""
    import tomlkit  # here, so that commands that write no roster start without it

    document = tomlkit.document()
    document.update(FILE.dump_python(r, mode="json", by_alias=True, exclude_defaults=True))
    for table, note in zip(document.get("override", ()), notes, strict=False):
        if note:
            table.comment(note)
    return tomlkit.dumps(document)


def compare(old: Roster, new: Roster) -> list[str]:
    """One line per person, rotation, override or feed that a load would add, change or take away."""
    lines = []
    for kind in ("technicians", "supervisors", "rotations", "overrides", "calendars"):
        before, after = _keyed(getattr(old, kind)), _keyed(getattr(new, kind))
        lines += [f"+ {kind[:-1]} {key}" for key in after.keys() - before.keys()]
        lines += [f"- {kind[:-1]} {key}" for key in before.keys() - after.keys()]
        lines += [f"~ {kind[:-1]} {key}" for key in before.keys() & after.keys() if before[key] != after[key]]
    return sorted(lines)


def _keyed(things: tuple[Any, ...]) -> dict[str, Any]:
    return {getattr(x, "name", None) or f"{x.rotation} {getattr(x, 'start', '')}".strip(): x for x in things}
