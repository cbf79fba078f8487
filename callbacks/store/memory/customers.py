"""The address book in memory."""

from callbacks.store.customers import BaseCustomers
from callbacks.store.memory.data import Data
from callbacks.store.memory.tables import Changes
from callbacks.store.rows import CustomerRow


class MemoryCustomers(BaseCustomers):
    """The questions and writes of `customers` in one transaction."""

    def __init__(self, changes: Changes, data: Data) -> None:
        self.changes, self.data = changes, data

    def _get(self, number: str) -> CustomerRow | None:
        return self.changes.get(self.data.customers, number)

    def put(self, row: CustomerRow) -> None:
        self.changes.set(self.data.customers, row)

    def forget(self, number: str) -> CustomerRow | None:
        row = self._get(number)
        if row is not None:
            self.changes.remove(self.data.customers, number)
        return row
