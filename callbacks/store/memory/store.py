"""A store in memory, and its transactions."""

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TypeVar

from callbacks.store.errors import Conflict
from callbacks.store.memory.audits import MemoryAudits
from callbacks.store.memory.carrier import MemoryCarrier
from callbacks.store.memory.checks import MemoryChecks
from callbacks.store.memory.customers import MemoryCustomers
from callbacks.store.memory.data import Data
from callbacks.store.memory.emergencies import MemoryEmergencies
from callbacks.store.memory.erasing import MemoryErasing
from callbacks.store.memory.feeds import MemoryFeeds
from callbacks.store.memory.heads import MemoryHeads
from callbacks.store.memory.idempotency import MemoryIdempotency
from callbacks.store.memory.ledger import MemoryLedger
from callbacks.store.memory.notices import MemoryNotices
from callbacks.store.memory.outbox import MemoryOutbox
from callbacks.store.memory.people import MemoryPeople
from callbacks.store.memory.received import MemoryReceived
from callbacks.store.memory.runtime import MemoryMagicLinks, MemoryNodes, MemoryRates
from callbacks.store.memory.subscriptions import MemorySubscriptions
from callbacks.store.memory.tables import Changes

T = TypeVar("T")
TRIES = 8


class MemoryTransaction:
    """What is read and written together, by noun."""

    def __init__(self, store: "MemoryStore") -> None:
        self.data, self.changes = store.data, Changes(store.data)
        self.notifies = False
        self._token, self._below = store.token, store.below
        self._then: list[Callable[[], None]] = []

    def when_committed(self, then: Callable[[], None]) -> None:
        self._then.append(then)

    def rest(self) -> None:
        """Nothing is held by reading."""

    def token(self, size: int) -> str:
        return self._token(size)

    def below(self, n: int) -> int:
        return self._below(n)

    def alone(self, task: str) -> bool:
        return self.changes.hold(self.data.tasks, task)

    def wait_alone(self, task: str) -> None:
        self.changes.wait_for(self.data.tasks, f"wait {task}")

    def notify(self) -> None:
        self.notifies = True

    def commit(self) -> None:
        self.changes.commit()
        for then in self._then:
            then()

    @cached_property
    def audits(self) -> MemoryAudits:
        return MemoryAudits(self.changes, self.data)

    @cached_property
    def checks(self) -> MemoryChecks:
        return MemoryChecks(self.changes, self.data)

    @cached_property
    def customers(self) -> MemoryCustomers:
        return MemoryCustomers(self.changes, self.data)

    @cached_property
    def feeds(self) -> MemoryFeeds:
        return MemoryFeeds(self.changes, self.data)

    @cached_property
    def idempotency(self) -> MemoryIdempotency:
        return MemoryIdempotency()

    @cached_property
    def subscriptions(self) -> MemorySubscriptions:
        return MemorySubscriptions(self.changes, self.data)

    @cached_property
    def notices(self) -> MemoryNotices:
        return MemoryNotices(self.changes, self.data)

    @cached_property
    def people(self) -> MemoryPeople:
        return MemoryPeople(self.changes, self.data)

    @cached_property
    def carrier(self) -> MemoryCarrier:
        return MemoryCarrier(self.changes, self.data)

    @cached_property
    def outbox(self) -> MemoryOutbox:
        return MemoryOutbox(self.changes, self.data)

    @cached_property
    def rates(self) -> MemoryRates:
        return MemoryRates(self.changes, self.data)

    @cached_property
    def magic_links(self) -> MemoryMagicLinks:
        return MemoryMagicLinks(self.changes, self.data)

    @cached_property
    def nodes(self) -> MemoryNodes:
        return MemoryNodes(self.changes, self.data)

    @cached_property
    def erasing(self) -> MemoryErasing:
        return MemoryErasing(self.changes, self.data)

    @cached_property
    def heads(self) -> MemoryHeads:
        return MemoryHeads(self.changes, self.data)

    @cached_property
    def ledger(self) -> MemoryLedger:
        return MemoryLedger(self.changes, self.data)

    @cached_property
    def emergencies(self) -> MemoryEmergencies:
        return MemoryEmergencies(self.changes, self.data)

    @cached_property
    def received(self) -> MemoryReceived:
        return MemoryReceived(self.changes, self.data)


class MemoryStore:
    """Nothing survives the process. `before_begin` may raise what keeps a transaction from being had. `before_commit`
    is shown each one that is about to be committed, and may raise what keeps it from that; `after_commit` is shown it
    when it is; `between_tries` is called before a step is tried again."""

    is_sqlite = False

    def __init__(
        self, token: Callable[[int], str] = secrets.token_hex, below: Callable[[int], int] = secrets.randbelow
    ) -> None:
        self.data, self.token, self.below = Data(), token, below
        self.before_begin: Callable[[], None] = lambda: None
        self.before_commit: Callable[[MemoryTransaction], None] = _nothing
        self.after_commit: Callable[[MemoryTransaction], None] = _nothing
        self.between_tries: Callable[[], None] = lambda: None

    @contextmanager
    def write(self) -> Iterator[MemoryTransaction]:
        self.before_begin()
        transaction = MemoryTransaction(self)
        try:
            yield transaction
            self.before_commit(transaction)
            transaction.commit()
        finally:
            transaction.changes.end()
        self.after_commit(transaction)

    def transact(self, step: Callable[[MemoryTransaction], T]) -> T:
        for _ in range(1, TRIES):
            try:
                with self.write() as transaction:
                    return step(transaction)
            except Conflict:
                self.between_tries()
        with self.write() as transaction:
            return step(transaction)

    @contextmanager
    def read(self) -> Iterator[MemoryTransaction]:
        """What a reader writes is thrown away."""
        self.before_begin()
        transaction = MemoryTransaction(self)
        try:
            yield transaction
        finally:
            transaction.changes.end()

    def engine_lock(self) -> None:
        return None

    def listen(self, heard: Callable[[], None], stopping: threading.Event) -> None:
        """Who has this store hears of commits by `after_commit`."""

    def empty_log(self) -> bool:
        return True


def _nothing(transaction: MemoryTransaction) -> None:
    """Nobody looks."""
