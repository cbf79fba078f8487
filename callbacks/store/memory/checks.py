"""How far comparisons got, in memory."""

from callbacks.store.checks import BaseChecks
from callbacks.store.memory.data import Data
from callbacks.store.memory.tables import Changes
from callbacks.store.rows import SweepRow


class MemoryChecks(BaseChecks):
    """The questions and writes of `checks` in one transaction."""

    def __init__(self, changes: Changes, data: Data) -> None:
        self.changes, self.data = changes, data

    def _get(self, name: str) -> SweepRow | None:
        return self.changes.get(self.data.sweeps, name)

    def _set(self, row: SweepRow) -> None:
        self.changes.set(self.data.sweeps, row)

    def forget(self, name: str) -> None:
        self.changes.remove(self.data.sweeps, name)
