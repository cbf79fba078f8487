"""Numbers, names and words are erased from every table, while the chain of facts stays whole.

The ledger holds salted commitments only: with the salt gone nothing can be guessed back. What remains is pseudonymous:
an emergency without a name.
"""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, false, func, literal_column, update
from sqlmodel import Session, col, or_, select

from callbacks.delivery.delivery_policy import Direction, Source
from callbacks.delivery.outbox_row import OutboxKind, OutboxState
from callbacks.emergency.events import exclusion_of, reason_told
from callbacks.store.erasing import Old
from callbacks.store.rows import EmergencyRow
from callbacks.store.sql import idempotency, sessions
from callbacks.store.sql import tables as t
from callbacks.store.sql.emergencies import EMERGENCIES
from callbacks.store.sql.expressions import by_no_index
from callbacks.store.subscriptions import ERASED, unsaid

NO_FORM = "[]"
MOST_OWED = 1_000
NO_NUMBERS: dict[str, Any] = {"from_number": "", "to_number": ""}
UNSAID: dict[str, Any] = {"number": None, "text": None}


class SqlErasing:
    """The questions and writes of `erasing` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def of_customer(self, number: str) -> Sequence[EmergencyRow]:
        called = select(t.Carrier.sid).where(t.Carrier.from_number == number, t.Carrier.direction == Direction.INBOUND)
        mine = (col(t.Emergency.number) == number) | col(t.Emergency.call_sid).in_(called)
        return EMERGENCIES.all(self.session, EMERGENCIES.select().where(mine).order_by(col(t.Emergency.id)))

    def closed_before(self, at: datetime, after: int, limit: int) -> list[int]:
        later = select(t.Emergency.id).where(col(t.Emergency.opened_at) >= at).order_by(col(t.Emergency.opened_at))
        bound = self.session.exec(later.limit(1)).first()
        old = (col(t.Emergency.opened_at) < at) & by_no_index(t.Emergency.is_open).is_(False)
        old &= col(t.Private.emergency_id) > after
        query = select(t.Private.emergency_id).join(t.Emergency, col(t.Emergency.id) == t.Private.emergency_id)
        query = query.where(old if bound is None else old & (col(t.Private.emergency_id) < bound)).distinct()
        return list(self.session.exec(query.order_by(col(t.Private.emergency_id)).limit(limit)))

    def with_audio_before(self, at: datetime, after: int, limit: int) -> list[int]:
        old = (col(t.Emergency.opened_at) < at) & by_no_index(t.Emergency.is_open).is_(False)
        kept = old & col(t.Emergency.audio_kept) & (by_no_index(t.Emergency.id) > after)
        query = select(t.Emergency.id).where(kept).order_by(by_no_index(t.Emergency.id)).limit(limit)
        return list(self.session.exec(query))

    def carriers_copies(self, ids: Sequence[int], numbers: Sequence[str] = ()) -> list[str]:
        seen = select(t.Carrier.sid).where(_about(ids, numbers))
        sent = select(t.Outbox.sid).where(col(t.Outbox.emergency_id).in_(ids), col(t.Outbox.sid).is_not(None))
        opened = select(t.Emergency.call_sid).where(col(t.Emergency.id).in_(ids))
        is_text = by_no_index(t.Received.source) == Source.SMS
        heard = select(t.Received.external_id).where(is_text, col(t.Received.emergency_id).in_(ids))
        sids = {sid for query in (seen, sent, opened, heard) for sid in self.session.exec(query)}
        return sorted(sid for sid in sids if sid and sid[:2] in ("CA", "SM", "MM"))

    def newest_report(self) -> int:
        return self.session.exec(select(func.max(t.Received.id))).one() or 0

    def reports_naming(self, words: Sequence[str], after: int, through: int) -> list[tuple[int, str | None]]:
        span = (col(t.Received.id) > after) & (col(t.Received.id) <= through)
        named = or_(*(col(t.Received.form).contains(word, autoescape=True) for word in words))
        found = self.session.exec(select(t.Received.id, t.Received.source, t.Received.external_id).where(span, named))
        return [(report, sid if source == Source.SMS else None) for report, source, sid in found]

    def empty_reports(self, ids: Sequence[int]) -> None:
        self.session.execute(update(t.Received).where(col(t.Received.id).in_(ids)).values(form=NO_FORM))

    def empty(self, what: Old, before: datetime, limit: int) -> int:
        return EMPTIES[what](self.session, before, limit)

    def words_of(self, ids: Sequence[int], now: datetime) -> None:
        self.session.execute(delete(t.Private).where(col(t.Private.emergency_id).in_(ids)))
        self.session.execute(update(t.Emergency).where(col(t.Emergency.id).in_(ids)).values(number=None, name=None))
        _reasons_of(self.session, ids)
        _told_of(self.session, ids, now)
        self.session.execute(update(t.Outbox).where(col(t.Outbox.emergency_id).in_(ids)).values(**UNSAID))
        self.session.execute(update(t.Carrier).where(_about(ids, ())).values(**NO_NUMBERS))
        self.session.execute(update(t.Received).where(col(t.Received.emergency_id).in_(ids)).values(form=NO_FORM))

    def words_to(self, number: str) -> None:
        self.session.execute(update(t.Outbox).where(col(t.Outbox.number) == number).values(**UNSAID))
        self.session.execute(update(t.Carrier).where(_about((), [number])).values(**NO_NUMBERS))

    def owe(self, sids: Sequence[str], now: datetime) -> None:
        parts = {sid: of or None for of, _, sid in (name.rpartition("/") for name in sids)}
        known = set(self.session.exec(select(t.Kept.sid).where(col(t.Kept.sid).in_(parts))))
        self.session.add_all(
            t.Kept(sid=sid, message_sid=of, since=now) for sid, of in parts.items() if sid not in known
        )

    def are_gone(self, sids: Sequence[str]) -> None:
        self.session.execute(delete(t.Kept).where(col(t.Kept.sid).in_([sid.rpartition("/")[2] for sid in sids])))

    def owed(self) -> list[str]:
        rows = self.session.exec(select(t.Kept).order_by(col(t.Kept.since), col(t.Kept.sid)).limit(MOST_OWED))
        return [f"{row.message_sid}/{row.sid}" if row.message_sid else row.sid for row in rows]


def _reasons_of(session: Session, ids: Sequence[int]) -> None:
    """What a summary says of an exclusion whose reason is erased: what its ledger says then."""
    is_why = (col(t.Ledger.emergency_id).in_(ids)) & (col(t.Ledger.kind) == "Excluded")
    for emergency_id, body in session.exec(select(t.Ledger.emergency_id, t.Ledger.body).where(is_why)).all():
        told = reason_told(exclusion_of(str(json.loads(body)["body"].get("why"))), None)
        mine = col(t.Emergency.id) == emergency_id
        session.execute(update(t.Emergency).where(mine).values(excluded_why=told))


def _told_of(session: Session, ids: Sequence[int], now: datetime) -> None:
    mine = (col(t.Outbox.kind) == OutboxKind.WEBHOOK) & col(t.Outbox.emergency_id).in_(ids)
    rows = session.execute(select(t.Outbox.id, t.Outbox.payload, t.Outbox.finished_at).where(mine).with_for_update())
    for row_id, payload, finished_at in rows.all():
        changes: dict[str, Any] = {"payload": unsaid(payload)}
        if finished_at is None:
            stopped = {"state": OutboxState.CANCELLED, "finished_at": now, "error": ERASED}
            changes |= {**stopped, "fence": t.Outbox.fence + 1}
        session.execute(update(t.Outbox).where(col(t.Outbox.id) == row_id).values(**changes))


def old_reports(session: Session, at: datetime, limit: int) -> int:
    """Empties reports that came before `at`, whatever they were about; how many, `limit` at most."""
    old = (col(t.Received.at) < at) & (col(t.Received.form) != literal_column(f"'{NO_FORM}'"))
    ids = session.exec(select(t.Received.id).where(old).order_by(col(t.Received.at)).limit(limit)).all()
    SqlErasing(session).empty_reports(ids)
    return len(ids)


def old_messages(session: Session, at: datetime, limit: int) -> int:
    """Empties what was sent, or given up, of what was written before `at`; how many, `limit` at most."""
    says = or_(col(t.Outbox.number).is_not(None), col(t.Outbox.text).is_not(None))
    old = says & (col(t.Outbox.created_at) < at) & col(t.Outbox.finished_at).is_not(None)
    ids = session.exec(select(t.Outbox.id).where(old).order_by(col(t.Outbox.created_at)).limit(limit)).all()
    session.execute(update(t.Outbox).where(col(t.Outbox.id).in_(ids)).values(**UNSAID))
    return len(ids)


def old_calls(session: Session, at: datetime, limit: int) -> int:
    """Empties whose calls and messages the carrier last spoke of before `at`; how many, `limit` at most."""
    old = (col(t.Carrier.updated_at) < at) & (col(t.Carrier.to_number) != literal_column("''"))
    ids = session.exec(select(t.Carrier.sid).where(old).order_by(col(t.Carrier.updated_at)).limit(limit)).all()
    session.execute(update(t.Carrier).where(col(t.Carrier.sid).in_(ids)).values(**NO_NUMBERS))
    return len(ids)


def _about(ids: Sequence[int], numbers: Sequence[str]) -> ColumnElement[bool]:
    """The carrier's records of these emergencies, or to and from these numbers."""
    of_these = [col(t.Carrier.emergency_id).in_(ids)] if ids else []
    theirs = [column.in_(numbers) for column in (col(t.Carrier.from_number), col(t.Carrier.to_number)) if numbers]
    return or_(false(), *of_these, *theirs)


