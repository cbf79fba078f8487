"""What every store makes of its rows of notices."""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from callbacks.store.rows import NoticeRow

CONFIRMABLE = timedelta(hours=24)
LONGEST_KEY = 160


class BaseNotices(ABC):
    """The questions and writes that are the same whatever keeps the rows."""

    @abstractmethod
    def _get(self, key: str) -> NoticeRow | None: ...

    @abstractmethod
    def _add(self, row: NoticeRow) -> None:
        """Raises Conflict where another transaction was first."""

    @abstractmethod
    def _set(self, row: NoticeRow) -> None: ...

    def is_news(self, key: str, now: datetime) -> bool:
        if self.is_known(key):
            return False
        self._add(NoticeRow(key=key[:LONGEST_KEY], at=now))
        return True

    def is_due(self, key: str, again: timedelta, now: datetime) -> bool:
        row = self._get(key[:LONGEST_KEY])
        if row is None:
            return self.is_news(key, now)
        if now - row.at < again:
            return False
        self._set(replace(row, at=now))
        return True

    def last(self, key: str) -> datetime | None:
        row = self._get(key[:LONGEST_KEY])
        return row.at if row else None

    def is_known(self, key: str) -> bool:
        return self._get(key[:LONGEST_KEY]) is not None

    def write(self, keys: Iterable[str], at: datetime) -> None:
        for key in dict.fromkeys(key[:LONGEST_KEY] for key in keys):
            self._set(NoticeRow(key=key, at=at))
