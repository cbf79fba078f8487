"""Is tonight covered? Gaps that matter, who would be paged when, and whose phone would not ring. Future only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from callbacks.duty import Duty
from callbacks.hours import periods
from callbacks.phone import normalise, why_never_dialled
from callbacks.policy import Policy
from callbacks.roster import RESERVED, Person
from callbacks.schedule import Shift, shifts

HOUR = timedelta(hours=1)
VERIFIED_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Hour:
    """Who would be paged in an hour, by the ladder's targets in order; a target with nobody is empty."""

    start: datetime
    paged: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class PhoneState:
    """What stands against a person's phone; empty when nothing does."""

    name: str
    problems: tuple[str, ...]


def targets(policy: Policy) -> tuple[str, ...]:
    """Whom the ladder pages, each once, in order."""
    return tuple(dict.fromkeys(step.page for step in policy.escalation))


def uncovered(policy: Policy, duty: Duty, start: datetime, end: datetime) -> list[Shift]:
    """Gaps of the ladder's rotations, less the support hours, in which the desk is staffed."""
    rotations = [name for name in targets(policy) if name not in RESERVED]
    gaps = [
        s for name in rotations for s in shifts(duty.roster, start, end, name, duty.calendars) if s.technician is None
    ]
    return [part for gap in gaps for part in _outside_hours(policy, gap)]


def by_hour(policy: Policy, duty: Duty, start: datetime, hours: int = 24) -> list[Hour]:
    """Who would be paged in each of the next hours."""
    instants = [start + n * HOUR for n in range(hours)]
    return [Hour(at, {t: tuple(c.name for c in duty.people(t, at)) for t in targets(policy)}) for at in instants]


def phones(
    people: Sequence[Person], sms_dead: frozenset[str], verified_at: Mapping[str, datetime], now: datetime
) -> list[PhoneState]:
    """Everybody's phone: is the number one, are texts refused, has a drill reached it lately?"""
    return [PhoneState(p.name, tuple(_problems(p, sms_dead, verified_at.get(p.name), now))) for p in people]


def _problems(person: Person, sms_dead: frozenset[str], verified_at: datetime | None, now: datetime) -> list[str]:
    found = []
    if normalise(person.phone) != person.phone:
        found.append("the number is not a valid one")
    elif why_never_dialled(person.phone):
        found.append("the number is a premium or service number")
    if not person.sms and not person.voice:
        found.append("neither texts nor calls are allowed")
    if person.name in sms_dead:
        found.append("texts are refused: START must be sent from that phone")
    if verified_at is None or now - verified_at > VERIFIED_FOR:
        found.append(f"no drill has reached it in the last {VERIFIED_FOR.days} days")
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
