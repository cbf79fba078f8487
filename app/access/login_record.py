"""Every login and every refused one, in the log (by user id, never an address) and in the audit list.

Refusals of the same kind within an hour are one row that counts: a guesser fills no table and hides no other deed. An
account that does not exist is written down like one that does, in as many steps.
"""

from datetime import datetime
from enum import StrEnum

import structlog
from sqlmodel import Session

from app.deps import Runtime
from callbacks.engine.notify import raise_once, to_person
from callbacks.store import audits
from callbacks.store.database import with_retries
from callbacks.store.tables import UserRow

log = structlog.get_logger()
UNKNOWN = "unknown account"
LOGGED_IN, BEGUN, REFUSED = "user.logged-in", "login.begun", "login.refused"


class How(StrEnum):
    """What was shown."""

    PASSWORD = "password"
    CODE = "second factor"
    SSO = "company login"


class Why(StrEnum):
    """Why somebody was not let in."""

    PASSWORD = "wrong password"
    CODE = "wrong code"
    WAITING = "too many wrong tries"
    FIRST_ENDED = "first password ended"
    SSO = "company login refused"


def logged_in(session: Session, user: UserRow, how: How, is_known_browser: bool, now: datetime) -> None:
    log.info("login.done", user=user.id, how=how.value, known_browser=is_known_browser)
    audits.put(session, now, user.email, "page", LOGGED_IN, how, known_browser=is_known_browser)


def begun(session: Session, user: UserRow, how: How, now: datetime) -> None:
    """The first half was right; more is asked."""
    log.info("login.begun", user=user.id, how=how.value)
    audits.put_or_count(session, now, user.email, "page", BEGUN, how)


def refused(here: Runtime, user: UserRow | None, why: Why) -> None:
    now, who = here.world.clock.now(), user.email if user else UNKNOWN
    log.warning("login.refused", why=why.value, user=user.id if user else None)

    def once() -> None:
        with here.world.database.write() as session:
            audits.put_or_count(session, now, who, "page", REFUSED, why)

    with_retries(once)


def guessed_codes(here: Runtime, user: UserRow, n: int) -> None:
    """Somebody who has the password guesses at the second factor: supervisors and the user are told, once an hour."""
    now = here.world.clock.now()
    key = f"login codes {user.id} {now:%Y-%m-%dT%H}"
    log.warning("login.codes_guessed", user=user.id, n=n)

    def once() -> bool:
        with here.world.database.write() as session:
            duty = here.world.duty(session)
            name = duty.full_name(user.person) if user.person else user.email
            told = raise_once(session, duty, key, "audit-login", now, what=n, person=name)
            if told and user.person and user.person not in {s.name for s in duty.supervisors}:
                to_person(session, duty, user.person, "login-guessed", now, what=n)
            return told

    if with_retries(once):
        here.world.wake.set()
