"""The roster in force, and what we learnt about its people's phones."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

import structlog
from sqlmodel import Session, col, select

from callbacks.calendar_feed import BrokenFeed, read_feed
from callbacks.roster import EMPTY, Roster
from callbacks.roster_file import reread_roster
from callbacks.schedule import Shift
from callbacks.store.tables import FeedRow, PersonRow, RosterRow

log = structlog.get_logger()
FEED_BEFORE, FEED_AFTER = timedelta(days=40), timedelta(days=400)


def current_roster(session: Session) -> Roster:
    """The last roster that was loaded; the empty one before that."""
    newest = session.exec(select(RosterRow).order_by(col(RosterRow.id).desc()).limit(1)).first()
    return _parsed(newest.text) if newest else EMPTY


def current_text(session: Session) -> str:
    """The roster in force as it was written; "" before the first."""
    newest = session.exec(select(RosterRow).order_by(col(RosterRow.id).desc()).limit(1)).first()
    return newest.text if newest else ""


def calendars(session: Session, roster: Roster, now: datetime) -> dict[str, tuple[Shift, ...]]:
    """Shifts of the rotations that are read from feeds, from the last good copies."""
    found = {}
    for feed in roster.calendars:
        row = session.get(FeedRow, feed.rotation)
        if row and row.content:
            found[feed.rotation] = _feed_shifts(row.content, feed.rotation, roster, now.date())
    return found


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
    row = session.get(PersonRow, name) or PersonRow(name=name, role=role)
    changed = (row.sms_dead_at is None) == (dead_why is not None)
    if changed:
        row.sms_dead_at, row.sms_dead_why = (now, dead_why) if dead_why else (None, None)
    session.add(row)
    return changed


def verified(session: Session, name: str, role: str, now: datetime) -> None:
    """A drill woke this person."""
    row = session.get(PersonRow, name) or PersonRow(name=name, role=role)
    row.verified_at = now
    session.add(row)


def count_passive(session: Session, name: str, role: str) -> int:
    """How many answers in a row led to nothing, this one included."""
    row = session.get(PersonRow, name) or PersonRow(name=name, role=role)
    row.passive_answers += 1
    session.add(row)
    return row.passive_answers


def forget_passive(session: Session, name: str) -> None:
    """They sent a command: a person is there."""
    row = session.get(PersonRow, name)
    if row:
        row.passive_answers = 0


@lru_cache(maxsize=32)
def _feed_shifts(content: str, rotation: str, roster: Roster, day: date) -> tuple[Shift, ...]:
    """A good copy read for the time around a day; what cannot be read any more has no shifts."""
    middle = datetime.combine(day, time(), UTC)
    try:
        feed = read_feed(
            content.encode(), rotation, roster, middle - FEED_BEFORE, middle + FEED_AFTER, roster.timezone
        )  # fmt: skip
    except BrokenFeed as fault:
        log.error("feed.unreadable", rotation=rotation, why=str(fault))
        return ()
    return feed.shifts


@lru_cache(maxsize=4)
def _parsed(text: str) -> Roster:
    return reread_roster(text)
