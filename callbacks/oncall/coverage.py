"""Who can be woken at an instant, whether tonight is covered, and when each phone is tried.

A value handed to the core, so that deciding needs no database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from callbacks.lib.phone import normalise, why_never_dialled
from callbacks.lib.sentence import Language
from callbacks.lib.wallclock import starts_at, wall_time
from callbacks.oncall.roster import Person, Role, Roster, Supervisor, Technician
from callbacks.oncall.schedule import Gap, Shift, shifts, who_has, whole_gaps
from callbacks.policy.hours import periods
from callbacks.policy.model import EVERYONE, RESERVED, SUPERVISORS, WEEKDAYS, Channel, Drills, Policy

PERSON = "person:"


@dataclass(frozen=True, slots=True)
class Contact:
    """One person and the channels that work for them now, in the order sms, voice."""

    name: str
    role: Role
    number: str
    language: Language
    channels: tuple[Channel, ...]

    @property
    def takes_texts(self) -> bool:
        return Channel.SMS in self.channels

    @property
    def takes_calls(self) -> bool:
        return Channel.VOICE in self.channels

    def usable(self, wanted: Sequence[Channel]) -> tuple[Channel, ...]:
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
        if target == SUPERVISORS:
            return self.supervisors
        if target == EVERYONE:
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

    def _contact(self, person: Technician | Supervisor) -> Contact:
        role = Role.TECHNICIAN if isinstance(person, Technician) else Role.SUPERVISOR
        sms = (Channel.SMS,) if person.sms and person.name not in self.sms_dead else ()
        voice = (Channel.VOICE,) if person.voice else ()
        channels = (*sms, *voice) if person.phone else ()
        return Contact(person.name, role, person.phone, person.language, channels)


# Is tonight covered? Gaps that matter, who would be paged when, and whose phone would not ring. Future only.

VERIFIED_FOR = timedelta(days=30)
FARTHEST = timedelta(days=30)  # no desk is staffed for longer without a break


class PhoneProblem(StrEnum):
    """In the words in which it is told."""

    INVALID = "the number is not valid"
    COSTLY = "the number is a premium or service number"
    NO_CHANNEL = "both texts and calls are turned off"
    TEXTS_REFUSED = "opted out of texts: text START from that phone"
    NO_DRILL = f"no drill has reached it in the last {VERIFIED_FOR.days} days"


@dataclass(frozen=True, slots=True)
class PhoneState:
    """What stands against a person's phone; empty when nothing does."""

    name: str
    problems: tuple[PhoneProblem, ...]


def targets(policy: Policy) -> tuple[str, ...]:
    """Whom the escalation policy pages, each once, in order."""
    return tuple(dict.fromkeys(step.page for step in policy.escalation))


def uncovered(policy: Policy, duty: Duty, start: datetime, end: datetime) -> list[Shift]:
    """Gaps of the escalation policy's rotations, less the support hours, in which the desk is staffed."""
    rotations = [name for name in targets(policy) if name not in RESERVED]
    gaps = [
        s for name in rotations for s in shifts(duty.roster, start, end, name, duty.calendars) if s.technician is None
    ]
    return [part for gap in gaps for part in _outside_hours(policy, gap)]


def gaps_begun_or_ahead(policy: Policy, duty: Duty, now: datetime, ahead: timedelta) -> list[Gap]:
    """The escalation policy's gaps that have begun and are not over, or begin before `now + ahead`, whole: with their
    own beginning and end, however far these are, so that a gap is the same one whenever it is looked at."""
    names = [n for n in targets(policy) if n in duty.roster.rotation_names and n not in RESERVED]
    whole = [gap for name in names for gap in whole_gaps(duty.roster, now, now + ahead, name, duty.calendars)]
    found = [part for gap in whole if (part := _uncovered(policy, gap))]
    return [g for g in found if (g.start is None or g.start < now + ahead) and (g.end is None or g.end > now)]


def _uncovered(policy: Policy, gap: Gap) -> Gap | None:
    """A gap from its first to its last instant outside support hours; None if the desk is staffed all through it."""
    start, end = gap.start, gap.end
    if start is not None:
        until = start + FARTHEST if end is None else min(end, start + FARTHEST)
        parts = _outside_hours(policy, Shift(gap.rotation, None, start, until))
        if not parts:
            return None
        start = parts[0].start
    if end is not None:
        since = end - FARTHEST if start is None else max(start, end - FARTHEST)
        parts = _outside_hours(policy, Shift(gap.rotation, None, since, end))
        if not parts:
            return None
        end = parts[-1].end
    return Gap(gap.rotation, start, end)


def phones(
    people: Sequence[Person], sms_dead: frozenset[str], verified_at: Mapping[str, datetime], now: datetime
) -> list[PhoneState]:
    """Everybody's phone: is the number one, are texts refused, has a drill reached it lately?"""
    return [PhoneState(p.name, tuple(_problems(p, sms_dead, verified_at.get(p.name), now))) for p in people]


def _problems(
    person: Person, sms_dead: frozenset[str], verified_at: datetime | None, now: datetime
) -> list[PhoneProblem]:
    found = []
    if normalise(person.phone) != person.phone:
        found.append(PhoneProblem.INVALID)
    elif why_never_dialled(person.phone):
        found.append(PhoneProblem.COSTLY)
    if not person.sms and not person.voice:
        found.append(PhoneProblem.NO_CHANNEL)
    if person.name in sms_dead:
        found.append(PhoneProblem.TEXTS_REFUSED)
    if verified_at is None or now - verified_at > VERIFIED_FOR:
        found.append(PhoneProblem.NO_DRILL)
    return found


def _outside_hours(policy: Policy, gap: Shift) -> list[Shift]:
    """The parts of a gap in which support is closed."""
    parts, at = [], gap.start
    for opens, closes in periods(policy.support_hours, gap.start, gap.end):
        if at < opens:
            parts.append(Shift(gap.rotation, None, at, opens, gap.override))
        at = closes
    if at < gap.end:
        parts.append(Shift(gap.rotation, None, at, gap.end, gap.override))
    return parts


# When every technician's phone is tried: once a week, by the support hours' wall clock, if the policy says so.

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
