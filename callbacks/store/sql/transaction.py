"""What is read and written together, by noun."""

import secrets
import zlib
from collections.abc import Callable
from functools import cached_property

from sqlalchemy import event, text
from sqlmodel import Session

from callbacks.store.sql.audits import SqlAudits
from callbacks.store.sql.carrier import SqlCarrier
from callbacks.store.sql.checks import SqlChecks
from callbacks.store.sql.customers import SqlCustomers
from callbacks.store.sql.emergencies import SqlEmergencies
from callbacks.store.sql.erasing import SqlErasing
from callbacks.store.sql.feeds import SqlFeeds
from callbacks.store.sql.heads import SqlHeads
from callbacks.store.sql.idempotency import SqlIdempotency
from callbacks.store.sql.ledger import SqlLedger
from callbacks.store.sql.magic_links import SqlMagicLinks
from callbacks.store.sql.nodes import SqlNodes
from callbacks.store.sql.notices import SqlNotices
from callbacks.store.sql.outbox import SqlOutbox
from callbacks.store.sql.people import SqlPeople
from callbacks.store.sql.rates import SqlRates
from callbacks.store.sql.received import SqlReceived
from callbacks.store.sql.subscriptions import SqlSubscriptions

CHANNEL = "callbacks_wake"


class Transaction(Session):
    """What is read and written together: the engine asks its nouns, and never the session."""

    def when_committed(self, then: Callable[[], None]) -> None:
        event.listen(self, "after_commit", lambda _: then(), once=True)

    def rest(self) -> None:
        """PostgreSQL ends a transaction that waits for long."""
        self.commit()

    def token(self, size: int) -> str:
        """A name of so many bytes that nobody can guess, in hexadecimal."""
        return secrets.token_hex(size)

    def below(self, n: int) -> int:
        """A whole number from 0 up to `n`, left out, that nobody can guess."""
        return secrets.randbelow(n)

    def alone(self, task: str) -> bool:
        """Whether this transaction is the only one at a task, until it ends. SQLite has one writer anyway."""
        if not self._is_shared:
            return True
        key = zlib.crc32(task.encode())
        return bool(self.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": key}).scalar_one())

    def wait_alone(self, task: str) -> None:
        """Waits until no other transaction is at a task; then this one is, until it ends. Raises Conflict when that
        takes too long."""
        if self._is_shared:
            key = zlib.crc32(f"wait {task}".encode())
            self.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})

    def notify(self) -> None:
        """Tells the other nodes, when this transaction commits, that something is due."""
        if self._is_shared:
            self.execute(text(f"NOTIFY {CHANNEL}"))

    @property
    def _is_shared(self) -> bool:
        return self.get_bind().dialect.name == "postgresql"

    @cached_property
    def audits(self) -> SqlAudits:
        return SqlAudits(self)

    @cached_property
    def carrier(self) -> SqlCarrier:
        return SqlCarrier(self)

    @cached_property
    def checks(self) -> SqlChecks:
        return SqlChecks(self)

    @cached_property
    def customers(self) -> SqlCustomers:
        return SqlCustomers(self)

    @cached_property
    def emergencies(self) -> SqlEmergencies:
        return SqlEmergencies(self)

    @cached_property
    def erasing(self) -> SqlErasing:
        return SqlErasing(self)

    @cached_property
    def feeds(self) -> SqlFeeds:
        return SqlFeeds(self)

    @cached_property
    def heads(self) -> SqlHeads:
        return SqlHeads(self)

    @cached_property
    def idempotency(self) -> SqlIdempotency:
        return SqlIdempotency(self)

    @cached_property
    def ledger(self) -> SqlLedger:
        return SqlLedger(self)

    @cached_property
    def magic_links(self) -> SqlMagicLinks:
        return SqlMagicLinks(self)

    @cached_property
    def nodes(self) -> SqlNodes:
        return SqlNodes(self)

    @cached_property
    def notices(self) -> SqlNotices:
        return SqlNotices(self)

    @cached_property
    def outbox(self) -> SqlOutbox:
        return SqlOutbox(self)

    @cached_property
    def people(self) -> SqlPeople:
        return SqlPeople(self)

    @cached_property
    def rates(self) -> SqlRates:
        return SqlRates(self)

    @cached_property
    def received(self) -> SqlReceived:
        return SqlReceived(self)

    @cached_property
    def subscriptions(self) -> SqlSubscriptions:
        return SqlSubscriptions(self)
