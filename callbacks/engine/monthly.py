"""The month's report to supervisors, through the notify URLs: on the first day of the next month, once support has
opened, and once only. It goes out late rather than never if nothing of ours ran then.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from callbacks.engine.figures import judged_between
from callbacks.engine.intake import put_effects
from callbacks.engine.world import World
from callbacks.lib.wallclock import wall_time
from callbacks.messages.effects import Effect
from callbacks.policy.hours import next_open
from callbacks.reporting import compliance
from callbacks.reporting.render import report_text
from callbacks.store import notices
from callbacks.store.database import with_retries
from callbacks.store.tables import EmergencyRow

MOMENT = timedelta(microseconds=1)


def look(world: World) -> bool:
    """Tells of last month if it is time and nobody has; whether it did."""
    now = world.clock.now()
    first, last = _last_month(world, now)
    key = f"month {first:%Y-%m}"
    with world.database.read() as session:
        if notices.is_known(session, key) or not _is_time(world, last, now) or not _was_there(world, session, last):
            return False
        text = _text(world, session, first, last, now)

    def tell() -> bool:
        with world.database.write() as session:
            is_news = notices.is_news(session, key, now)
            if is_news:
                put_effects(session, None, [Effect("alarm", text=text, payload={"about": "month"})], now)
            return is_news

    told = with_retries(tell)
    world.wake.set()
    return told


def _zone(world: World) -> ZoneInfo:
    return ZoneInfo(world.policy.support_hours.timezone)


def _last_month(world: World, now: datetime) -> tuple[date, date]:
    today = wall_time(now, _zone(world)).date()
    return compliance.month_of(today.replace(day=1) - timedelta(days=1))


def _is_time(world: World, last: date, now: datetime) -> bool:
    """Since support first opened after the month; at once where it never opens."""
    _, over = compliance.span(last, last, _zone(world))
    opens = next_open(world.policy.support_hours, over - MOMENT)
    return opens is None or now >= opens


def _was_there(world: World, session: Session, last: date) -> bool:
    """There was an emergency by then: a system that is newer than the month has nothing to tell of it."""
    _, over = compliance.span(last, last, _zone(world))
    earlier = select(EmergencyRow.id).where(col(EmergencyRow.call_started_at) < over).limit(1)
    return session.exec(earlier).first() is not None


def _text(world: World, session: Session, first: date, last: date, now: datetime) -> str:
    since, until = compliance.span(first, last, _zone(world))
    found = compliance.figures(first, last, judged_between(session, since, until, now), _zone(world))
    return report_text(found, world.url(f"/compliance?month={first:%Y-%m}"))
