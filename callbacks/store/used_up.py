"""Rows that were for one use and whose use is over: nobody needs them, and they say of people what need not be kept.

Each function deletes what ended before an instant; how many, `limit` at most.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete
from sqlmodel import Session, col, select

from callbacks.store import answers, sessions
from callbacks.store.database import by_no_index
from callbacks.store.tables import (
    AnswerRow,
    CustomerRow,
    DoorRow,
    EmergencyRow,
    ExaminationRow,
    RateRow,
    SessionRow,
    StrikeRow,
)

AFTER = timedelta(days=30)  # somebody may still ask who had logged in, and which link opened what


def learnt_of_callers(session: Session, before: datetime, limit: int) -> int:
    """Rows of the address book that nobody wrote: a language that was chosen, a STOP; of numbers that no emergency
    knows any more. The carrier refuses texts to who sent STOP all the same, and the row is made again."""
    by_people = (CustomerRow.name, CustomerRow.company, CustomerRow.notes, CustomerRow.blocked_at)
    called = select(EmergencyRow.id).where(col(EmergencyRow.number) == CustomerRow.number).exists()
    alone = [col(column).is_(None) for column in by_people]
    return _deleted(session, CustomerRow.number, [col(CustomerRow.updated_at) < before, ~called, *alone], limit)


def ended_sessions(session: Session, before: datetime, limit: int) -> int:
    """Addresses and browsers of sessions that ran out."""
    return _deleted(session, SessionRow.digest, [col(SessionRow.created_at) < before - sessions.ABSOLUTE], limit)


def old_strikes(session: Session, before: datetime, limit: int) -> int:
    waits = col(StrikeRow.wait_until).is_(None) | (col(StrikeRow.wait_until) < before)
    return _deleted(session, StrikeRow.key, [col(StrikeRow.last_at) < before, waits], limit)


def links_of_closed(session: Session, before: datetime, limit: int) -> int:
    """Links in pages open nothing once their emergency is closed."""
    closed = select(EmergencyRow.id).where(
        col(EmergencyRow.id) == DoorRow.emergency_id, by_no_index(EmergencyRow.is_open).is_(False)
    )
    return _deleted(session, DoorRow.digest, [col(DoorRow.created_at) < before, closed.exists()], limit)


def old_rates(session: Session, before: datetime, limit: int) -> int:
    return _deleted(session, RateRow.key, [col(RateRow.window_at) < before], limit)


def old_answers(session: Session, before: datetime, limit: int) -> int:
    """What the API answered, with numbers and words in it."""
    return _deleted(session, AnswerRow.key, [col(AnswerRow.at) < before - answers.KEPT], limit)


def old_examinations(session: Session, before: datetime, limit: int) -> int:
    """The newest one stays: the page shows it."""
    newest = select(ExaminationRow.id).order_by(col(ExaminationRow.id).desc()).limit(1).scalar_subquery()
    return _deleted(
        session, ExaminationRow.id, [col(ExaminationRow.at) < before, col(ExaminationRow.id) < newest], limit
    )


Empty = Callable[[Session, datetime, int], int]
WITH_WORDS: tuple[Empty, ...] = (learnt_of_callers,)
SOON: tuple[Empty, ...] = (ended_sessions, old_strikes, links_of_closed, old_rates, old_examinations)
AT_ONCE: tuple[Empty, ...] = (old_answers,)


def _deleted(session: Session, key: Any, which: Sequence[ColumnElement[bool]], limit: int) -> int:
    keys = session.exec(select(key).where(*which).limit(limit)).all()
    session.execute(delete(key.class_).where(col(key).in_(keys)))
    return len(keys)
