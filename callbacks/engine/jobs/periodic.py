"""Short jobs, twice a minute: weekly drills, the month's report, summaries of an older version."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import structlog

from callbacks.delivery.outbox_row import OutboxKind
from callbacks.emergency.model import ref_of
from callbacks.engine.context import EngineContext
from callbacks.engine.intake import summary
from callbacks.engine.intake.handle import put_effects
from callbacks.engine.jobs import checkpoints, drills, handoff_notices
from callbacks.engine.jobs.export import Story, folded, outcomes_between
from callbacks.engine.notify import notify
from callbacks.lib.wallclock import wall_time
from callbacks.messages.effects import Effect
from callbacks.oncall.coverage import Duty, due_day
from callbacks.policy.hours import next_open
from callbacks.reporting import compliance
from callbacks.reporting.compliance import report_text
from callbacks.store.interface import Transaction
from callbacks.store.rows import Drill

# The month's report to supervisors, through the notify URLs: on the first day of the next month, once support has
# opened, and once only. It goes out late rather than never if nothing of ours ran then.

MOMENT = timedelta(microseconds=1)


def send_monthly_report(context: EngineContext) -> bool:
    """Tells of last month if it is time and nobody has; whether it did."""
    now = context.clock.now()
    first, last = _last_month(context, now)
    key = f"month {first:%Y-%m}"
    with context.database.read() as session:
        if session.notices.is_known(key) or not _is_time(context, last, now) or not _was_there(context, session, last):
            return False
        text = _text(context, session, first, last, now)

    def tell(session: Transaction) -> bool:
        is_news = session.notices.is_news(key, now)
        if is_news:
            put_effects(session, None, [Effect(OutboxKind.ALARM, text=text, payload={"about": "month"})], now)
        return is_news

    return context.commit(tell)


def _zone(context: EngineContext) -> ZoneInfo:
    return ZoneInfo(context.policy.support_hours.timezone)


def _last_month(context: EngineContext, now: datetime) -> tuple[date, date]:
    today = wall_time(now, _zone(context)).date()
    return compliance.month_of(today.replace(day=1) - timedelta(days=1))


def _is_time(context: EngineContext, last: date, now: datetime) -> bool:
    """Since support first opened after the month; at once where it never opens."""
    _, over = compliance.span(last, last, _zone(context))
    opens = next_open(context.policy.support_hours, over - MOMENT)
    return opens is None or now >= opens


def _was_there(context: EngineContext, session: Transaction, last: date) -> bool:
    """There was an emergency by then: a system that is newer than the month has nothing to tell of it."""
    _, over = compliance.span(last, last, _zone(context))
    return session.emergencies.is_any_before(over)


def _text(context: EngineContext, session: Transaction, first: date, last: date, now: datetime) -> str:
    since, until = compliance.span(first, last, _zone(context))
    found = compliance.figures(first, last, outcomes_between(session, since, until, now), _zone(context))
    return report_text(found, context.url(f"/compliance?month={first:%Y-%m}"))


# Summaries of an older version are made anew from their ledgers, a batch at a time, beside the work.
#
# - Only what a summary says is written: never when it wakes, nor who works on it.
# - The verdict is the one of the last fact's time, as every summary's is; a deadline since is the timer's to pass.
# - Cheap when there is nothing to do: it goes on where it stopped, so that old rows are looked through once a start.

log = structlog.get_logger()
BATCH = 200
MOST_BATCHES = 20


class SummaryBackfill:
    """One per node; `look` is called again and again from one thread."""

    def __init__(self, context: EngineContext) -> None:
        self._context, self._through = context, 0

    def look(self) -> int:
        """Up to MOST_BATCHES batches; how many summaries were made anew."""
        done = 0
        for _ in range(MOST_BATCHES):
            ids = self._outdated()
            if not ids:
                break
            done += self._renew(ids)
            self._through = ids[-1]
        if done:
            log.info("summaries.renewed", n=done, through=self._through)
        return done

    def _outdated(self) -> list[int]:
        """The next ones; when there are none, the place to go on from is the end."""
        with self._context.database.read() as session:
            newest = session.emergencies.newest_id()
            if newest is None or newest <= self._through:
                return []
            found = session.emergencies.outdated(self._through, summary.VERSION, BATCH)
            if not found:
                self._through = newest
            return found

    def _renew(self, ids: list[int]) -> int:
        """Folded first, with no transaction of ours in anybody's way. What moved on meanwhile, or what another writer
        holds, is left: the next fact writes it anew."""
        with self._context.database.read() as session:
            stories = folded(session, ids)
        return self._context.database.transact(lambda session: self._write(session, stories))

    def _write(self, session: Transaction, stories: dict[int, Story]) -> int:
        done = 0
        for row in session.emergencies.held(list(stories)):
            e, last = stories[row.id]
            if row.last_seq == last.seq and row.version < summary.VERSION:
                fresh = summary.refreshed(row, e, last.recorded_at)
                session.emergencies.change(row, replace(fresh, last_kind=last.kind, last_at=last.at))
                done += 1
        return done


# The weekly drills: every technician's phone is tried, and supervisors hear of one that stays silent.
#
# - One is begun at a look, so that a real page waits for one text at most.
# - None is begun while a customer waits to be called back.
# - A drill that nobody answers is ended, whoever began it, so that it does not ring for ever.

SILENT_FOR = timedelta(minutes=10, seconds=30)  # the command `drill` waits for ten and ends its own


def hold_weekly_drills(context: EngineContext) -> None:
    """Ends the silent ones, then begins the next one that is due."""
    end_silent(context)
    begin_next(context)


def begin_next(context: EngineContext) -> None:
    """The next technician of this week's drills, if it is time and no customer waits."""
    now = context.clock.now()
    day = due_day(context.policy.drills, now, ZoneInfo(context.policy.support_hours.timezone))
    if day is None:
        return

    def once(session: Transaction) -> bool:
        if session.emergencies.somebody_waits():
            return False
        for name in _with_a_phone(context.duty(session)):
            if session.notices.is_news(f"drill {day} {name}", now):
                drills.open_drill(context, session, name)
                return True
        return False

    context.commit(once)


def end_silent(context: EngineContext) -> None:
    """Told first, then ended: stopped in between, it is ended by the next look."""
    now = context.clock.now()
    with context.database.read() as session:
        silent = session.emergencies.drills_open_since(now - SILENT_FOR)
    for drill in silent:
        context.database.transact(partial(_tell, context, drill=drill, now=now))
        drills.end(context, drill.id)


def _tell(context: EngineContext, session: Transaction, drill: Drill, now: datetime) -> None:
    if session.notices.is_news(f"drill silent {drill.id}", now):
        duty, who = context.duty(session), drill.person
        person = duty.roster.display_name(who)
        others = [s for s in duty.supervisors if s.name != who]
        notify(session, others, "drill-silent", now, person=person, ref=ref_of(drill.id))


def _with_a_phone(duty: Duty) -> list[str]:
    found = (duty.contact(technician.name) for technician in duty.roster.technicians)
    return [contact.name for contact in found if contact and contact.channels]


def periodic_jobs(context: EngineContext) -> dict[str, Callable[[], object]]:
    """Each look by its name, in their order."""
    return {
        "handoffs": lambda: handoff_notices.check_handoffs(context),
        "drills": lambda: hold_weekly_drills(context),
        "checkpoints": lambda: checkpoints.look(context),
        "monthly": lambda: send_monthly_report(context),
        "summaries": SummaryBackfill(context).look,
    }
