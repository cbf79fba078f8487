"""Summaries of emergencies: by reference, open, or of a span of time; what figures are counted from; drills."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, type_coerce
from sqlalchemy import select as select_columns
from sqlalchemy.types import TypeEngine
from sqlmodel import Session, col, select

from callbacks.delivery.delivery_policy import CallerChoice, Direction
from callbacks.delivery.outbox_row import OutboxKind
from callbacks.emergency.model import Outcome, State, id_of
from callbacks.emergency.promise import EmergencyOutcome, emergency_outcome
from callbacks.policy.model import Priority
from callbacks.store.sql import tables as t
from callbacks.store.sql.expressions import by_no_index, raw_times

PAGE = 1000


@dataclass(frozen=True, slots=True)
class Drill:
    """`seconds` from the opening to the acknowledgement; None while, or because, nobody has answered."""

    id: int
    person: str
    at: datetime
    seconds: int | None
    is_open: bool


class SqlEmergencies:
    """The questions and writes of `emergencies` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def find(self, emergency_id: int | None) -> t.Emergency | None:
        return self.session.get(t.Emergency, emergency_id) if emergency_id else None

    def each(self, since: datetime, until: datetime) -> Iterator[t.Emergency]:
        """Those of a span, oldest first, of which only some are in memory at a time."""
        after = 0
        while found := listed(self.session, since=since, until=until, after_id=after, limit=PAGE):
            yield from found
            after = found[-1].id
            self.session.expunge_all()

    def newest_id(self) -> int | None:
        return self.session.exec(select(t.Emergency.id).order_by(col(t.Emergency.id).desc()).limit(1)).first()

    def is_any_before(self, at: datetime) -> bool:
        """Whether a call that began before this opened one."""
        earlier = select(t.Emergency.id).where(col(t.Emergency.call_started_at) < at).limit(1)
        return self.session.exec(earlier).first() is not None

    def opened_since(self, since: datetime) -> int:
        return self.session.exec(select(func.count()).where(col(t.Emergency.opened_at) > since)).one()

    def count(self) -> int:
        """All of them, drills included."""
        return self.session.exec(select(func.count()).select_from(t.Emergency)).one()

    # Whose call it was: by the carrier's SID, or by the caller's number.

    def opened_by(self, key: str) -> t.Emergency | None:
        """The one that a call opened; `key`: its SID, or what stands for it."""
        return self.session.exec(select(t.Emergency).where(t.Emergency.source_key == key)).first()

    def of_call(self, sid: str) -> t.Emergency | None:
        """The one that a call opened or joined."""
        row = self.opened_by(sid)
        if row:
            return row
        seen = self.session.get(t.Carrier, sid)
        return self.session.get(t.Emergency, seen.emergency_id) if seen and seen.emergency_id else None

    def of_number(self, number: str, limit: int) -> Sequence[t.Emergency]:
        """Those that a phone called for, or is called back on, newest first."""
        return _newest(self.session, _is_of_number(number), limit)

    def open_of_number(self, number: str, besides: int, limit: int) -> Sequence[t.Emergency]:
        """The same, of the open ones."""
        mine = _is_of_number(number) & col(t.Emergency.is_open) & (col(t.Emergency.id) != besides)
        return _newest(self.session, mine, limit)

    def unreached_of_number(self, number: str, since: datetime, limit: int) -> Sequence[t.Emergency]:
        """The same, of the open ones opened after this in which nobody has reached the caller; drills left out."""
        mine = _is_of_number(number) & col(t.Emergency.is_open) & col(t.Emergency.contact_at).is_(None)
        lately = col(t.Emergency.opened_at) > since
        answered = col(t.Emergency.state).in_((State.OPEN, State.ACKNOWLEDGED))
        return _newest(self.session, mine & lately & answered & col(t.Emergency.drill).is_(False), limit)

    def opened_with(self, number: str, choices: Sequence[CallerChoice], since: datetime) -> int:
        """How many a number opened after this by calls on which it chose one of these."""
        mine = (col(t.Carrier.from_number) == number) & col(t.Carrier.choice).in_(choices)
        with_call = select(func.count()).join(t.Carrier, col(t.Carrier.sid) == t.Emergency.call_sid)
        opened = with_call.select_from(t.Emergency).where(mine, col(t.Emergency.opened_at) > since)
        return self.session.exec(opened).one()

    # Codes: which are held, and who may mean which emergency by one.

    def codes_held(self, since: datetime) -> set[str]:
        """The codes of those that are open, or were opened or worked on after this."""
        held = or_(_is_in_use(since), col(t.Emergency.last_at) > since)
        return set(self.session.exec(select(t.Emergency.code).where(held)))

    def codes_in_use(self, since: datetime) -> set[str]:
        """The codes of those that are open, or were opened after this."""
        return set(self.session.exec(select(t.Emergency.code).where(_is_in_use(since))))

    def open_with_code(self, code: str | None) -> int | None:
        query = select(t.Emergency.id).where(t.Emergency.code == code, col(t.Emergency.is_open))
        return self.session.exec(query).first()

    def told_to(self, person: str, since: datetime, *, and_open: bool) -> Sequence[t.Emergency]:
        """Those that somebody was contacted about, open or opened after this, newest first; `and_open`: all open ones
        too."""
        contacted = select(t.Outbox.emergency_id).where(t.Outbox.person == person)
        theirs = col(t.Emergency.id).in_(contacted) & _is_in_use(since)
        which = or_(theirs, col(t.Emergency.is_open)) if and_open else theirs
        return self.session.exec(select(t.Emergency).where(which).order_by(col(t.Emergency.id).desc())).all()

    # What a sweep, an outage or another version leaves to be done.

    def without_audio(self, since: datetime, unpaged_since: datetime, until: datetime) -> list[t.Emergency]:
        """Those opened in the span by a call whose recording nothing fetches, newest first; of those that woke nobody,
        because nothing is known of a message, the open ones from `unpaged_since` on."""
        known = col(t.Emergency.call_sid).is_not(None)
        unpaged = (col(t.Emergency.outcome) == Outcome.EXCLUDED) & col(t.Emergency.message_ended_at).is_(None)
        recent = (col(t.Emergency.opened_at) > since) | (
            unpaged & col(t.Emergency.is_open) & (col(t.Emergency.opened_at) > unpaged_since)
        )
        recent &= col(t.Emergency.opened_at) < until
        fetched = select(t.Outbox.id).where(
            t.Outbox.emergency_id == t.Emergency.id,
            t.Outbox.kind == OutboxKind.FETCH,
            t.Outbox.recording_sid == t.Emergency.recording_sid,
        )
        query = select(t.Emergency).where(known & recent & ~fetched.exists())
        return list(self.session.exec(query.order_by(col(t.Emergency.opened_at).desc())))

    def due_within(self, since: datetime, until: datetime) -> list[int]:
        """Those whose time from call to deadline overlaps this span."""
        touched = (col(t.Emergency.call_started_at) < until) & (col(t.Emergency.due_at) > since)
        return list(self.session.exec(select(t.Emergency.id).where(touched)))

    def outdated(self, after: int, version: int, limit: int) -> list[int]:
        """The next ones behind `after` whose summary an older version wrote."""
        old = (col(t.Emergency.id) > after) & (col(t.Emergency.version) < version)
        return list(self.session.exec(select(t.Emergency.id).where(old).order_by(col(t.Emergency.id)).limit(limit)))

    def held(self, ids: Sequence[int]) -> Sequence[t.Emergency]:
        """These, held until the transaction ends; without those that another writer holds."""
        query = select(t.Emergency).where(col(t.Emergency.id).in_(ids))
        return self.session.exec(query.with_for_update(skip_locked=True)).all()

    def outcomes(
        self, since: datetime, until: datetime, version: int, now: datetime
    ) -> tuple[list[EmergencyOutcome], list[int]]:
        """What the summaries of the calls in a half-open span tell at `now`, in no order, and the ids of those that do
        not: an older version wrote them, or a deadline passed that nothing has noted yet."""
        raw, instant = raw_times(self.session)
        is_untold = or_(
            col(t.Emergency.version) < version,
            and_(col(t.Emergency.outcome) == Outcome.PENDING, col(t.Emergency.due_at) < now),
        )
        found, untold = [], []
        for row in self.session.connection().execute(_query(is_untold, since, until, raw)).fetchall():
            if row[0]:
                untold.append(row[1])
                continue
            times = [instant(at) if at else None for at in row[-len(TIMES) :]]
            found.append(emergency_outcome(now, *row[1 : -len(TIMES)], *times))
        return found, untold

    def drills_open_since(self, before: datetime) -> Sequence[Drill]:
        """Those begun before this that are open still: nobody has answered them."""
        is_old = col(t.Emergency.drill) & col(t.Emergency.is_open) & (col(t.Emergency.opened_at) < before)
        return _drills(self.session, list(self.session.exec(select(t.Emergency).where(is_old))))

    def somebody_waits(self) -> bool:
        """Whether a callback is owed on a P1: neither reached nor tried in vain."""
        row = t.Emergency
        waits = (
            col(row.is_open)
            & col(row.drill).is_(False)
            & (col(row.priority) == Priority.P1)
            & col(row.contact_at).is_(None)
        )
        owed = waits & col(row.outcome).in_((Outcome.PENDING, Outcome.MISSED))
        return self.session.exec(select(row.id).where(owed).limit(1)).first() is not None