# Rows that were for one use and whose use is over: nobody needs them, and they say of people what need not be kept.
#
# Each function deletes what ended before an instant; how many, `limit` at most.


def learnt_of_callers(session: Session, before: datetime, limit: int) -> int:
    """Rows of the address book that nobody wrote: a language that was chosen, a STOP; of numbers that no emergency
    knows any more. The carrier refuses texts to who sent STOP all the same, and the row is made again."""
    by_people = (t.Customer.name, t.Customer.company, t.Customer.notes, t.Customer.blocked_at)
    called = select(t.Emergency.id).where(col(t.Emergency.number) == t.Customer.number).exists()
    alone = [col(column).is_(None) for column in by_people]
    return _deleted(session, t.Customer.number, [col(t.Customer.updated_at) < before, ~called, *alone], limit)


def ended_sessions(session: Session, before: datetime, limit: int) -> int:
    """Addresses and browsers of sessions that ran out."""
    return _deleted(session, t.Session.digest, [col(t.Session.created_at) < before - sessions.ABSOLUTE], limit)


def old_strikes(session: Session, before: datetime, limit: int) -> int:
    waits = col(t.Strike.wait_until).is_(None) | (col(t.Strike.wait_until) < before)
    return _deleted(session, t.Strike.key, [col(t.Strike.last_at) < before, waits], limit)


