"""A roster put in force, from a file or from the schedule: all or nothing, one at a time, and whoever's turn it changes
at once is told."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from callbacks.engine.jobs import handoff_notices
from callbacks.oncall.roster import EMPTY
from callbacks.store.errors import Conflict
from callbacks.store.interface import Transaction

T = TypeVar("T")


def hold(session: Transaction) -> None:
    """No other roster is put in force until this transaction ends: what is read now is what will be replaced.
    Raises Conflict while another is."""
    if not session.alone("roster"):
        raise Conflict("another roster is being put in force")


def put_in_force(session: Transaction, now: datetime, put: Callable[[], T]) -> T:
    """What `put` makes of the roster holds from the end of this transaction on. The first one of all tells nobody: it
    is being set up. Raises Conflict."""
    hold(session)
    before = session.people.duty(now)
    done = put()
    if before.roster != EMPTY:
        after = session.people.duty(now)
        for person in after.roster.people:
            known = before.roster.person(person.name)
            if known and known.phone != person.phone:
                session.people.has_another_number(person.name)
        handoff_notices.take_over(session, before, after, now)
        session.notify()
    return done