def by_ref(session: Session, ref: str) -> t.Emergency | None:
    return SqlEmergencies(session).find(id_of(ref))


def listed(
    session: Session,
    *,
    is_open: bool | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after_id: int = 0,
    limit: int | None = None,
    person: str | None = None,
) -> list[t.Emergency]:
    """Oldest first; of one person when they are named. `since` and `until` bound the start of the call, half-open."""
    query = select(t.Emergency).where(col(t.Emergency.id) > after_id).order_by(col(t.Emergency.id))
    if is_open is not None:
        query = query.where(col(t.Emergency.is_open).is_(is_open))
    if person is not None:
        query = query.where(of_person(person))
    if since:
        query = query.where(col(t.Emergency.call_started_at) >= since)
    if until:
        query = query.where(col(t.Emergency.call_started_at) < until)
    return list(session.exec(query.limit(limit) if limit else query))


def has_real(session: Session) -> bool:
    """Whether there is any beside drills."""
    return session.exec(select(t.Emergency.id).where(col(t.Emergency.drill).is_(False)).limit(1)).first() is not None


def of_person(person: str) -> ColumnElement[bool]:
    """Emergencies that are somebody's own: paged for it, handed to them, or theirs now."""
    paged = select(t.Outbox.emergency_id).where(t.Outbox.person == person)
    return (col(t.Emergency.acknowledged_by) == person) | col(t.Emergency.id).in_(paged)


