"""The weekly drills: every technician's phone is tried, and supervisors hear of one that stays silent.

- One is begun at a look, so that a real page waits for one text at most.
- None is begun while a customer waits to be called back.
- A drill that nobody answers is ended, whoever began it, so that it does not ring for ever.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from callbacks.engine import drills
from callbacks.engine.alarms import to_supervisors
from callbacks.engine.intake import put_effects, ref_of
from callbacks.engine.world import World
from callbacks.oncall.coverage import Duty, due_day
from callbacks.store import drills as held
from callbacks.store import notices
from callbacks.store.database import with_retries

SILENT_FOR = timedelta(minutes=10, seconds=30)  # the command `drill` waits for ten and ends its own


def look(world: World) -> None:
    """Ends the silent ones, then begins the next one that is due."""
    end_silent(world)
    begin_next(world)


def begin_next(world: World) -> None:
    """The next technician of this week's drills, if it is time and no customer waits."""
    now = world.clock.now()
    day = due_day(world.policy.drills, now, ZoneInfo(world.policy.support_hours.timezone))
    if day is None:
        return

    def once() -> bool:
        with world.database.write() as session:
            if held.somebody_waits(session):
                return False
            for name in _with_a_phone(world.duty(session)):
                if notices.is_news(session, f"drill {day} {name}", now):
                    drills.open_drill(world, session, name)
                    return True
            return False

    if with_retries(once):
        world.wake.set()


def end_silent(world: World) -> None:
    """Told first, then ended: stopped in between, it is ended by the next look."""
    now = world.clock.now()
    with world.database.read() as session:
        silent = held.open_since(session, now - SILENT_FOR)
    for drill in silent:
        with_retries(lambda d=drill: _tell(world, d, now))  # type: ignore[misc]
        drills.end(world, drill.id)


def _tell(world: World, drill: held.Drill, now: datetime) -> None:
    with world.database.write() as session:
        if notices.is_news(session, f"drill silent {drill.id}", now):
            duty, who = world.duty(session), drill.person
            person = duty.full_name(who)
            told = to_supervisors(duty, "drill-silent", besides=who, person=person, ref=ref_of(drill.id))
            put_effects(session, None, told, now)


def _with_a_phone(duty: Duty) -> list[str]:
    found = (duty.contact(technician.name) for technician in duty.roster.technicians)
    return [contact.name for contact in found if contact and contact.channels]
