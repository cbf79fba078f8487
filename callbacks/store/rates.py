"""How many requests a key made in the present window, on all nodes together."""

from datetime import datetime, timedelta

from sqlmodel import Session

from callbacks.store.tables import RateRow


def take(
    session: Session, key: str, wanted: int, limit: int, window: timedelta, now: datetime
) -> tuple[int, int, datetime]:
    """(how many of `wanted` are given, how many are left after them, when the window ends). The window begins with
    the first request after the last one ended. Raises Conflict when another node counts at the same instant."""
    row = session.get(RateRow, key, with_for_update=True)
    if row is None:
        row = RateRow(key=key, window_at=now, count=0)
    elif now >= row.window_at + window or row.window_at > now + window:
        row.window_at, row.count = now, 0
    given = max(0, min(wanted, limit - row.count))
    row.count += given
    session.add(row)
    session.flush()
    return given, limit - row.count, row.window_at + window