def open_by_deadline(session: Session, person: str | None, limit: int, skip: int = 0) -> tuple[list[t.Emergency], int]:
    """The open ones, earliest deadline first, and how many there are; of one person when they are named."""
    which: ColumnElement[bool] = col(t.Emergency.is_open).is_(True)
    if person is not None:
        which &= of_person(person)
    query = select(t.Emergency).where(which).order_by(col(t.Emergency.due_at), col(t.Emergency.id))
    total = session.exec(select(func.count()).select_from(t.Emergency).where(which)).one()
    return list(session.exec(query.offset(skip).limit(limit))), total


def closed_since(session: Session, since: datetime, person: str | None, limit: int) -> list[t.Emergency]:
    """Those whose call began since then and that are over, newest first; drills left out."""
    which = (col(t.Emergency.call_started_at) >= since) & by_no_index(t.Emergency.is_open).is_(False)
    which &= col(t.Emergency.drill).is_(False)
    if person is not None:
        which &= of_person(person)
    return list(session.exec(select(t.Emergency).where(which).order_by(col(t.Emergency.id).desc()).limit(limit)))


# What is measured of the system, drills left out.


def open_by_state(session: Session) -> Sequence[tuple[str, str, int]]:
    """How many open ones are in which state, with which outcome."""
    live = col(t.Emergency.is_open) & col(t.Emergency.drill).is_(False)
    query = select(t.Emergency.state, t.Emergency.outcome, func.count()).where(live)
    return session.exec(query.group_by(col(t.Emergency.state), col(t.Emergency.outcome))).all()


