"""Limits on guessing a password or second factor, how guesses are recorded, and known browsers.

- Failures count per account over all addresses, so that many addresses do not help, and per address over all accounts.
- A browser that has logged in as this user before (`devices`) has a count of its own instead: it waits for nobody
  else, so that strangers behind the same address, or anywhere, keep no user out. Names of accounts that do not exist
  are counted alike.
- An address of IPv6 is its network of 64 bits: one household has all of those.
"""

import hashlib
import ipaddress
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from fastapi import Request
from fastapi.responses import Response
from itsdangerous import BadData, URLSafeTimedSerializer

from app.runtime import App
from callbacks.engine.notify import notify, raise_once
from callbacks.store.sql import audits, strikes, tables, users
from callbacks.store.sql.strikes import Allowance
from callbacks.store.sql.transaction import Transaction

PASSWORD = Allowance(free=3, longest=timedelta(minutes=15))
ADDRESS = Allowance(free=20, longest=timedelta(seconds=30))
# Whoever is right begins anew; so a long memory costs only who never is: a guesser with pauses, who has the password.
CODE = Allowance(free=5, longest=timedelta(hours=4), first=timedelta(seconds=5), memory=timedelta(days=30))
FROM_WITHIN = Allowance(free=5, longest=timedelta(seconds=30))  # a password or code asked again of who is logged in
MOST_CODES = 10  # wrong second factors in a row: the half session ends, people are told


def for_password(email: str, address: str, device: str | None) -> dict[str, Allowance]:
    """The counts that a try at this account's password stands under."""
    if device:
        return {key("device", device): PASSWORD}
    return {key("account", email): PASSWORD, address_key(address): ADDRESS}


def for_code(user_id: int, device: str | None) -> dict[str, Allowance]:
    """The count that a try at this user's second factor stands under."""
    return {key("code-device", device) if device else key("code", str(user_id)): CODE}


def from_within(what: str, user_id: int | None) -> dict[str, Allowance]:
    """The count for a password or code that a logged-in user gives again."""
    return {key(what, str(user_id)): FROM_WITHIN}


def address_key(address: str) -> str:
    return key("address", _network(address))


def wait(app: App, allowed: Mapping[str, Allowance], now: datetime) -> timedelta:
    """Counts a try before it is looked at; how long it has to wait, and then it was not counted. Whoever was right
    calls `was_right`."""

    return app.database.transact(lambda session: strikes.count(session, allowed, now))


def was_right(app: App, allowed: Mapping[str, Allowance]) -> None:
    """The count of the account or device begins anew; the address only gets this one try back."""
    with app.database.write() as session:
        for one, allowance in allowed.items():
            if allowance is ADDRESS:
                strikes.take_back(session, one)
            else:
                strikes.forget(session, one)


def forget_user(session: Transaction, user: tables.User) -> None:
    """A new first password ends what others brought upon the account."""
    for one in (key("account", user.email), key("code", str(user.id))):
        strikes.forget(session, one)


def key(*parts: str) -> str:
    return hashlib.sha256("|".join(parts).encode("utf-8", "replace")).hexdigest()


def _network(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        mapped = found.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


# Every login and every refused one, in the log (by user id, never an address) and in the audit list.
#
# Refusals of the same kind within an hour are one row that counts: a guesser fills no table and hides no other entry.
# An account that does not exist is written down like one that does, in as many steps.

log = structlog.get_logger()
UNKNOWN = "unknown account"
LOGGED_IN = "user.logged-in"
BEGUN = "login.begun"
REFUSED = "login.refused"


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


def logged_in(session: Transaction, user: tables.User, how: How, is_known_browser: bool, now: datetime) -> None:
    log.info("login.succeeded", user=user.id, how=how.value, known_browser=is_known_browser)
    session.audits.put(now, user.email, "page", LOGGED_IN, how, known_browser=is_known_browser)


def begun(session: Transaction, user: tables.User, how: How, now: datetime) -> None:
    """The first half was right; more is asked."""
    log.info("login.begun", user=user.id, how=how.value)
    audits.put_or_count(session, now, user.email, "page", BEGUN, how)


def refused(app: App, user: tables.User | None, why: Why) -> None:
    now, who = app.context.clock.now(), user.email if user else UNKNOWN
    log.warning("login.refused", why=why.value, user=user.id if user else None)

    app.database.transact(lambda session: audits.put_or_count(session, now, who, "page", REFUSED, why))


def guessed_codes(app: App, user: tables.User, n: int) -> None:
    """Somebody who has the password guesses at the second factor: supervisors and the user are told, once an hour."""
    now = app.context.clock.now()
    key = f"login codes {user.id} {now:%Y-%m-%dT%H}"
    log.warning("login.codes_guessed", user=user.id, n=n)

    def once(session: Transaction) -> bool:
        duty = app.context.duty(session)
        name = duty.roster.display_name(user.person) if user.person else user.email
        told = raise_once(session, duty, key, "audit-login", now, what=n, person=name)
        if told and user.person and user.person not in {s.name for s in duty.supervisors}:
            contact = duty.contact(user.person)
            notify(session, [contact] if contact else [], "login-guessed", now, what=n)
        return told

    app.commit(once)


# Browsers that a user has fully logged in with before: a signed cookie of their own, which lets nobody in.
#
# Who brings one along does not wait for other people's wrong tries (`login_throttle`). It names the user, so that one
# user's browser is nobody else's, and ends half a year after the last login.

COOKIE = "callbacks_device"
SECURE_COOKIE = "__Host-callbacks-device"
SECONDS = 180 * 24 * 3600


def device_of(request: Request, app: App, user_id: int | None) -> str | None:
    """The id of this user's browser; None for one that has not logged in as this user before."""
    found = _read(request, app)
    return found[1] if found and user_id is not None and found[0] == user_id else None


def is_known(request: Request, app: App) -> bool:
    """Whether somebody who may still log in has logged in with this browser before."""
    found = _read(request, app)
    if found is None:
        return False
    with app.database.read() as session:
        return users.may_log_in(session, found[0])


def remember(answer: Response, request: Request, app: App, user_id: int) -> None:
    """Leaves the cookie, with the same id where there was one."""
    device = device_of(request, app, user_id) or secrets.token_hex(16)
    is_secure = app.settings.public_url.startswith("https")
    answer.set_cookie(
        cookie_name(app),
        str(_serializer(app).dumps([user_id, device])),
        max_age=SECONDS,
        path="/",
        httponly=True,
        secure=is_secure,
        samesite="lax",
    )


def _read(request: Request, app: App) -> tuple[int, str] | None:
    try:
        owner, device = _serializer(app).loads(request.cookies.get(cookie_name(app), ""), max_age=SECONDS)
    except (BadData, ValueError, TypeError):
        return None
    return (owner, str(device)) if isinstance(owner, int) else None


def cookie_name(app: App) -> str:
    return SECURE_COOKIE if app.settings.public_url.startswith("https") else COOKIE


def _serializer(app: App) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(app.settings.signing_keys, salt="device")
