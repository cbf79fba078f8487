"""The turns themselves: both people hear of a handoff, supervisors of one that nobody confirms and of gaps ahead.

- Only what lies ahead or has just happened is told: a restart never tells of last week.
- A turn changes by the rule (`look`) or because another roster was put in force (`take_over`); each is told once.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from callbacks.engine.context import EngineContext
from callbacks.engine.notify import notify
from callbacks.messages import wording
from callbacks.oncall.coverage import Contact, Duty, gaps_begun_or_ahead
from callbacks.oncall.roster_change import takeovers
from callbacks.oncall.schedule import Gap, Shift, on_call, shifts
from callbacks.store.interface import Transaction
from callbacks.store.rows import HandoffRow

JUST_NOW = timedelta(minutes=5)
LOOK_BACK = timedelta(days=9)
LOOK_AHEAD = timedelta(days=32)
TIME_TO_CONFIRM = timedelta(minutes=15)
TOLD_FOR = timedelta(hours=6)
GAPS_AHEAD = timedelta(hours=36)


def check_handoffs(context: EngineContext) -> None:
    """One look: handoffs that have just happened, those unconfirmed, and gaps ahead."""

    def once(session: Transaction) -> None:
        now, duty = context.clock.now(), context.duty(session)
        _handoffs(session, duty, now)
        _unconfirmed(session, duty, now)
        _gaps(context, session, duty, now)

    context.commit(once)


def take_over(session: Transaction, before: Duty, after: Duty, now: datetime, rotation: str | None = None) -> None:
    """Both people hear of a turn that another roster, or a rotation's calendar, has just given to somebody else."""
    for change in takeovers(before, after, now):
        if rotation not in (None, change.rotation):
            continue
        row = HandoffRow(
            rotation=change.rotation,
            at=now,
            until=change.until,
            outgoing=change.outgoing,
            incoming=change.incoming or "",
            told_at=now,
        )
        if change.incoming is None:
            notify(session, _contact(before, change.outgoing), "handoff-taken", now, rotation=change.rotation)
        elif session.notices.add_handoff(row):
            _tell(session, after, row, now, before)


def confirm(session: Transaction, duty: Duty, person: str, language: str, now: datetime) -> str:
    """The answer to `ready`."""
    found = session.notices.confirm(person, now)
    if not found:
        return wording.general("no-handoff", language)
    return wording.general("handoff-confirmed", language, rotation=", ".join(row.rotation for row in found))


def _handoffs(session: Transaction, duty: Duty, now: datetime) -> None:
    for rotation in duty.roster.rotation_names:
        change = _change(duty, rotation, now)
        if change is None:
            continue
        before, after = change
        if session.notices.is_told(rotation, after.technician or "", after.start):
            continue
        row = HandoffRow(
            rotation=rotation,
            at=after.start,
            until=after.end,
            outgoing=before,
            incoming=after.technician or "",
            told_at=now,
        )
        if session.notices.add_handoff(row):
            _tell(session, duty, row, now)


def _change(duty: Duty, rotation: str, now: datetime) -> tuple[str | None, Shift] | None:
    """Who had the rotation last, and the shift of somebody else that began just now."""
    line = shifts(duty.roster, now - LOOK_BACK, now + LOOK_AHEAD, rotation, duty.calendars)
    begun = [s for s in line if s.start <= now and s.technician]
    if not begun or begun[-1].end <= now or now - begun[-1].start > JUST_NOW:
        return None
    before = begun[-2].technician if len(begun) > 1 else None
    return None if before == begun[-1].technician else (before, begun[-1])


def _tell(session: Transaction, duty: Duty, row: HandoffRow, now: datetime, earlier: Duty | None = None) -> None:
    """`earlier` knows those who have left the roster with their turn."""
    until = partial(wording.local_day, row.until, duty.roster.timezone)
    notify(session, _contact(duty, row.incoming), "handoff-in", now, rotation=row.rotation, until=until)
    outgoing = _contact(duty, row.outgoing) or (_contact(earlier, row.outgoing) if earlier else [])
    person = duty.roster.display_name(row.incoming)
    notify(session, outgoing, "handoff-out", now, rotation=row.rotation, person=person)


def _contact(duty: Duty, name: str | None) -> list[Contact]:
    contact = duty.contact(name) if name else None
    return [contact] if contact else []


def _unconfirmed(session: Transaction, duty: Duty, now: datetime) -> None:
    """Who has lost the turn meanwhile need not confirm it any more."""
    present = on_call(duty.roster, now, duty.calendars)
    for row in session.notices.unconfirmed(now - TIME_TO_CONFIRM, now - TOLD_FOR):
        if present.get(row.rotation) != row.incoming:
            continue
        session.notices.escalate(row, now)
        notify(
            session,
            duty.supervisors,
            "handoff-unconfirmed",
            now,
            rotation=row.rotation,
            person=duty.roster.display_name(row.incoming),
            since=wording.local_time(row.at, duty.roster.timezone),
        )


def _gaps(context: EngineContext, session: Transaction, duty: Duty, now: datetime) -> None:
    """Each gap of the escalation policy's rotations is told once ahead, GAPS_AHEAD before it where it is known that
    early, and once when it begins; a gap with another beginning or end is another one. The key holds no time."""
    unread = session.feeds.unread(duty.roster)
    for gap in gaps_begun_or_ahead(context.policy, duty, now, GAPS_AHEAD):
        if gap.rotation in unread:
            continue
        if session.notices.is_news(gap_key(gap, now), now):
            _tell_of_gap(session, duty, gap, now)


def gap_key(gap: Gap, now: datetime) -> str:
    """What a gap was told under: the gap and whether it has begun, and nothing else of the clock."""
    start, end = (at.isoformat() if at else "-" for at in (gap.start, gap.end))
    return f"gap {gap.rotation} {start} {end} {'begun' if gap.has_begun(now) else 'ahead'}"


def _tell_of_gap(session: Transaction, duty: Duty, gap: Gap, now: datetime) -> None:
    slug = ("gap-now" if gap.has_begun(now) else "gap-ahead") + ("" if gap.end else "-open")

    def day(at: datetime | None) -> Callable[[str], str]:
        return lambda language: wording.local_day(at, duty.roster.timezone, language, now) if at else ""

    notify(session, duty.supervisors, slug, now, rotation=gap.rotation, start=day(gap.start), end=day(gap.end))
