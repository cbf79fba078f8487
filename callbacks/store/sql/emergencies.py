"""Summaries of emergencies: by reference, open, or of a span of time; what figures are counted from; drills."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, func, or_, type_coerce, update
from sqlalchemy import select as select_columns
from sqlalchemy.types import TypeEngine
from sqlmodel import Session, col, select

from callbacks.delivery.delivery_policy import CallerChoice, Direction
from callbacks.delivery.outbox_row import OutboxKind
from callbacks.emergency.model import Outcome, State, id_of
from callbacks.emergency.promise import EmergencyOutcome, emergency_outcome
from callbacks.policy.model import Priority
from callbacks.store.rows import Drill, EmergencyRow
from callbacks.store.sql import tables as t
from callbacks.store.sql.carrier import CARRIER
from callbacks.store.sql.expressions import by_no_index, raw_times
from callbacks.store.sql.values import Values
from callbacks.store.summaries import drill_of

PAGE = 1000


EMERGENCIES = Values(t.Emergency, EmergencyRow)
_E, _CARRIER, _OUTBOX = EMERGENCIES.table.c, CARRIER.table.c, t.Outbox.__table__.c  # type: ignore[attr-defined]
_NUMBER: BindParameter[str] = bindparam("number")
_SINCE: BindParameter[datetime] = bindparam("since")
_NOW: BindParameter[datetime] = bindparam("now")
_LIMIT: BindParameter[int] = bindparam("limit")
_CALLED = select_columns(_CARRIER.sid).where(_CARRIER.from_number == _NUMBER, _CARRIER.direction == Direction.INBOUND)
_OF_NUMBER = (_E.number == _NUMBER) | _E.call_sid.in_(_CALLED)
_OPENED_SINCE = _E.opened_at > _SINCE
_IN_USE = or_(_E.is_open, _OPENED_SINCE)
_NEWEST = EMERGENCIES.select().order_by(_E.id.desc())
_CODE = select_columns(_E.code)

_FIND = EMERGENCIES.select().where(_E.id == bindparam("id"))
_EACH = (
    EMERGENCIES.select()
    .where(_E.call_started_at >= _SINCE, _E.call_started_at < bindparam("until"), _E.id > bindparam("after"))
    .order_by(_E.id)
    .limit(PAGE)
)
_OPENED_BY = EMERGENCIES.select().where(_E.source_key == bindparam("key"))
_JOINED_BY = (
    EMERGENCIES.select().join(CARRIER.table, _CARRIER.emergency_id == _E.id).where(_CARRIER.sid == bindparam("key"))
)
_OF_NUMBER_NEWEST = _NEWEST.where(_OF_NUMBER).limit(_LIMIT)
_OPEN_OF_NUMBER = _NEWEST.where(_OF_NUMBER, _E.is_open, _E.id != bindparam("besides")).limit(_LIMIT)
_UNREACHED_OF_NUMBER = _NEWEST.where(
    _OF_NUMBER,
    _E.is_open,
    _E.contact_at.is_(None),
    _OPENED_SINCE,
    _E.state.in_((State.OPEN, State.ACKNOWLEDGED)),
    _E.drill.is_(False),
).limit(_LIMIT)
_OPENED_WITH = (
    select_columns(func.count())
    .select_from(EMERGENCIES.table.join(CARRIER.table, _CARRIER.sid == _E.call_sid))
    .where(
        _CARRIER.from_number == _NUMBER,
        _CARRIER.choice.in_(bindparam("choices", expanding=True)),
        _OPENED_SINCE,
    )
)
_CODES_HELD = _CODE.where(or_(_IN_USE, _E.last_at > _SINCE))
_CODES_IN_USE = _CODE.where(_IN_USE)
_OPEN_WITH_CODE = select_columns(_E.id).where(_E.code == bindparam("code"), _E.is_open)
_CONTACTED = _E.id.in_(select_columns(_OUTBOX.emergency_id).where(_OUTBOX.person == bindparam("person")))
_TOLD_TO = _NEWEST.where(_CONTACTED & _IN_USE)
_TOLD_TO_AND_OPEN = _NEWEST.where(or_(_CONTACTED & _IN_USE, _E.is_open))
_UNPAGED = (_E.outcome == Outcome.EXCLUDED) & _E.message_ended_at.is_(None) & _E.is_open
_FETCHED = select_columns(_OUTBOX.id).where(
    _OUTBOX.emergency_id == _E.id,
    _OUTBOX.kind == OutboxKind.FETCH,
    _OUTBOX.recording_sid == _E.recording_sid,
)
_WITHOUT_AUDIO = (
    EMERGENCIES.select()
    .where(
        _E.call_sid.is_not(None),
        _OPENED_SINCE | (_UNPAGED & (_E.opened_at > bindparam("unpaged_since"))),
        _E.opened_at < bindparam("until"),
        ~_FETCHED.exists(),
    )
    .order_by(_E.opened_at.desc())
)
_COUNT = select_columns(func.count()).select_from(EMERGENCIES.table)
_BEFORE = select_columns(_E.id).where(_E.call_started_at < bindparam("at")).limit(1)
_OWED = (
    select_columns(_E.id)
    .where(
        _E.is_open,
        _E.drill.is_(False),
        _E.priority == Priority.P1,
        _E.contact_at.is_(None),
        _E.outcome.in_((Outcome.PENDING, Outcome.MISSED)),
    )
    .limit(1)
)
_HELD = EMERGENCIES.select().where(_E.id.in_(bindparam("ids", expanding=True))).with_for_update(skip_locked=True)

_DUE_WAKES = (
    select_columns(_E.id, _E.fence)
    .where(_E.wake_at <= _NOW, _E.lease_until.is_(None) | (_E.lease_until <= _NOW))
    .order_by(by_no_index(_E.due_at))
    .limit(_LIMIT)
    .with_for_update(skip_locked=True)
)
_CLAIM = (
    update(EMERGENCIES.table)
    .where(_E.id.in_(bindparam("ids", expanding=True)))
    .values(owner=bindparam("node"), lease_until=bindparam("leased_until"), fence=_E.fence + 1)
)
_MINE = (_E.id == bindparam("of")) & (_E.fence == bindparam("under"))
_GIVE_BACK = update(EMERGENCIES.table).where(_MINE).values(owner=None, lease_until=None)
_DONE = _GIVE_BACK.values(failures=0)
_PUT_OFF = _GIVE_BACK.values(failures=_E.failures + 1, wake_at=bindparam("until")).returning(_E.failures)
_EXPIRE = update(EMERGENCIES.table).where(_E.lease_until.is_not(None)).values(lease_until=_NOW)
_NEXT_FREE = select_columns(func.min(_E.wake_at)).where(_E.wake_at.is_not(None), _E.lease_until.is_(None))
_NEXT_LEASED = select_columns(func.min(_E.lease_until)).where(_E.wake_at.is_not(None), _E.lease_until.is_not(None))


class SqlEmergencies:
    """The questions and writes of `emergencies` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def find(self, emergency_id: int | None) -> EmergencyRow | None:
        return EMERGENCIES.first(self.session, _FIND, {"id": emergency_id}) if emergency_id else None

    def add(self, row: EmergencyRow) -> None:
        EMERGENCIES.insert(self.session, [row])

    def change(self, before: EmergencyRow, after: EmergencyRow) -> None:
        EMERGENCIES.write(self.session, before, after)

    def each(self, since: datetime, until: datetime) -> Iterator[EmergencyRow]:
        span = {"since": since, "until": until, "after": 0}
        while found := EMERGENCIES.all(self.session, _EACH, span):
            yield from found
            span["after"] = found[-1].id

    def newest_id(self) -> int | None:
        newest: int | None = self.session.execute(select_columns(func.max(_E.id))).scalar()
        return newest

    def is_any_before(self, at: datetime) -> bool:
        return self.session.execute(_BEFORE, {"at": at}).first() is not None

    def opened_since(self, since: datetime) -> int:
        opened: int = self.session.execute(_COUNT.where(_OPENED_SINCE), {"since": since}).scalar_one()
        return opened

    def count(self) -> int:
        n: int = self.session.execute(_COUNT).scalar_one()
        return n

    # Whose call it was: by the carrier's SID, or by the caller's number.

    def opened_by(self, key: str) -> EmergencyRow | None:
        return EMERGENCIES.first(self.session, _OPENED_BY, {"key": key})

    def of_call(self, sid: str) -> EmergencyRow | None:
        return self.opened_by(sid) or EMERGENCIES.first(self.session, _JOINED_BY, {"key": sid})

    def of_number(self, number: str, limit: int) -> Sequence[EmergencyRow]:
        return EMERGENCIES.all(self.session, _OF_NUMBER_NEWEST, {"number": number, "limit": limit})

    def open_of_number(self, number: str, besides: int, limit: int) -> Sequence[EmergencyRow]:
        given = {"number": number, "besides": besides, "limit": limit}
        return EMERGENCIES.all(self.session, _OPEN_OF_NUMBER, given)

    def unreached_of_number(self, number: str, since: datetime, limit: int) -> Sequence[EmergencyRow]:
        given = {"number": number, "since": since, "limit": limit}
        return EMERGENCIES.all(self.session, _UNREACHED_OF_NUMBER, given)

    def opened_with(self, number: str, choices: Sequence[CallerChoice], since: datetime) -> int:
        given = {"number": number, "choices": choices, "since": since}
        opened: int = self.session.execute(_OPENED_WITH, given).scalar_one()
        return opened

    # Codes: which are held, and who may mean which emergency by one.

    def codes_held(self, since: datetime) -> set[str]:
        return set(self.session.execute(_CODES_HELD, {"since": since}).scalars())

    def codes_in_use(self, since: datetime) -> set[str]:
        return set(self.session.execute(_CODES_IN_USE, {"since": since}).scalars())

    def open_with_code(self, code: str | None) -> int | None:
        found: int | None = self.session.execute(_OPEN_WITH_CODE, {"code": code}).scalar()
        return found

    def told_to(self, person: str, since: datetime, *, and_open: bool) -> Sequence[EmergencyRow]:
        which = _TOLD_TO_AND_OPEN if and_open else _TOLD_TO
        return EMERGENCIES.all(self.session, which, {"person": person, "since": since})

    # What a sweep, an outage or another version leaves to be done.

    def without_audio(self, since: datetime, unpaged_since: datetime, until: datetime) -> list[EmergencyRow]:
        given = {"since": since, "unpaged_since": unpaged_since, "until": until}
        return EMERGENCIES.all(self.session, _WITHOUT_AUDIO, given)

    def due_within(self, since: datetime, until: datetime) -> list[int]:
        touched = select_columns(_E.id).where(_E.call_started_at < until, _E.due_at > since)
        return list(self.session.execute(touched).scalars())

    def outdated(self, after: int, version: int, limit: int) -> list[int]:
        old = (col(t.Emergency.id) > after) & (col(t.Emergency.version) < version)
        return list(self.session.exec(select(t.Emergency.id).where(old).order_by(col(t.Emergency.id)).limit(limit)))

    def some(self, ids: Sequence[int]) -> Sequence[EmergencyRow]:
        return EMERGENCIES.all(self.session, EMERGENCIES.select().where(_E.id.in_(ids)).order_by(_E.id))

    def held(self, ids: Sequence[int]) -> Sequence[EmergencyRow]:
        return EMERGENCIES.all(self.session, _HELD, {"ids": ids})

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
        is_old = EMERGENCIES.select().where(_E.drill, _E.is_open, _E.opened_at < before)
        return _drills(self.session, EMERGENCIES.all(self.session, is_old))

    def somebody_waits(self) -> bool:
        return self.session.execute(_OWED).first() is not None

    # Which node works on which due emergency: a short committed claim with owner, lease and fence.

    def claim_wakes(self, now: datetime, owner: str, lease: timedelta, limit: int) -> list[tuple[int, int]]:
        due = self.session.execute(_DUE_WAKES, {"now": now, "limit": limit}).all()
        if due:
            ids = [emergency_id for emergency_id, _ in due]
            self.session.execute(_CLAIM, {"ids": ids, "node": owner, "leased_until": now + lease})
        return [(emergency_id, fence + 1) for emergency_id, fence in due]

    def give_back(self, emergency_id: int, fence: int, *, done: bool) -> None:
        self.session.execute(_DONE if done else _GIVE_BACK, {"of": emergency_id, "under": fence})

    def put_off(self, emergency_id: int, fence: int, until: datetime) -> int | None:
        given = {"of": emergency_id, "under": fence, "until": until}
        failures: int | None = self.session.execute(_PUT_OFF, given).scalar()
        return failures

    def expire_claims(self, now: datetime) -> None:
        self.session.execute(_EXPIRE, {"now": now})

    def next_wake(self) -> datetime | None:
        found = [self.session.execute(query).scalar_one() for query in (_NEXT_FREE, _NEXT_LEASED)]
        return min((at for at in found if at), default=None)


