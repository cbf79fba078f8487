"""A change of turns as somebody wishes it (an override, a swap, an override taken out): read from the form, its effect
shown, put down in the roster."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from starlette.datastructures import FormData

from app.auth.rights import Principal
from app.runtime import App
from callbacks.engine.jobs.roster_publication import hold, put_in_force
from callbacks.lib.sentence import Sentence, sentence
from callbacks.lib.wallclock import wall_time
from callbacks.oncall.coverage import Duty
from callbacks.oncall.roster import Override, Roster, write_roster
from callbacks.oncall.roster_change import Change, change, takeovers
from callbacks.oncall.schedule import Shift, override_span, shifts
from callbacks.store.sql import people
from callbacks.store.sql.transaction import Transaction

LONGEST = timedelta(days=92)
LONGEST_REASON = 200
SWAPPABLE = timedelta(days=35)
LOOK_BACK = timedelta(days=35)
MOST_SHIFTS = 40


class Refused(Exception):
    """The wish cannot be; `why` says what would be right."""

    def __init__(self, why: Sentence) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Wish:
    """Overrides to put in (two for a swap) or to take out, and why."""

    reason: str
    added: tuple[Override, ...] = ()
    removed: tuple[Override, ...] = ()

    def digest(self, roster: Roster) -> str:
        """Of the wish and of the roster it was shown for."""
        return hashlib.sha256(f"{self!r}\n{write_roster(roster)}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Effect:
    """What saving would do. `told` hear of it at once by text; `untold` would have to, and take no texts."""

    changes: tuple[Change, ...]
    told: tuple[str, ...]
    untold: tuple[str, ...]

    @property
    def is_none(self) -> bool:
        return all(c.is_none for c in self.changes)


# --- what is wished ---


def override_of(form: FormData, duty: Duty, now: datetime) -> Wish:
    """One override: rotation, who, from, to, why. Raises Refused."""
    rotation, technician = _text(form, "rotation"), _text(form, "technician")
    if rotation not in duty.roster.rotation_names:
        raise Refused(sentence("Choose a rotation from the roster"))
    if technician and technician not in {t.name for t in duty.roster.technicians}:
        raise Refused(sentence("Choose a technician from the roster, or nobody"))
    override = Override(rotation, technician, _wall(form, "from"), _wall(form, "to"))
    if not override.start < override.end <= override.start + LONGEST:
        raise Refused(sentence("The end must come after the start, within three months"))
    start, end = override_span(duty.roster, override)
    if start >= end:
        raise Refused(sentence("The clocks go forward then: these times do not exist on that day"))
    if end <= now:
        raise Refused(sentence("That is already over; choose an end in the future"))
    return Wish(_reason(form), added=(override,))


def swap_of(form: FormData, duty: Duty, now: datetime) -> Wish:
    """Two people exchange two shifts: an override for each. Raises Refused."""
    known = {key(s): s for s in swappable(duty, now)}
    first, second = known.get(_text(form, "first")), known.get(_text(form, "second"))
    if first is None or second is None:
        raise Refused(sentence("Choose two shifts from the lists; a shift that is no longer listed has changed"))
    if first.technician == second.technician:
        raise Refused(sentence("Choose shifts of two people"))
    pairs = ((first, second.technician), (second, first.technician))
    return Wish(_reason(form), added=tuple(_given(shift, name or "", duty, now) for shift, name in pairs))


def removal_of(form: FormData, duty: Duty, now: datetime) -> Wish:
    """An override that has not begun goes away. Raises Refused."""
    found = next((o for o in removable(duty, now) if override_key(o) == _text(form, "override")), None)
    if found is None:
        raise Refused(sentence("Only an upcoming override can be removed; add another one over it instead"))
    return Wish(_reason(form), removed=(found,))


READERS: dict[str, Callable[[FormData, Duty, datetime], Wish]] = {
    "override": override_of,
    "swap": swap_of,
    "removal": removal_of,
}


def swappable(duty: Duty, now: datetime) -> list[Shift]:
    """Everybody's shifts of the coming weeks with their true beginnings, by rotation; not one whose end is not near."""
    found: list[Shift] = []
    for name in duty.roster.rotation_names:
        line = shifts(duty.roster, now - LOOK_BACK, now + SWAPPABLE, name, duty.calendars)
        mine = [s for s in line if s.technician and now < s.end < now + SWAPPABLE]
        found += mine[:MOST_SHIFTS]
    return found


