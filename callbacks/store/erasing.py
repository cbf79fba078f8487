"""Numbers, names and words taken out of every table, while the chain of facts stays whole.

The ledger holds salted commitments only: with the salt gone nothing can be guessed back. What remains is pseudonymous:
an emergency without a name.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, update
from sqlmodel import Session, col, or_, select

from callbacks.store.database import by_no_index
from callbacks.store.tables import CarrierRow, EmergencyRow, OutboxRow, PrivateRow, ReceivedRow

NO_FORM = "[]"


def of_customer(session: Session, number: str) -> Sequence[EmergencyRow]:
    """Every emergency that this number called for, or is called back on."""
    called = select(CarrierRow.sid).where(CarrierRow.from_number == number, CarrierRow.direction == "inbound")
    mine = (col(EmergencyRow.number) == number) | col(EmergencyRow.call_sid).in_(called)
    return session.exec(select(EmergencyRow).where(mine).order_by(col(EmergencyRow.id))).all()


def closed_before(session: Session, at: datetime, limit: int) -> Sequence[int]:
    """Closed emergencies, opened before `at`, that still hold private words. Numbers are given in the order of
    opening, so that only the words of older ones are looked through, not every emergency there ever was."""
    later = select(EmergencyRow.id).where(col(EmergencyRow.opened_at) >= at).order_by(col(EmergencyRow.opened_at))
    bound = session.exec(later.limit(1)).first()
    old = (col(EmergencyRow.opened_at) < at) & by_no_index(EmergencyRow.is_open).is_(False)
    query = select(PrivateRow.emergency_id).join(EmergencyRow, col(EmergencyRow.id) == PrivateRow.emergency_id)
    query = query.where(old if bound is None else old & (col(PrivateRow.emergency_id) < bound)).distinct()
    return list(session.exec(query.order_by(col(PrivateRow.emergency_id)).limit(limit)))


def with_audio_before(session: Session, at: datetime, limit: int) -> Sequence[int]:
    """Closed emergencies, opened before `at`, that may still have audio."""
    old = (col(EmergencyRow.opened_at) < at) & by_no_index(EmergencyRow.is_open).is_(False)
    audible = old & col(EmergencyRow.recording_sid).is_not(None)
    return [i for i in session.exec(select(EmergencyRow.id).where(audible).limit(limit)) if i]


def carriers_copies(session: Session, ids: Sequence[int], numbers: Sequence[str]) -> tuple[list[str], list[str]]:
    """(calls, messages) by SID that the carrier keeps of these emergencies, or to and from these numbers."""
    of_these = col(CarrierRow.emergency_id).in_(ids)
    theirs = col(CarrierRow.from_number).in_(numbers) | col(CarrierRow.to_number).in_(numbers)
    seen = set(session.exec(select(CarrierRow.sid).where(or_(of_these, theirs))))
    sent = select(OutboxRow.sid).where(col(OutboxRow.sid).is_not(None), or_(col(OutboxRow.emergency_id).in_(ids)))
    opened = select(EmergencyRow.call_sid).where(col(EmergencyRow.id).in_(ids))
    theirs_too = or_(_names(numbers), col(ReceivedRow.emergency_id).in_(ids))
    heard = select(ReceivedRow.external_id).where(ReceivedRow.source == "sms", theirs_too)
    sids = sorted(s for s in {*seen, *session.exec(sent), *session.exec(opened), *session.exec(heard)} if s)
    return [s for s in sids if s.startswith("CA")], [s for s in sids if s[:2] in ("SM", "MM")]


def words_of(session: Session, ids: Sequence[int], numbers: Sequence[str] = ()) -> None:
    """Erases what these emergencies, and all reports that name these numbers, say of people."""
    session.execute(delete(PrivateRow).where(col(PrivateRow.emergency_id).in_(ids)))
    session.execute(update(EmergencyRow).where(col(EmergencyRow.id).in_(ids)).values(number=None, name=None))
    session.execute(update(OutboxRow).where(col(OutboxRow.emergency_id).in_(ids)).values(number=None, text=None))
    session.execute(update(OutboxRow).where(col(OutboxRow.number).in_(numbers)).values(number=None, text=None))
    gone = {"from_number": "", "to_number": ""}
    session.execute(update(CarrierRow).where(col(CarrierRow.emergency_id).in_(ids)).values(**gone))
    session.execute(
        update(CarrierRow)
        .where(or_(col(CarrierRow.from_number).in_(numbers), col(CarrierRow.to_number).in_(numbers)))
        .values(**gone)
    )
    calls = select(EmergencyRow.call_sid).where(col(EmergencyRow.id).in_(ids))
    told = or_(col(ReceivedRow.external_id).in_(calls), col(ReceivedRow.emergency_id).in_(ids))
    about = or_(told, *(_in_form(sid) for sid in session.exec(calls) if sid))
    session.execute(update(ReceivedRow).where(about).values(form=NO_FORM))
    if numbers:
        session.execute(update(ReceivedRow).where(_names(numbers)).values(form=NO_FORM))


def reports_before(session: Session, at: datetime) -> None:
    """Empties every report and message that came or left before `at`, whatever it was about."""
    heard = (col(ReceivedRow.at) < at) & (col(ReceivedRow.form) != NO_FORM)
    session.execute(update(ReceivedRow).where(heard).values(form=NO_FORM))
    says = col(OutboxRow.number).is_not(None) | col(OutboxRow.text).is_not(None)
    old = (col(OutboxRow.created_at) < at) & col(OutboxRow.finished_at).is_not(None) & says
    session.execute(update(OutboxRow).where(old).values(number=None, text=None))
    quiet = (col(CarrierRow.updated_at) < at) & (CarrierRow.from_number != "")
    session.execute(update(CarrierRow).where(quiet).values(from_number="", to_number=""))


def _names(numbers: Sequence[str]):  # type: ignore[no-untyped-def]
    return or_(*(_in_form(number) for number in numbers)) if numbers else col(ReceivedRow.id).is_(None)


def _in_form(word: str):  # type: ignore[no-untyped-def]
    return col(ReceivedRow.form).contains(word, autoescape=True)