def links_of_closed(session: Session, before: datetime, limit: int) -> int:
    """Links in pages open nothing once their emergency is closed."""
    closed = select(t.Emergency.id).where(
        col(t.Emergency.id) == t.MagicLink.emergency_id, by_no_index(t.Emergency.is_open).is_(False)
    )
    return _deleted(session, t.MagicLink.digest, [col(t.MagicLink.created_at) < before, closed.exists()], limit)


def old_rates(session: Session, before: datetime, limit: int) -> int:
    return _deleted(session, t.Rate.key, [col(t.Rate.window_at) < before], limit)


def old_answers(session: Session, before: datetime, limit: int) -> int:
    """What the API answered, with numbers and words in it."""
    return _deleted(session, t.Answer.key, [col(t.Answer.at) < before - idempotency.KEPT], limit)


def old_examinations(session: Session, before: datetime, limit: int) -> int:
    """The newest one stays: the page shows it."""
    newest = select(t.Examination.id).order_by(col(t.Examination.id).desc()).limit(1).scalar_subquery()
    return _deleted(session, t.Examination.id, [col(t.Examination.at) < before, col(t.Examination.id) < newest], limit)


EMPTIES: dict[Old, Callable[[Session, datetime, int], int]] = {
    Old.REPORTS: old_reports,
    Old.MESSAGES: old_messages,
    Old.CALLS: old_calls,
    Old.LEARNT: learnt_of_callers,
    Old.SESSIONS: ended_sessions,
    Old.STRIKES: old_strikes,
    Old.LINKS: links_of_closed,
    Old.RATES: old_rates,
    Old.EXAMINATIONS: old_examinations,
    Old.ANSWERS: old_answers,
}


def _deleted(session: Session, key: Any, which: Sequence[ColumnElement[bool]], limit: int) -> int:
    keys = session.exec(select(key).where(*which).limit(limit)).all()
    session.execute(delete(key.class_).where(col(key).in_(keys)))
    return len(keys)