def removable(duty: Duty, now: datetime) -> list[Override]:
    """Overrides that lie ahead, the next one first."""
    ahead = [o for o in duty.roster.overrides if override_span(duty.roster, o)[0] > now]
    return sorted(ahead, key=lambda o: (o.start, o.rotation))


def key(shift: Shift) -> str:
    """A shift in a form."""
    return f"{shift.rotation} {shift.technician} {shift.end.isoformat()}"


def override_key(o: Override) -> str:
    """An override in a form."""
    return f"{o.rotation} {o.technician or '-'} {o.start.isoformat()} {o.end.isoformat()}"


# --- what it does ---


def effect_of(app: App, wish: Wish, duty: Duty, now: datetime) -> Effect:
    """Before and after, per rotation that is touched, and who hears of it now."""
    new = replace(duty, roster=duty.roster.with_overrides(wish.added, wish.removed))
    touched = (*wish.added, *wish.removed)
    changes = []
    for name in dict.fromkeys(o.rotation for o in touched):
        spans = [override_span(duty.roster, o) for o in touched if o.rotation == name]
        start, end = min(s for s, _ in spans), max(e for _, e in spans)
        changes.append(change(app.context.policy, duty, new, name, start, end))
    concerned = {n for t in takeovers(duty, new, now) for n in (t.outgoing, t.incoming) if n}
    able = {n for n in concerned if (c := new.contact(n)) and c.takes_texts}
    return Effect(tuple(changes), tuple(sorted(able)), tuple(sorted(concerned - able)))


def put_down(app: App, who: Principal, wish: Wish, seen: str) -> bool:
    """Puts the changed roster in force, all or nothing; whoever's turn changes now is told. False, and nothing is
    done, when the roster is not the one any more that `seen` was shown for."""
    now = app.context.clock.now()

    def once(session: Transaction) -> bool:
        hold(session)
        if seen != wish.digest(session.people.current_roster()):
            return False
        author = (who.name, who.via)
        put = partial(people.change_overrides, session, wish.added, wish.removed, author, wish.reason, now)
        put_in_force(session, now, put)
        return True

    return app.commit(once)


def _given(shift: Shift, technician: str, duty: Duty, now: datetime) -> Override:
    """The shift, or what is left of it, for somebody else."""
    zone = duty.zone(shift.rotation)
    start = wall_time(max(shift.start, now), zone).replace(second=0, microsecond=0)
    return Override(shift.rotation, technician, start, wall_time(shift.end, zone))


def _reason(form: FormData) -> str:
    typed = _text(form, "reason")
    words = " ".join("".join(c if c.isprintable() else " " for c in typed).split())
    if not words:
        raise Refused(sentence("Give a reason; it is saved in the roster and the audit log"))
    if len(typed) > LONGEST_REASON:
        raise Refused(sentence("A reason has at most %(n)s characters", n=LONGEST_REASON))
    return words


def _wall(form: FormData, name: str) -> datetime:
    at: datetime | None
    try:
        at = datetime.fromisoformat(_text(form, name).strip())
    except ValueError:
        at = None
    if at is None or at.tzinfo or not 2000 <= at.year < 2100:
        raise Refused(sentence("Give times in the rotation's time zone, such as 2026-11-24T18:00"))
    return at.replace(second=0, microsecond=0)


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""
