"""The roster: who there is and whose turn it is, as a TOML file says it.

Wall-clock times stay naive here, in the rotation's own zone; `schedule.py` turns them into instants.
"""

from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum

from callbacks.lib.sentence import Language


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


@dataclass(frozen=True, slots=True)
class Technician:
    """`phone` is E.164; `sms` and `voice` say which channels that phone takes."""

    name: str
    full_name: str
    phone: str
    sms: bool = True
    voice: bool = True
    language: Language = Language.EN
    email: str = ""


@dataclass(frozen=True, slots=True)
class Supervisor:
    name: str
    full_name: str
    phone: str
    email: str = ""
    sms: bool = True
    voice: bool = True
    language: Language = Language.EN


Person = Technician | Supervisor


@dataclass(frozen=True, slots=True)
class Window:
    """Active from `start` to `end` on the days (0 is Monday) it begins on; equal times are 24 hours."""

    days: frozenset[int]
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Every:
    """The length of one turn in wall-clock time."""

    count: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Rotation:
    name: str
    members: tuple[str, ...]
    every: Every
    turns: Turns
    starts: datetime
    timezone: str
    active: tuple[Window, ...] = ()


@dataclass(frozen=True, slots=True)
class Override:
    """`technician` "" takes the shift away. Holds for its whole span; the later in the file wins."""

    rotation: str
    technician: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class CalendarFeed:
    rotation: str
    url: str


@dataclass(frozen=True, slots=True)
class Roster:
    timezone: str = "UTC"
    technicians: tuple[Technician, ...] = ()
    supervisors: tuple[Supervisor, ...] = ()
    rotations: tuple[Rotation, ...] = ()
    overrides: tuple[Override, ...] = ()
    calendars: tuple[CalendarFeed, ...] = ()

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


EMPTY = Roster()
