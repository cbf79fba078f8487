"""What supervisors were told once, and handoffs with their confirmations."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select

from callbacks.store.sql import tables as t

CONFIRMABLE = timedelta(hours=24)


class SqlNotices:
    """The questions and writes of `notices` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def is_news(self, key: str, now: datetime) -> bool:
        """Writes the key down; False if it was there."""
        if self.session.get(t.Notice, key[:160]):
            return False
        self.session.add(t.Notice(key=key[:160], at=now))
        return True

    def is_due(self, key: str, again: timedelta, now: datetime) -> bool:
        """Writes down that it is told now; False if that was less than `again` ago."""
        row = self.session.get(t.Notice, key[:160]) or t.Notice(key=key[:160], at=now - again)
        if now - row.at < again:
            return False
        row.at = now
        self.session.add(row)
        return True

    def last(self, key: str) -> datetime | None:
        """When it was told last, by any node."""
        row = self.session.get(t.Notice, key[:160])
        return row.at if row else None

    def write(self, keys: Iterable[str], at: datetime) -> None:
        """Writes down when these were told."""
        for key in {key[:160] for key in keys}:
            self.session.merge(t.Notice(key=key, at=at))

    def forget(self, beginning: str) -> None:
        """Takes back every key that begins so."""
        self.session.execute(delete(t.Notice).where(col(t.Notice.key).startswith(beginning, autoescape=True)))

    def is_known(self, key: str) -> bool:
        """Whether the key was written down."""
        return self.session.get(t.Notice, key[:160]) is not None

    def add_handoff(self, row: t.Handoff) -> bool:
        """Writes a handoff down; False if it was there."""
        known = select(t.Handoff.id).where(t.Handoff.rotation == row.rotation, t.Handoff.at == row.at)
        if self.session.exec(known).first() is not None:
            return False
        self.session.add(row)
        self.session.flush()
        return True

    def is_told(self, rotation: str, person: str, since: datetime) -> bool:
        """Whether the rotation's last handoff since then was told, and went to this person."""
        query = select(t.Handoff.incoming).where(t.Handoff.rotation == rotation, col(t.Handoff.at) >= since)
        return self.session.exec(query.order_by(col(t.Handoff.at).desc())).first() == person

    def confirm(self, person: str, now: datetime) -> list[t.Handoff]:
        """The person's latest unconfirmed handoffs, confirmed now."""
        query = select(t.Handoff).where(
            t.Handoff.incoming == person,
            col(t.Handoff.confirmed_at).is_(None),
            col(t.Handoff.at) > now - CONFIRMABLE,
        )
        found = list(self.session.exec(query.order_by(col(t.Handoff.at))))
        for row in found:
            row.confirmed_at = now
            self.session.add(row)
        return found

    def unconfirmed(self, before: datetime, after: datetime) -> list[t.Handoff]:
        """Handoffs in a span that nobody confirmed and no supervisor was told of."""
        query = select(t.Handoff).where(
            col(t.Handoff.confirmed_at).is_(None),
            col(t.Handoff.escalated_at).is_(None),
            col(t.Handoff.at) <= before,
            col(t.Handoff.at) > after,
        )
        return list(self.session.exec(query))


def latest(session: Session, limit: int) -> list[t.Handoff]:
    """The last handoffs, newest first."""
    return list(session.exec(select(t.Handoff).order_by(col(t.Handoff.at).desc()).limit(limit)))
