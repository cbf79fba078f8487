"""The outbox's rows in SQL. What is due is found by the indexes of state, never by those of kind, which lead past every
row there ever was."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, CursorResult, Select, bindparam, exists, func, insert, or_, select, update
from sqlmodel import Session

from callbacks.delivery.delivery_policy import LAST_RANK
from callbacks.delivery.outbox_row import CALLS, PAGES, WAITING, About, OutboxKind, OutboxState
from callbacks.store.rows import OutboxRow
from callbacks.store.sql import tables as t
from callbacks.store.sql.expressions import by_no_index
from callbacks.store.sql.values import Values

LONGEST_VALID = timedelta(hours=1)  # of a text to a customer; for an index
OUTBOX = Values(t.Outbox, OutboxRow)
_O, _E, _C = OUTBOX.table.c, t.Emergency.__table__.c, t.Carrier.__table__.c  # type: ignore[attr-defined]
_L = t.Ledger.__table__.c  # type: ignore[attr-defined]
_ID: BindParameter[str] = bindparam("row")
_NOW: BindParameter[datetime] = bindparam("now")
_SINCE: BindParameter[datetime] = bindparam("since")
_LIMIT: BindParameter[int] = bindparam("limit")
_PERSON: BindParameter[str] = bindparam("of_person")
_NUMBER: BindParameter[str] = bindparam("of_number")
_KIND: BindParameter[OutboxKind] = bindparam("of_kind", type_=_O.kind.type)
_KINDS: BindParameter[Sequence[OutboxKind]] = bindparam("kinds", type_=_O.kind.type, expanding=True)
_IDS: BindParameter[Sequence[str]] = bindparam("ids", expanding=True)
_SIDS: BindParameter[Sequence[str]] = bindparam("sids", expanding=True)
_WAITS, _CLAIMED = _O.state.in_(WAITING), _O.state == OutboxState.CLAIMED
_IS_DUE = or_(_WAITS & (_O.due_at <= _NOW), _CLAIMED & (_O.lease_until <= _NOW))
_IS_PAGE, _IS_CALL = _O.kind.in_(PAGES), _O.kind.in_(CALLS)

_ALL = OUTBOX.select()
_FIND = _ALL.where(_O.id == _ID)
_FOLLOWERS = _ALL.where(_O.bundle == _ID, _O.id != _ID)
_OF_EMERGENCY = _ALL.where(_O.emergency_id == _ID).order_by(_O.created_at, _O.id)
_DUE_ROWS = (
    _ALL.where(_IS_DUE, by_no_index(_O.kind).in_(_KINDS))
    .order_by(by_no_index(_O.kind) != _KIND, _O.due_at, _O.created_at)
    .limit(_LIMIT)
    .with_for_update(skip_locked=True)
)
_DUE_PAGES = (
    select(*OUTBOX.columns, _E.number.label("caller"), _E.first_page_at)
    .join(t.Emergency, _E.id == _O.emergency_id)
    .where(_IS_DUE, by_no_index(_O.kind).in_(PAGES))
    .order_by(_E.due_at, _O.created_at)
    .limit(_LIMIT)
    .with_for_update(skip_locked=True, of=OUTBOX.table)
)
_DUE_KINDS = select(_O.kind).where(_IS_DUE).distinct()
_ANY_DUE = select(_O.id).where(_IS_DUE, by_no_index(_O.kind).in_(_KINDS)).limit(1)
_BUSY = select(_O.id).where(_CLAIMED, _O.lease_until > _NOW, _O.person == _PERSON, _IS_PAGE).limit(1)
_RINGING = (
    select(_C.sid)
    .join(OUTBOX.table, _O.sid == _C.sid)
    .where(_O.kind == OutboxKind.PAGE_CALL, _O.sent_at > _SINCE, _O.number == _NUMBER, _C.rank < LAST_RANK)
    .limit(1)
)
_SENT_TO = (
    select(_O.sid, func.max(_O.sent_at), func.count())
    .where(_O.person == _PERSON, _IS_PAGE, _O.sent_at > _SINCE)
    .group_by(_O.sid)
)
_CALLING = select(_O.id).where(
    _CLAIMED, _IS_CALL, _O.number == _NUMBER, _O.absent_from.is_(None), func.coalesce(_O.bundle, _O.id) != _ID
)
_NEXT_WAITING = select(func.min(by_no_index(_O.due_at))).where(_WAITS)
_NEXT_LEASED = select(func.min(_O.lease_until)).where(_CLAIMED)
_PAGED_OF = select(_O.emergency_id).where(_O.person == _PERSON, _IS_PAGE, _O.emergency_id.in_(_IDS))
_TEXTED = select(_O.emergency_id).where(_O.person == _PERSON, _O.kind == OutboxKind.PAGE)
_PAGED_ABOUT = select(_E.id).where(_E.is_open, _E.acknowledged_by.is_(None), _E.id.in_(_TEXTED)).order_by(_E.id)
_KNOWN = select(_O.sid).where(_O.sid.in_(_SIDS))
_APART = ~((_O.id == _ID) | (_O.bundle == _ID)) | _O.bundle.is_(None) & (_O.id != _ID)
_KNOWN_APART = _KNOWN.where(_APART)
_LAST_DUE = select(func.max(_O.due_at)).where(_O.kind == _KIND, _O.due_at > _SINCE)
_LEFT = select(func.count()).select_from(OUTBOX.table).where(_O.kind == _KIND, _O.sent_at > _SINCE)
_TEXTS_SINCE = select(_O.emergency_id).where(
    _O.kind == OutboxKind.CUSTOMER_TEXT,
    _O.created_at > bindparam("made"),
    (_O.sent_at > _SINCE) | _CLAIMED,
    _O.id != _ID,
)
_TEXTS_TO_SINCE = _TEXTS_SINCE.where(_O.number == _NUMBER)
_ASKED = exists().where(_L.emergency_id == _O.emergency_id, _L.kind == "CallbackRequested")
_CALLBACKS_CALLS = _ALL.where(_IS_CALL, _O.sid.is_not(None), _O.sent_at > _SINCE, _ASKED).order_by(
    _O.emergency_id, _O.sent_at.desc()
)
_CALLS_LEFT = (
    _ALL.where(
        _IS_CALL,
        _O.state == OutboxState.SENT,
        _O.bundle.is_(None) | (_O.bundle == _O.id),
        _O.sent_at > _SINCE,
        _O.sent_at < bindparam("until"),
    )
    .order_by(_O.sent_at.desc())
    .limit(_LIMIT)
)
# What a claim, or a putting off, changes of a row.
MOVED = (
    "state", "owner", "lease_until", "fence", "attempts", "absent_from", "payload", "due_at", "expires_at", "bundle",
    "text", "error", "finished_at",
)  # fmt: skip
_REWRITE = update(OUTBOX.table).where(_O.id == _ID).values({name: bindparam(f"to_{name}") for name in MOVED})
_PUT = insert(OUTBOX.table)
_EXPIRE = update(OUTBOX.table).where(_CLAIMED).values(lease_until=_NOW)
_RENEW = (
    update(OUTBOX.table)
    .where(_O.owner == bindparam("by"), _CLAIMED, _O.id.in_(_IDS) | _O.bundle.in_(_IDS))
    .values(lease_until=bindparam("until"))
    .returning(_O.id)
)
_MINE = (_O.id == _ID) & (_O.fence == bindparam("under")) & _CLAIMED
_CANCEL = (
    update(OUTBOX.table)
    .where(_O.emergency_id == _ID, _O.kind.in_(_KINDS), _O.state == OutboxState.QUEUED)
    .values(state=OutboxState.CANCELLED, finished_at=_NOW)
)
_CANCEL_OF = _CANCEL.where(_O.person == _PERSON)
_PUT_OFF = (
    update(OUTBOX.table)
    .where(by_no_index(_O.kind) == _KIND, _WAITS, _O.due_at <= _NOW)
    .values(due_at=bindparam("until"))
)
_PUT_OFF_ABOUT = _PUT_OFF.where(_O.about == bindparam("of_about"))


class SqlOutbox:
    """The questions and writes of `outbox` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def put(self, rows: Sequence[OutboxRow]) -> None:
        if rows:
            self.session.execute(_PUT, [OUTBOX.values_of(row) for row in rows])

    def find(self, row_id: str) -> OutboxRow | None:
        return OUTBOX.first(self.session, _FIND, {"row": row_id})

    def members(self, leader: OutboxRow) -> list[OutboxRow]:
        return [leader, *OUTBOX.all(self.session, _FOLLOWERS, {"row": leader.id})]

    def paged_of(self, person: str, ids: Sequence[int]) -> set[int | None]:
        return set(self._column(_PAGED_OF, of_person=person, ids=ids))

    def paged_about(self, person: str) -> Sequence[int]:
        return self._column(_PAGED_ABOUT, of_person=person)

    # Claims.

    def due(
        self, now: datetime, limit: int, kinds: Sequence[OutboxKind], first: OutboxKind | None = None
    ) -> list[OutboxRow]:
        given = {"now": now, "limit": limit, "kinds": kinds, "of_kind": first or kinds[0]}
        return OUTBOX.all(self.session, _DUE_ROWS, given)

    def due_pages(self, now: datetime, limit: int) -> list[tuple[OutboxRow, str | None, datetime | None]]:
        found = self.session.execute(_DUE_PAGES, {"now": now, "limit": limit})
        return [(OUTBOX.made(row[:-2]), row[-2], row[-1]) for row in found]

    def rewrite(self, rows: Sequence[OutboxRow]) -> None:
        if rows:
            given = [{"row": row.id} | {f"to_{name}": getattr(row, name) for name in MOVED} for row in rows]
            self.session.connection().execute(_REWRITE, given)

    def settle(self, row_id: str, fence: int, **changes: Any) -> bool:
        settled = update(OUTBOX.table).where(_MINE).values(owner=None, lease_until=None, **changes)
        done: CursorResult[Any] = self.session.connection().execute(settled, {"row": row_id, "under": fence})
        return done.rowcount == 1

    def renew(self, owner: str, until: datetime, in_hand: Collection[str]) -> Sequence[str]:
        return self._column(_RENEW, by=owner, until=until, ids=list(in_hand)) if in_hand else []

    def expire_all(self, now: datetime) -> None:
        self.session.execute(_EXPIRE, {"now": now})

    def is_busy(self, person: str, now: datetime) -> bool:
        return self._is_any(_BUSY, of_person=person, now=now)

    def is_ringing(self, number: str | None, since: datetime) -> bool:
        return self._is_any(_RINGING, of_number=number, since=since)

    def recent_sends(self, person: str, since: datetime) -> list[tuple[datetime, int]]:
        found = self.session.execute(_SENT_TO, {"of_person": person, "since": since})
        return sorted((at, size) for _, at, size in found if at)

    def is_calling(self, number: str, leader: str) -> bool:
        return self._is_any(_CALLING.limit(1), of_number=number, row=leader)

    # What is due, and what is to wait.

    def due_kinds(self, now: datetime) -> set[OutboxKind]:
        return set(self._column(_DUE_KINDS, now=now))

    def is_any_due(self, kinds: Sequence[OutboxKind], now: datetime) -> bool:
        return self._is_any(_ANY_DUE, kinds=kinds, now=now)

    def next_due(self) -> datetime | None:
        found = [self.session.execute(query).scalar() for query in (_NEXT_WAITING, _NEXT_LEASED)]
        return min((at for at in found if at), default=None)

    def next_slot(self, kind: OutboxKind, gap: timedelta, now: datetime) -> datetime:
        last = self.session.execute(_LAST_DUE, {"of_kind": kind, "since": now - gap}).scalar()
        return max(now, last + gap) if last else now

    def put_off(self, kind: OutboxKind, now: datetime, until: datetime, about: About | None = None) -> None:
        given = {"of_kind": kind, "now": now, "until": until}
        self.session.execute(_PUT_OFF_ABOUT if about else _PUT_OFF, given | ({"of_about": about} if about else {}))

    def cancel(self, emergency_id: int, kinds: Sequence[OutboxKind], now: datetime, person: str | None = None) -> None:
        given: dict[str, Any] = {"row": emergency_id, "kinds": kinds, "now": now}
        self.session.execute(_CANCEL_OF if person else _CANCEL, given | ({"of_person": person} if person else {}))

    # What left.

    def known_sids(self, sids: Sequence[str], leader: str) -> Sequence[str | None]:
        return self._column(_KNOWN_APART, sids=sids, row=leader)

    def known(self, sids: Sequence[str]) -> set[str | None]:
        return set(self._column(_KNOWN, sids=sids))

    def texts_since(self, since: datetime, besides: str, number: str | None = None) -> Sequence[int | None]:
        given = {"since": since, "made": since - LONGEST_VALID, "row": besides}
        return (
            self._column(_TEXTS_TO_SINCE, **given, of_number=number) if number else self._column(_TEXTS_SINCE, **given)
        )

    def left_since(self, kind: OutboxKind, since: datetime) -> int:
        return int(self.session.execute(_LEFT, {"of_kind": kind, "since": since}).scalar_one())

    def callbacks_calls(self, since: datetime) -> Sequence[OutboxRow]:
        return OUTBOX.all(self.session, _CALLBACKS_CALLS, {"since": since})

    def calls_left(self, since: datetime, until: datetime, limit: int) -> Sequence[OutboxRow]:
        return OUTBOX.all(self.session, _CALLS_LEFT, {"since": since, "until": until, "limit": limit})

    def _column(self, statement: Any, **given: Any) -> Sequence[Any]:
        return self.session.execute(statement, given).scalars().all()

    def _is_any(self, statement: Select[Any], **given: Any) -> bool:
        return self.session.execute(statement, given).first() is not None


def about(session: Session, emergency_id: int) -> Sequence[OutboxRow]:
    """Everything that was put out for one emergency, oldest first."""
    return OUTBOX.all(session, _OF_EMERGENCY, {"row": emergency_id})
