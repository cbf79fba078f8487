"""What every store makes of its rows of customers."""

from abc import ABC, abstractmethod
from dataclasses import replace
from datetime import datetime

from callbacks.store.rows import CustomerRow


class BaseCustomers(ABC):
    """The questions and writes that are the same whatever keeps the rows."""

    @abstractmethod
    def _get(self, number: str) -> CustomerRow | None: ...

    @abstractmethod
    def put(self, row: CustomerRow) -> None:
        """New or in place of the number's; for what people write. Raises Conflict."""

    def known(self, number: str | None) -> CustomerRow | None:
        return self._get(number) if number else None

    def entry(self, number: str, now: datetime) -> CustomerRow:
        """The caller's entry, or the one to begin with."""
        return self._get(number) or CustomerRow(number=number, updated_at=now)

    def remember_language(self, number: str | None, language: str, now: datetime) -> None:
        if number:
            self.put(replace(self.entry(number, now), language=language, updated_at=now))

    def mark_sms(self, number: str, dead_why: str | None, now: datetime) -> None:
        since = now if dead_why else None
        self.put(replace(self.entry(number, now), sms_dead_at=since, sms_dead_why=dead_why, updated_at=now))

    def takes_texts(self, number: str) -> bool:
        row = self.known(number)
        return row is None or row.sms_dead_at is None