def waiting(session: Session, at_risk_until: datetime) -> tuple[int, int]:
    """How many open ones nobody has, and for how many nobody has tried that are due by then."""
    live = col(t.Emergency.is_open) & col(t.Emergency.drill).is_(False) & col(t.Emergency.contact_at).is_(None)
    nobodys = live & col(t.Emergency.acknowledged_by).is_(None)
    close = live & col(t.Emergency.first_attempt_at).is_(None) & (col(t.Emergency.due_at) <= at_risk_until)
    count = select(func.count()).select_from(t.Emergency)
    return session.exec(count.where(nobodys)).one(), session.exec(count.where(close)).one()


def due_by_outcome(session: Session, after: datetime, until: datetime) -> Sequence[tuple[str, int]]:
    """How the promises due in a span ended: by index, whatever the table holds."""
    past = (col(t.Emergency.due_at) > after) & (col(t.Emergency.due_at) <= until)
    query = select(t.Emergency.outcome, func.count()).where(past & col(t.Emergency.drill).is_(False))
    return session.exec(query.group_by(col(t.Emergency.outcome))).all()


def _is_of_number(number: str) -> ColumnElement[bool]:
    called = select(t.Carrier.sid).where(t.Carrier.from_number == number, t.Carrier.direction == Direction.INBOUND)
    return (col(t.Emergency.number) == number) | col(t.Emergency.call_sid).in_(called)


def _newest(session: Session, which: ColumnElement[bool], limit: int) -> Sequence[t.Emergency]:
    return session.exec(select(t.Emergency).where(which).order_by(col(t.Emergency.id).desc()).limit(limit)).all()


def _is_in_use(since: datetime) -> ColumnElement[bool]:
    return or_(col(t.Emergency.is_open), col(t.Emergency.opened_at) > since)


# What figures are counted from: the summaries of a period, without any ledger.
# A month may hold tens of thousands.

TIMES = (
    "clock_started_at",
    "due_at",
    "first_page_at",
    "first_acknowledged_at",
    "contact_at",
    "resolve_due_at",
    "resolved_at",
    "withdrawn_at",
)


def outcome_of(row: t.Emergency, now: datetime) -> EmergencyOutcome:
    """The same of a summary at hand; one of an older version counts from the call, and resolves by its deadline."""
    return emergency_outcome(
        now,
        row.id,
        row.outcome,
        row.evidence,
        row.seconds,
        row.our_outage,
        row.first_priority or row.priority,
        row.coverage,
        row.contact_by or row.acknowledged_by,
        row.name or row.number,
        row.clock_started_at or row.call_started_at,
        row.due_at,
        row.first_page_at,
        row.first_acknowledged_at,
        row.contact_at,
        row.resolve_due_at or row.due_at,
        row.resolved_at,
        row.withdrawn_at,
    )


def _query(is_untold: ColumnElement[bool], since: datetime, until: datetime, raw: TypeEngine[Any]) -> Select[Any]:
    row = t.Emergency
    columns: list[Any] = [
        is_untold,
        row.id,
        row.outcome,
        row.evidence,
        row.seconds,
        row.our_outage,
        row.first_priority,
        row.coverage,
        func.coalesce(row.contact_by, row.acknowledged_by),
        func.coalesce(row.name, row.number),
        *(type_coerce(getattr(row, name), raw) for name in TIMES),
    ]
    in_span = and_(col(row.call_started_at) >= since, col(row.call_started_at) < until)
    return select_columns(*columns).where(in_span)


# Drills that were held: whom they paged, and how soon somebody answered.


def latest_drills(session: Session, limit: int) -> Sequence[Drill]:
    """The newest first."""
    query = select(t.Emergency).where(col(t.Emergency.drill)).order_by(col(t.Emergency.opened_at).desc())
    return _drills(session, list(session.exec(query.limit(limit))))


def _drills(session: Session, rows: Sequence[t.Emergency]) -> list[Drill]:
    paged = select(t.Outbox.emergency_id, t.Outbox.person).where(
        col(t.Outbox.emergency_id).in_([r.id for r in rows]), col(t.Outbox.person).is_not(None)
    )
    people = dict(session.exec(paged).all())
    return [_drill(row, people.get(row.id) or "") for row in rows]


def _drill(row: t.Emergency, person: str) -> Drill:
    answered = row.first_acknowledged_at or row.acknowledged_at
    seconds = round((answered - row.opened_at).total_seconds()) if answered else None
    return Drill(row.id, row.acknowledged_by or person, row.opened_at, seconds, row.is_open)
