"""The roster in force, and what we learnt about its people's phones."""

from datetime import datetime
from functools import lru_cache

from sqlmodel import Session, col, select

from callbacks.oncall.roster import EMPTY, Roster
from callbacks.oncall.roster_file import reread_roster
from callbacks.store.tables import PersonRow, RosterRow


def current_roster(session: Session) -> Roster:
    """The last roster that was loaded; the empty one before that."""
    newest = session.exec(select(RosterRow).order_by(col(RosterRow.id).desc()).limit(1)).first()
    return _parsed(newest.text) if newest else EMPTY


def roster_before(session: Session) -> Roster:
    """The one that was in force before the present one; the empty one if there was none."""
    rows = session.exec(select(RosterRow).order_by(col(RosterRow.id).desc()).limit(2)).all()
    return _parsed(rows[1].text) if len(rows) > 1 else EMPTY


def current_text(session: Session) -> str:
    """The roster in force as it was written; "" before the first."""
    newest = session.exec(select(RosterRow).order_by(col(RosterRow.id).desc()).limit(1)).first()
    return newest.text if newest else ""


def load_roster(session: Session, text: str, by: str, now: datetime) -> Roster:
    """Puts a roster in force. Raises FaultyFile, and then nothing changed."""
    roster = reread_roster(text)
    session.add(RosterRow(text=text, loaded_at=now, loaded_by=by))
    return roster


def sms_dead(session: Session) -> frozenset[str]:
    """Names of the people whose texts are refused."""
    return frozenset(session.exec(select(PersonRow.name).where(col(PersonRow.sms_dead_at).is_not(None))))


def mark_sms(session: Session, name: str, role: str, dead_why: str | None, now: datetime) -> bool:
    """Marks the text channel dead (with a reason) or alive (None); True if that changed it."""
    row = _row(session, name, role)
    changed = (row.sms_dead_at is None) == (dead_why is not None)
    if changed:
        row.sms_dead_at, row.sms_dead_why = (now, dead_why) if dead_why else (None, None)
        row.unreachable_texts = 0
    return changed


def count_unreachable(session: Session, name: str, role: str) -> int:
    """How many texts in a row did not reach this phone, this one included."""
    row = _row(session, name, role)
    row.unreachable_texts += 1
    return row.unreachable_texts


def forget_unreachable(session: Session, name: str) -> None:
    """A text arrived."""
    row = session.get(PersonRow, name)
    if row and row.unreachable_texts:
        row.unreachable_texts = 0


def has_another_number(session: Session, name: str) -> None:
    """What was learnt of the phone before does not hold for this one."""
    row = session.get(PersonRow, name)
    if row:
        row.sms_dead_at, row.sms_dead_why, row.unreachable_texts = None, None, 0


def verified(session: Session, name: str, role: str, now: datetime) -> None:
    """A drill woke this person."""
    row = _row(session, name, role)
    row.verified_at = now


def count_passive(session: Session, name: str, role: str) -> int:
    """How many answers in a row led to nothing, this one included."""
    row = _row(session, name, role)
    row.passive_answers += 1
    return row.passive_answers


def _row(session: Session, name: str, role: str) -> PersonRow:
    """What is known of this person's phone; made when nothing was."""
    row = session.get(PersonRow, name)
    if row is None:
        row = PersonRow(name=name, role=role)
        session.add(row)
    return row


def forget_passive(session: Session, name: str) -> None:
    """They sent a command: a person is there."""
    row = session.get(PersonRow, name)
    if row:
        row.passive_answers = 0


@lru_cache(maxsize=4)
def _parsed(text: str) -> Roster:
    return reread_roster(text)
