"""Failures in a row, and how long to wait after them. A try is counted, under the locks of its keys, before it is
looked at, and taken back when it was right: tries at the same time wait as those in a row do."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlmodel import Session, select

from callbacks.store.tables import StrikeRow

FORGOTTEN = timedelta(hours=1)
NOW = timedelta()


def count(
    session: Session, free: Mapping[str, int], waits: Collection[str], longest: timedelta, now: datetime
) -> timedelta:
    """Counts a try under each key of `free`, unless one of `waits` has to wait still: then how long, and nothing is
    counted. After the `free` first ones of a key the wait doubles from a second up to `longest`. Raises Conflict when
    somebody else counts the first one of a key at the same instant."""
    rows = {key: _locked(session, key, now) for key in sorted(free)}
    left = max((until - now for key in waits if (until := rows[key].wait_until)), default=NOW)
    if left > NOW:
        return left
    for key, allowed in free.items():
        _strike(rows[key], allowed, longest, now)
    return NOW


def forget(session: Session, key: str) -> None:
    row = session.get(StrikeRow, key)
    if row:
        session.delete(row)


def take_back(session: Session, key: str) -> None:
    """The last try was right after all."""
    row = session.get(StrikeRow, key)
    if row and row.count:
        row.count -= 1
        row.wait_until = None


def _locked(session: Session, key: str, now: datetime) -> StrikeRow:
    """The row as it is, nobody else's until this transaction ends."""
    row = session.exec(select(StrikeRow).where(StrikeRow.key == key).with_for_update()).first()
    if row is None:
        row = StrikeRow(key=key, last_at=now)
        session.add(row)
        session.flush()
    return row


def _strike(row: StrikeRow, free: int, longest: timedelta, now: datetime) -> None:
    row.count = 1 if now - row.last_at > FORGOTTEN else row.count + 1
    over = row.count - free
    row.last_at = now
    row.wait_until = now + min(timedelta(seconds=2.0 ** min(over - 1, 20)), longest) if over > 0 else None
