"""A roster put in force, from a file or from the schedule: all or nothing, one at a time, and whoever's turn it changes
at once is told."""

from datetime import datetime

from sqlmodel import Session

from callbacks.engine.jobs import handoff_notices
from callbacks.oncall.coverage import Duty
from callbacks.oncall.roster import EMPTY, Roster
from callbacks.store import feeds, people
from callbacks.store.database import Conflict, Database


def hold(database: Database, session: Session) -> None:
    """No other roster is put in force until this transaction ends: what is read now is what will be replaced.
    Raises Conflict while another is."""
    if not database.alone(session, "roster"):
        raise Conflict("another roster is being put in force")


def put_in_force(database: Database, session: Session, text: str, by: str, now: datetime) -> Roster:
    """The roster holds from the end of this transaction on. The first one of all tells nobody: it is being set up.
    Raises FaultyFile, and then nothing changed; Conflict."""
    hold(database, session)
    before = _duty(session, now)
    roster = people.load_roster(session, text, by, now)
    session.flush()
    if before.roster != EMPTY:
        for person in roster.people:
            known = before.roster.person(person.name)
            if known and known.phone != person.phone:
                people.has_another_number(session, person.name)
        handoff_notices.take_over(session, before, _duty(session, now), now)
        database.notify(session)
    return roster


def _duty(session: Session, now: datetime) -> Duty:
    roster = people.current_roster(session)
    return Duty(roster, people.sms_dead(session), feeds.calendars(session, roster, now))
