"""How fast one may guess at a password or a second factor.

- Failures count per account over all addresses, so that many addresses do not help, and per address over all accounts.
- A browser that has logged in as this user before (`devices`) has a count of its own instead: it waits for nobody
  else, so that strangers behind the same address, or anywhere, keep no user out. Names of accounts that do not exist
  are counted alike.
- An address of IPv6 is its network of 64 bits: one household has all of those.
"""

import hashlib
import ipaddress
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlmodel import Session

from app.deps import Runtime
from callbacks.store import strikes
from callbacks.store.database import with_retries
from callbacks.store.strikes import Allowance
from callbacks.store.tables import UserRow

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


def wait(here: Runtime, allowed: Mapping[str, Allowance], now: datetime) -> timedelta:
    """Counts a try before it is looked at; how long it has to wait, and then it was not counted. Whoever was right
    calls `was_right`."""

    def once() -> timedelta:
        with here.world.database.write() as session:
            return strikes.count(session, allowed, now)

    return with_retries(once)


def was_right(here: Runtime, allowed: Mapping[str, Allowance]) -> None:
    """The count of the account or device begins anew; the address only gets this one try back."""
    with here.world.database.write() as session:
        for one, allowance in allowed.items():
            if allowance is ADDRESS:
                strikes.take_back(session, one)
            else:
                strikes.forget(session, one)


def forget_user(session: Session, user: UserRow) -> None:
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
