"""Coming in: who is let in, and what is still asked for. How fast one may guess stands in `login_throttle`.

Unknown, disabled and known accounts get the same words after the same work. A first password is good for three days.
"""

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from fastapi import Request

from app.auth import login_throttle, passwords
from app.auth.login_throttle import How, Why, device_of
from app.auth.rights import sees_everything
from app.http.peers import address_of
from app.runtime import App
from callbacks.lib.sentence import Sentence, sentence
from callbacks.oncall.roster import Role
from callbacks.store import sessions, users
from callbacks.store.tables import UserRow

WRONG = sentence("Wrong e-mail or password; try again, or ask a supervisor for a new password")
FIRST_ENDED = sentence(
    "This first password has expired: it is valid for %(n)s hours. Ask a supervisor for a new one",
    n=users.FIRST_PASSWORD_HOURS,
)


@dataclass(frozen=True, slots=True)
class LoginResult:
    """Either the cookie's `secret`, or why not. `user_id`: whose browser this is now, once nothing more is asked."""

    secret: str | None = None
    fault: Sentence | None = None
    user_id: int | None = None


def by_password(request: Request, app: App, email: str, password: str) -> LoginResult:
    """A session for the right password. The same answer, as slowly, for an account that does not exist."""
    now = app.context.clock.now()
    with app.context.database.read() as session:
        row = users.by_email(session, email)
    device = device_of(request, app, row.id if row else None)
    allowed = login_throttle.for_password(users.spelled(email), address_of(request), device)
    wait = login_throttle.wait(app, allowed, now)
    if wait:
        login_throttle.refused(app, row, Why.WAITING)
        return LoginResult(fault=too_many(wait))
    known = row.password if row and not row.disabled_at else None
    if not passwords.is_right(password, known) or row is None:
        login_throttle.refused(app, row, Why.PASSWORD)
        return LoginResult(fault=WRONG)
    login_throttle.was_right(app, allowed)
    if users.first_password_ended(row, now):
        login_throttle.refused(app, row, Why.FIRST_ENDED)
        return LoginResult(fault=FIRST_ENDED)
    passed = not asks(row)
    return LoginResult(begin(request, app, row, How.PASSWORD, passed), user_id=row.id if passed else None)


def too_many(wait: timedelta) -> Sentence:
    return sentence("Too many failed attempts; wait %(n)s s and try again", n=math.ceil(wait.total_seconds()))


def begin(request: Request, app: App, row: UserRow, how: How, passed: bool) -> str:
    """A new session, never one that was there before the login; a half one while more is asked."""
    now = app.context.clock.now()
    with app.context.database.write() as session:
        user = session.get(UserRow, row.id)
        if user and passed:
            user.seen_at = now
            login_throttle.logged_in(session, user, how, device_of(request, app, row.id) is not None, now)
        elif user:
            login_throttle.begun(session, user, how, now)
        agent = request.headers.get("user-agent", "")
        return sessions.begin(session, row.id, now, passed, agent, address_of(request))


def asks(row: UserRow) -> str | None:
    """What is still asked: a new password, enrolment, a code, or None. Who sees everything needs a second factor;
    others may have one."""
    if row.must_change:
        return "password"
    if row.totp_since:
        return "code"
    return "enrol" if sees_everything(Role(row.role)) else None


# How many may try to log in at the same instant; the rest are refused at once.
#
# A try holds a thread, a hash's memory and a turn at the database's writer, or waits for the login provider: webhooks
# and pages need the same ones. Browsers that somebody has fully logged in with (`devices`) have places of their own,
# so that a flood of strangers keeps nobody out who has been in before.

EACH = 6


class Busy(Exception):
    """Too many log in at this instant; the request may be sent again."""


class Places:
    """The places at one way in."""

    def __init__(self) -> None:
        self._strangers, self._known = threading.Semaphore(EACH), threading.Semaphore(EACH)

    @contextmanager
    def one(self, is_known: bool) -> Iterator[None]:
        """A place until the block ends. Raises Busy at once where there is none."""
        places = self._known if is_known else self._strangers
        if not places.acquire(blocking=False):
            raise Busy
        try:
            yield
        finally:
            places.release()


PASSWORD = Places()
PROVIDER = Places()
