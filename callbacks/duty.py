"""Who can be woken, as seen at one instant: the roster, the feeds read so far and the dead channels.

A value handed to the core, so that deciding needs no database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from callbacks.roster import Roster, Supervisor, Technician
from callbacks.schedule import Shift, who_has

PERSON = "person:"


@dataclass(frozen=True, slots=True)
class Contact:
    """One person and the channels that work for them now, in the order sms, voice."""

    name: str
    role: str
    number: str
    language: str
    channels: tuple[str, ...]

    def usable(self, wanted: Sequence[str]) -> tuple[str, ...]:
        """The wanted channels that work; where none does, whatever does, so that a page still leaves."""
        return tuple(c for c in wanted if c in self.channels) or self.channels[:1]


@dataclass(frozen=True, slots=True)
class Duty:
    """`sms_dead`: names whose texts are refused (they opted out)."""

    roster: Roster
    sms_dead: frozenset[str] = frozenset()
    calendars: Mapping[str, Sequence[Shift]] = field(default_factory=dict)

    def people(self, target: str, at: datetime) -> tuple[Contact, ...]:
        """Whom a step's target means at `at`: a rotation's person, all supervisors, everyone, or (in a drill) one
        person by name."""
        if target == "supervisors":
            return self.supervisors
        if target == "everyone":
            return (*(self._contact(t) for t in self.roster.technicians), *self.supervisors)
        if target.startswith(PERSON):
            person = self.contact(target.removeprefix(PERSON))
            return (person,) if person else ()
        name = who_has(self.roster, target, at, self.calendars)
        contact = self.contact(name) if name else None
        return (contact,) if contact else ()

    @property
    def supervisors(self) -> tuple[Contact, ...]:
        return tuple(self._contact(s) for s in self.roster.supervisors)

    def zone(self, rotation: str) -> ZoneInfo:
        """By whose wall clock a rotation goes: its own zone, else the roster's."""
        known = self.roster.rotation(rotation)
        return ZoneInfo(known.timezone if known else self.roster.timezone)

    def contact(self, name: str) -> Contact | None:
        person = self.roster.person(name)
        return self._contact(person) if person else None

    def full_name(self, name: str) -> str:
        """What a person is called, also one who has left the roster: then by their short name."""
        person = self.roster.person(name)
        return (person.full_name if person else "") or name

    def _contact(self, person: Technician | Supervisor) -> Contact:
        role = "technician" if isinstance(person, Technician) else "supervisor"
        sms = ("sms",) if person.sms and person.name not in self.sms_dead else ()
        voice = ("voice",) if person.voice else ()
        channels = (*sms, *voice) if person.phone else ()
        return Contact(person.name, role, person.phone, person.language, channels)
