"""Failures in a row, and how long to wait after them. An attempt is counted, under the locks of its keys, before it is
looked at, and taken back when it was right: tries at the same time wait as those in a row do. The counts are rows, so
that every node knows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, select

from callbacks.store.sql import tables as t

FORGOTTEN = timedelta(hours=1)
NOW = timedelta()


@dataclass(frozen=True, slots=True)
class Allowance:
    """The first `free` failures in a row cost nothing; each further one doubles the wait, from `first` up to
    `longest`. They are forgotten after `memory` without one."""

    free: int
    longest: timedelta
    first: timedelta = timedelta(seconds=1)
    memory: timedelta = FORGOTTEN

    def wait_after(self, failures: int) -> timedelta:
        over = failures - self.free
        return min(self.first * 2 ** min(over - 1, 30), self.longest) if over > 0 else NOW


def count(session: Session, allowed: Mapping[str, Allowance], now: datetime) -> timedelta:
    """Counts a try under each key, unless one of them still has to wait: then how long, and nothing is counted.
    Raises Conflict when somebody else counts the first one of a key at the same instant."""
    rows = {key: _locked(session, key, now) for key in sorted(allowed)}
    left = max((row.wait_until - now for row in rows.values() if row.wait_until), default=NOW)
    if left > NOW:
        return left
    for key, allowance in allowed.items():
        _strike(rows[key], allowance, now)
    return NOW


def in_a_row(session: Session, key: str) -> int:
    """How many tries stand under a key, the one in hand included."""
    row = session.get(t.Strike, key)
    return row.count if row else 0


def forget(session: Session, key: str) -> None:
    row = session.get(t.Strike, key)
    if row:
        session.delete(row)


def take_back(session: Session, key: str) -> None:
    """The last try was right after all."""
    row = session.get(t.Strike, key)
    if row and row.count:
        row.count -= 1
        row.wait_until = None


def _locked(session: Session, key: str, now: datetime) -> t.Strike:
    """The row as it is, nobody else's until this transaction ends."""
    row = session.exec(select(t.Strike).where(t.Strike.key == key).with_for_update()).first()
    if row is None:
        row = t.Strike(key=key, last_at=now)
        session.add(row)
        session.flush()
    return row


def _strike(row: t.Strike, allowance: Allowance, now: datetime) -> None:
    """A long wait is no pause: the memory of failures begins after the wait that they brought."""
    quiet_since = max(row.last_at, row.wait_until or row.last_at)
    row.count = 1 if now - quiet_since > allowance.memory else row.count + 1
    row.last_at = now
    wait = allowance.wait_after(row.count)
    row.wait_until = now + wait if wait else None
