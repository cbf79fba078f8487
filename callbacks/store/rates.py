"""How many requests a key made in the present window, and until when a line is busy, on all nodes together."""

from dataclasses import replace
from datetime import datetime, timedelta

from callbacks.store.interface import Transaction
from callbacks.store.rows import RateRow

LONGEST_BUSY = timedelta(minutes=1)


def take_rate(
    session: Transaction, key: str, wanted: int, limit: int, window: timedelta, now: datetime
) -> tuple[int, int, datetime]:
    """(how many of `wanted` are given, how many are left after them, when the window ends). The window begins with
    the first request after the last one ended. Raises Conflict when another node counts at the same instant."""
    known = session.rates.held(key)
    row = RateRow(key=key, window_at=now) if known is None or _is_over(known, window, now) else known
    given = max(0, min(wanted, limit - row.count))
    row = replace(row, count=row.count + given)
    _write(session, known, row)
    return given, limit - row.count, row.window_at + window


def taken(session: Transaction, key: str, window: timedelta, now: datetime) -> int:
    """How many were given in the present window."""
    row = session.rates.find(key)
    return 0 if row is None or _is_over(row, window, now) else row.count


def line_free_at(session: Transaction, key: str, now: datetime) -> datetime:
    """When the line `key` will be free; now, if it is."""
    row = session.rates.find(key)
    return _busy_until(row, now) if row else now


def take_line(session: Transaction, key: str, now: datetime, length: timedelta, must: bool = True) -> datetime:
    """Takes the line for so long from when it is free; until when it is busy then. `must`: else it is left alone
    where it was never taken, or where somebody holds its row."""
    row = session.rates.held(key) if must else session.rates.held_if_free(key)
    if row is None and not must:
        return now
    before = row or RateRow(key=key, window_at=now)
    until = _busy_until(before, now) + length
    _write(session, row, replace(before, window_at=until, count=before.count + 1))
    return until


def have_line(session: Transaction, key: str, now: datetime) -> None:
    """The line's row is there, so that nobody who takes it later meets another who adds it."""
    if session.rates.find(key) is None:
        session.rates.add(RateRow(key=key, window_at=now))


def _write(session: Transaction, known: RateRow | None, row: RateRow) -> None:
    """A row that was not there is added, never written over: another may have added it since."""
    if known is None:
        session.rates.add(row)
    else:
        session.rates.set(row)


def _is_over(row: RateRow, window: timedelta, now: datetime) -> bool:
    """Behind us, or begun by a clock that was far ahead."""
    return now >= row.window_at + window or row.window_at > now + window


def _busy_until(row: RateRow, now: datetime) -> datetime:
    """A line that is busy for longer than a minute was taken by a clock ahead of ours, or by a storm of pages, in which
    an answer must get through too."""
    return row.window_at if now < row.window_at <= now + LONGEST_BUSY else now
