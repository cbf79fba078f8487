"""Whose phone would ring: person by channel and last drill, and the drills that were held."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from callbacks.lib.phone import why_never_dialled
from callbacks.oncall.coverage import VERIFIED_FOR, Duty
from callbacks.oncall.roster import Person
from callbacks.store import drills
from callbacks.store.drills import Drill
from callbacks.store.tables import PersonRow

MOST_DRILLS = 10


@dataclass(frozen=True, slots=True)
class Readiness:
    """One person's phone. `texts` and `calls` are on, off or refused; `is_recent` says whether a drill reached it
    lately."""

    person: Person
    texts: str
    calls: str
    is_number: bool
    drilled_at: datetime | None
    is_recent: bool


def matrix(session: Session, duty: Duty, now: datetime) -> list[Readiness]:
    """Everybody of the roster, in its order."""
    rows = {row.name: row.verified_at for row in session.exec(select(PersonRow))}
    return [_of(p, p.name in duty.sms_dead, rows.get(p.name), now) for p in duty.roster.people]


def held(session: Session) -> Sequence[Drill]:
    """The last drills, newest first."""
    return drills.latest(session, MOST_DRILLS)


def _of(person: Person, is_refused: bool, drilled_at: datetime | None, now: datetime) -> Readiness:
    texts = "refused" if is_refused else "on" if person.sms else "off"
    is_recent = drilled_at is not None and now - drilled_at <= VERIFIED_FOR
    return Readiness(
        person, texts, "on" if person.voice else "off", why_never_dialled(person.phone) is None, drilled_at, is_recent
    )
