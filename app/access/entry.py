"""Coming in: who is let in, how fast one may guess, and what is still asked for.

How fast: failures are counted per account and address together, and per address; after 3 of the first kind, or 20 of
the second, each further try waits twice as long, up to 30 s. An account's owner never waits for somebody else's
failures at an address they came from before, so that guessing cannot lock everybody out at night.
"""

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from fastapi import Request

from app.access import passwords
from app.access.rights import SUPERVISOR
from app.deps import Runtime
from app.peers import address_of
from callbacks.sentence import Sentence, sentence
from callbacks.store import sessions, strikes, users
from callbacks.store.database import with_retries
from callbacks.store.tables import UserRow

log = structlog.get_logger()
LONGEST_WAIT = timedelta(seconds=30)
FREE_TRIES, FREE_TRIES_OF_ADDRESS = 3, 20
WRONG = sentence("The e-mail or the password is not right; try again, or ask a supervisor for a new one")


@dataclass(frozen=True, slots=True)
class Let:
    """Either the cookie's `secret`, or why not."""

    secret: str | None = None
    fault: Sentence | None = None


def by_password(request: Request, here: Runtime, email: str, password: str) -> Let:
    """A session for the right password. The same answer, as slowly, for an account that does not exist."""
    now, where = here.world.clock.now(), address_of(request)
    pair, alone = _key("pair", users.spelled(email), where), _key("address", where)
    with here.world.database.read() as session:
        row = users.by_email(session, email)
        is_known = bool(row and row.id and sessions.knows(session, row.id, where))
        known = row.password if row and not row.disabled_at else None
    wait = with_retries(lambda: _count(here, pair, alone, is_known, now))
    if wait:
        log.warning("login.refused", why="too-many", pair=pair[:12])
        return Let(fault=_too_many(wait))
    if not passwords.is_right(password, known) or row is None:
        log.warning("login.refused", why="wrong", pair=pair[:12])
        return Let(fault=WRONG)
    with here.world.database.write() as session:
        strikes.forget(session, pair)
        strikes.take_back(session, alone)
    return Let(begin(request, here, row, passed=not asks(row)))


def _count(here: Runtime, pair: str, alone: str, is_known: bool, now: datetime) -> int:
    """Counts a try before it is looked at; seconds to wait, and then it was not counted. Raises Conflict."""
    free = {pair: FREE_TRIES, alone: FREE_TRIES_OF_ADDRESS}
    with here.world.database.write() as session:
        left = strikes.count(session, free, [pair] if is_known else [pair, alone], LONGEST_WAIT, now)
    return math.ceil(left.total_seconds())


def _too_many(wait: int) -> Sentence:
    return sentence("Too many wrong tries from here; wait %(n)s s and try again", n=wait)


def begin(request: Request, here: Runtime, row: UserRow, passed: bool) -> str:
    """A new session, never one that was there before the login."""
    now = here.world.clock.now()
    with here.world.database.write() as session:
        user = session.get(UserRow, row.id)
        if user:
            user.seen_at = now
        return sessions.begin(
            session, row.id or 0, now, passed, request.headers.get("user-agent", ""), address_of(request)
        )


def asks(row: UserRow) -> str | None:
    """What is still asked after the password: a new password, enrolment, a code, or None. Supervisors need a second
    factor; others may have one."""
    if row.must_change:
        return "password"
    if row.totp_since:
        return "code"
    return "enrol" if row.role == SUPERVISOR and row.password else None


def _key(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode()).hexdigest()
