"""How far each comparison with the carrier's lists has succeeded."""

from abc import ABC, abstractmethod
from dataclasses import replace
from datetime import datetime

from callbacks.store.rows import SweepRow

MOST_ERROR = 200
# Not comparisons, but kept like them: when a request that claims our account was last refused, when a call or text was
# last found that no webhook told of, and whether the carrier takes our tokens.
REFUSED = "refused-webhooks"
FOUND = "found-by-sweep"
TOKEN = "webhook-token"


class BaseChecks(ABC):
    """The questions and writes that are the same whatever keeps the rows."""

    @abstractmethod
    def _get(self, name: str) -> SweepRow | None: ...

    @abstractmethod
    def _set(self, row: SweepRow) -> None: ...

    def sweep(self, name: str) -> SweepRow:
        return self._get(name) or SweepRow(name=name)

    def note_sweep(self, name: str, now: datetime, through: datetime | None, error: str | None) -> None:
        row = self.sweep(name)
        through = through or row.succeeded_through
        self._set(replace(row, ran_at=now, error=error and error[:MOST_ERROR], succeeded_through=through))