def by_ref(session: Session, ref: str) -> EmergencyRow | None:
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
) -> list[EmergencyRow]:
    """Oldest first; of one person when they are named. `since` and `until` bound the start of the call, half-open."""
    query = EMERGENCIES.select().where(_E.id > after_id).order_by(_E.id)
    if is_open is not None:
        query = query.where(col(t.Emergency.is_open).is_(is_open))
    if person is not None:
        query = query.where(of_person(person))
    if since:
        query = query.where(col(t.Emergency.call_started_at) >= since)
    if until:
        query = query.where(col(t.Emergency.call_started_at) < until)
    return EMERGENCIES.all(session, query.limit(limit) if limit else query)


def has_real(session: Session) -> bool:
    """Whether there is any beside drills."""
    return session.exec(select(t.Emergency.id).where(col(t.Emergency.drill).is_(False)).limit(1)).first() is not None


def of_person(person: str) -> ColumnElement[bool]:
    """Emergencies that are somebody's own: paged for it, handed to them, or theirs now."""
    paged = select(t.Outbox.emergency_id).where(t.Outbox.person == person)
    return (col(t.Emergency.acknowledged_by) == person) | col(t.Emergency.id).in_(paged)


def open_by_deadline(session: Session, person: str | None, limit: int, skip: int = 0) -> tuple[list[EmergencyRow], int]:
    """The open ones, earliest deadline first, and how many there are; of one person when they are named."""
    which: ColumnElement[bool] = col(t.Emergency.is_open).is_(True)
    if person is not None:
        which &= of_person(person)
    query = EMERGENCIES.select().where(which).order_by(_E.due_at, _E.id)
    total = session.exec(select(func.count()).select_from(t.Emergency).where(which)).one()
    return EMERGENCIES.all(session, query.offset(skip).limit(limit)), total


def closed_since(session: Session, since: datetime, person: str | None, limit: int) -> list[EmergencyRow]:
    """Those whose call began since then and that are over, newest first; drills left out."""
    which = (col(t.Emergency.call_started_at) >= since) & by_no_index(t.Emergency.is_open).is_(False)
    which &= col(t.Emergency.drill).is_(False)
    if person is not None:
        which &= of_person(person)
    return EMERGENCIES.all(session, _NEWEST.where(which).limit(limit))


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
    query = EMERGENCIES.select().where(_E.drill).order_by(_E.opened_at.desc()).limit(limit)
    return _drills(session, EMERGENCIES.all(session, query))


def _drills(session: Session, rows: Sequence[EmergencyRow]) -> list[Drill]:
    paged = select(t.Outbox.emergency_id, t.Outbox.person).where(
        col(t.Outbox.emergency_id).in_([r.id for r in rows]), col(t.Outbox.person).is_not(None)
    )
    people = dict(session.exec(paged).all())
    return [drill_of(row, people.get(row.id) or "") for row in rows]
