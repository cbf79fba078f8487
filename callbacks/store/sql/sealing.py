"""Second factors and webhook secrets, sealed in their rows; values stored unsealed stay plain until the next start.

A row holds either the plain column or the sealed one. Nothing is written back by reading.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Protocol

from sqlmodel import Session, col, select

from callbacks.lib.secret_box import SecretBox, Unreadable
from callbacks.store.sql import tables as t
from callbacks.store.subscriptions import owner_of

PLAIN = "plain"
CURRENT = "current"
PREVIOUS = "previous"
LOST = "unreadable"


class Holder(Protocol):
    """One secret in one row."""

    owner: str
    plain: str | None
    sealed: str | None


class SecondFactor:
    """The second factor of a user."""

    def __init__(self, row: t.User) -> None:
        self.row, self.owner = row, f"second factor of {row.id}"

    @property
    def plain(self) -> str | None:
        return self.row.totp_secret

    @plain.setter
    def plain(self, value: str | None) -> None:
        self.row.totp_secret = value

    @property
    def sealed(self) -> str | None:
        return self.row.totp_sealed

    @sealed.setter
    def sealed(self, value: str | None) -> None:
        self.row.totp_sealed = value


class WebhookSecret:
    """The secret that signs what is sent to a subscription; the plain column takes no NULL."""

    def __init__(self, row: t.Subscription) -> None:
        self.row, self.owner = row, owner_of(row.id)

    @property
    def plain(self) -> str | None:
        return self.row.secret or None

    @plain.setter
    def plain(self, value: str | None) -> None:
        self.row.secret = value or ""

    @property
    def sealed(self) -> str | None:
        return self.row.secret_sealed

    @sealed.setter
    def sealed(self, value: str | None) -> None:
        self.row.secret_sealed = value


def put(holder: Holder, secret: str | None, box: SecretBox) -> None:
    holder.plain, holder.sealed = None, box.seal(secret, holder.owner) if secret else None


def read(holder: Holder, box: SecretBox) -> str | None:
    """The secret; None when there is none. Raises Unreadable."""
    return box.open(holder.sealed, holder.owner) if holder.sealed else holder.plain


def state(holder: Holder, box: SecretBox) -> str | None:
    """How it is kept; None when there is none."""
    if not holder.sealed:
        return PLAIN if holder.plain else None
    try:
        box.open(holder.sealed, holder.owner)
    except Unreadable:
        return LOST
    return CURRENT if box.is_current(holder.sealed) else PREVIOUS


def everything(session: Session) -> Iterator[Holder]:
    yield from map(SecondFactor, session.exec(select(t.User).order_by(col(t.User.id)).with_for_update()).all())
    subscriptions = select(t.Subscription).order_by(col(t.Subscription.id)).with_for_update()
    yield from map(WebhookSecret, session.exec(subscriptions).all())


def counted(session: Session, box: SecretBox) -> Counter[str]:
    """How many secrets are kept in which way."""
    return Counter(found for holder in everything(session) if (found := state(holder, box)))


def seal_all(session: Session, box: SecretBox) -> Counter[str]:
    """Seals what is plain, and what an earlier key sealed, with the present one; how many of each kind there were."""
    found: Counter[str] = Counter()
    for holder in everything(session):
        was = state(holder, box)
        if was:
            found[was] += 1
        if was in (PLAIN, PREVIOUS):
            put(holder, read(holder, box), box)
    return found


def unseal_all(session: Session, box: SecretBox) -> Counter[str]:
    """Writes them plain again, for a version that reads nothing else."""
    found: Counter[str] = Counter()
    for holder in everything(session):
        was = state(holder, box)
        if was:
            found[was] += 1
        if was in (CURRENT, PREVIOUS):
            holder.plain, holder.sealed = read(holder, box), None
    return found
