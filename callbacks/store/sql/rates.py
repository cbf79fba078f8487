"""How many requests a key made in the present window, on all nodes together."""

from datetime import datetime, timedelta

from sqlmodel import Session, select

from callbacks.store.sql import tables as t

LONGEST_BUSY = timedelta(minutes=1)


class SqlRates:
    """The questions and writes of `rates` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def take_rate(
        self, key: str, wanted: int, limit: int, window: timedelta, now: datetime
    ) -> tuple[int, int, datetime]:
        """(how many of `wanted` are given, how many are left after them, when the window ends). The window begins with
        the first request after the last one ended. Raises Conflict when another node counts at the same instant."""
        row = self.session.get(t.Rate, key, with_for_update=True)
        if row is None:
            row = t.Rate(key=key, window_at=now, count=0)
        elif _is_over(row, window, now):
            row.window_at, row.count = now, 0
        given = max(0, min(wanted, limit - row.count))
        row.count += given
        self.session.add(row)
        self.session.flush()
        return given, limit - row.count, row.window_at + window

    def taken(self, key: str, window: timedelta, now: datetime) -> int:
        """How many were given in the present window."""
        row = self.session.get(t.Rate, key)
        return 0 if row is None or _is_over(row, window, now) else row.count

    def line_free_at(self, key: str, now: datetime) -> datetime:
        """When the line `key` will be free; now, if it is."""
        row = self.session.get(t.Rate, key)
        return _busy_until(row, now) if row else now

    def take_line(self, key: str, now: datetime, length: timedelta, must: bool = True) -> datetime:
        """Takes the line for so long from when it is free; until when it is busy then. `must`: else it is left alone
        where it was never taken, or where somebody holds its row."""
        query = select(t.Rate).where(t.Rate.key == key)
        row = self.session.exec(query.with_for_update(skip_locked=not must)).first()
        if row is None and not must:
            return now
        row = row or t.Rate(key=key, window_at=now)
        row.window_at, row.count = _busy_until(row, now) + length, row.count + 1
        self.session.add(row)
        return row.window_at

    def have_line(self, key: str, now: datetime) -> None:
        """The line's row is there, so that nobody who takes it later meets another who adds it."""
        if self.session.get(t.Rate, key) is None:
            self.session.add(t.Rate(key=key, window_at=now))


def _is_over(row: t.Rate, window: timedelta, now: datetime) -> bool:
    """Behind us, or begun by a clock that was far ahead."""
    return now >= row.window_at + window or row.window_at > now + window


def _busy_until(row: t.Rate, now: datetime) -> datetime:
    """A line that is busy for longer than a minute was taken by a clock ahead of ours, or by a storm of pages, in which
    an answer must get through too."""
    return row.window_at if now < row.window_at <= now + LONGEST_BUSY else now
