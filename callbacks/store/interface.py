"""What the engine asks of a store.

- Rows are frozen values (`store/rows.py`): what a transaction read stays as it was read; a write is a call.
- A transaction is all or nothing, and sees its own writes. Two that write one row, or that give two rows one key or one
  unique value: one of them gets `Conflict`, at the write or at the commit, and nothing of it is kept.
- A claim takes rows that no other transaction holds, for an owner, until an instant, with the next fence. What is
  written under a fence is written only while that claim is the row's.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

T = TypeVar("T")


class Transaction(Protocol):
    """What is read and written together, by noun."""

    def when_committed(self, then: Callable[[], None]) -> None:
        """Calls `then` once this transaction is committed, and never if it is not."""
        ...

    def token(self, size: int) -> str:
        """A name of so many bytes that nobody can guess, in hexadecimal."""
        ...

    def below(self, n: int) -> int:
        """A whole number from 0 up to `n`, left out, that nobody can guess."""
        ...

    def alone(self, task: str) -> bool:
        """Whether this transaction is the only one at a task, until it ends."""
        ...

    def wait_alone(self, task: str) -> None:
        """Waits until no other transaction is at a task; then this one is, until it ends. Raises Conflict when that
        takes too long."""
        ...

    def notify(self) -> None:
        """Tells the other nodes, when this transaction commits, that something is due."""
        ...


class Store(Protocol):
    """Reads and writes for one process."""

    @property
    def is_sqlite(self) -> bool:
        """Whether it can have one node only: claims that a start finds are those of a dead process."""
        ...

    def write(self) -> AbstractContextManager[Transaction]:
        """One transaction, committed when the block ends; rolled back when it raises. Raises Conflict."""
        ...

    def transact(self, step: Callable[[Transaction], T]) -> T:
        """`step` in one transaction; again after a Conflict, a few times."""
        ...

    def read(self) -> AbstractContextManager[Transaction]:
        """A transaction for reading."""
        ...

    def empty_log(self) -> bool:
        """Overwrites what a log of changes keeps of erased words; False when readers kept it from that."""
        ...
