"""Coming in: who is let in, and what is still asked for. How fast one may guess stands in `login_throttle`.

Unknown, disabled and known accounts get the same words after the same work. A first password is good for three days.
"""

import math
from dataclasses import dataclass
from datetime import timedelta

from fastapi import Request

from app.access import login_record, login_throttle, passwords
from app.access.devices import device_of
from app.access.login_record import How, Why
from app.access.rights import sees_everything
from app.deps import Runtime
from app.peers import address_of
from callbacks.lib.sentence import Sentence, sentence
from callbacks.store import sessions, users
from callbacks.store.tables import UserRow

WRONG = sentence("The e-mail or the password is not right; try again, or ask a supervisor for a new one")
FIRST_ENDED = sentence(
    "This first password has ended: it is good for %(n)s hours. Ask a supervisor for a new one",
    n=users.FIRST_PASSWORD_HOURS,
)


@dataclass(frozen=True, slots=True)
class Let:
    """Either the cookie's `secret`, or why not. `user_id`: whose browser this is now, once nothing more is asked."""

    secret: str | None = None
    fault: Sentence | None = None
    user_id: int | None = None


def by_password(request: Request, here: Runtime, email: str, password: str) -> Let:
    """A session for the right password. The same answer, as slowly, for an account that does not exist."""
    now = here.world.clock.now()
    with here.world.database.read() as session:
        row = users.by_email(session, email)
    device = device_of(request, here, row.id if row else None)
    allowed = login_throttle.for_password(users.spelled(email), address_of(request), device)
    wait = login_throttle.wait(here, allowed, now)
    if wait:
        login_record.refused(here, row, Why.WAITING)
        return Let(fault=too_many(wait))
    known = row.password if row and not row.disabled_at else None
    if not passwords.is_right(password, known) or row is None:
        login_record.refused(here, row, Why.PASSWORD)
        return Let(fault=WRONG)
    login_throttle.was_right(here, allowed)
    if users.first_password_ended(row, now):
        login_record.refused(here, row, Why.FIRST_ENDED)
        return Let(fault=FIRST_ENDED)
    passed = not asks(row)
    return Let(begin(request, here, row, How.PASSWORD, passed), user_id=row.id if passed else None)


def too_many(wait: timedelta) -> Sentence:
    return sentence("Too many wrong tries; wait %(n)s s and try again", n=math.ceil(wait.total_seconds()))


def begin(request: Request, here: Runtime, row: UserRow, how: How, passed: bool) -> str:
    """A new session, never one that was there before the login; a half one while more is asked."""
    now = here.world.clock.now()
    with here.world.database.write() as session:
        user = session.get(UserRow, row.id)
        if user and passed:
            user.seen_at = now
            login_record.logged_in(session, user, how, device_of(request, here, row.id) is not None, now)
        elif user:
            login_record.begun(session, user, how, now)
        agent = request.headers.get("user-agent", "")
        return sessions.begin(session, row.id or 0, now, passed, agent, address_of(request))


def asks(row: UserRow) -> str | None:
    """What is still asked: a new password, enrolment, a code, or None. Who sees everything needs a second factor;
    others may have one."""
    if row.must_change:
        return "password"
    if row.totp_since:
        return "code"
    return "enrol" if sees_everything(row.role) else None
