"""The database of a simulated night: rows, short transactions, and what a crash or a failover does to them.

- A transaction works on copies and writes all or nothing; of two writers of one row the later gets `Conflict`.
- Nothing uncommitted survives a crash. The last commits can be undone, as by a failover to a late standby.
"""

from collections import deque
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any, TypeVar

from callbacks.delivery.outbox_row import UNSETTLED, OutboxKind, OutboxState
from callbacks.emergency.events import Event
from callbacks.emergency.model import Emergency, Outcome

KEPT_FOR_FAILOVER = 8


class Conflict(Exception):
    """Another writer was first."""


class FailingEmergency(Exception):
    """An emergency that cannot be worked on."""


class Record:
    """A row whose copies are cheap."""

    version = 0

    def copy(self: "R") -> "R":
        twin = object.__new__(type(self))
        twin.__dict__ = self.__dict__.copy()
        return twin


R = TypeVar("R", bound=Record)


class Row(Record):
    """An emergency: its ledger, what that adds up to, and who works on it."""

    def __init__(self, id: int, key: str) -> None:
        self.id, self.key = id, key
        self.story: tuple[Event, ...] = ()
        self.e: Emergency | None = None
        self.is_open, self.outcome, self.failures, self.fence = True, Outcome.PENDING, 0, 0
        self.due_at: datetime | None = None
        self.wake_at: datetime | None = None
        self.owner: str | None = None
        self.lease_until: datetime | None = None
        self.resolved_at: datetime | None = None
        self.claims = 0

    @property
    def it(self) -> Emergency:
        assert self.e is not None
        return self.e


class Box(Record):
    """An outbox row."""

    def __init__(
        self,
        id: str,
        emergency_id: int | None,
        kind: OutboxKind,
        person: str | None,
        number: str | None,
        text: str | None,
        payload: dict[str, Any],
        due_at: datetime,
        expires_at: datetime | None,
        created_at: datetime,
    ) -> None:
        self.id, self.emergency_id, self.kind, self.person = id, emergency_id, kind, person
        self.number, self.text, self.payload = number, text, payload
        self.due_at, self.expires_at, self.created_at = due_at, expires_at, created_at
        self.state, self.attempts, self.fence = OutboxState.QUEUED, 0, 0
        self.owner: str | None = None
        self.lease_until: datetime | None = None
        self.absent_from: datetime | None = None
        self.bundle: str | None = None
        self.sid: str | None = None
        self.sent_at: datetime | None = None
        self.error: str | None = None


class Seen(Record):
    """A call of the carrier's that we know of: `choice` and `joined` of an inbound one, `rank` of our own."""

    def __init__(self, sid: str, number: str = "", started_at: datetime | None = None) -> None:
        self.sid, self.number, self.started_at = sid, number, started_at
        self.choice: str | None = None
        self.joined: int | None = None
        self.rank: int | None = None


Table = dict[Any, Any]
Change = tuple[Table, Any, Any, int]  # the version that was read; -1: a new row, -2: the last writer's


class Store:
    """All rows. Only `Transaction.commit` and `fail_over` change them."""

    def __init__(self) -> None:
        self.emergencies: dict[int, Row] = {}
        self.boxes: dict[str, Box] = {}
        self.live: dict[str, Box] = {}
        self.seen: dict[str, Seen] = {}
        self.received: dict[tuple[str, str], bool] = {}
        self.facts: dict[str, Any] = {}
        self.by_key: dict[str, int] = {}
        self.commits = self.undone = 0
        self.next_id = self.next_box = 1
        self._history: deque[list[tuple[Table, Any, Any]]] = deque(maxlen=KEPT_FOR_FAILOVER)

    def next_due(self, is_held: Callable[["Box"], bool]) -> datetime | None:
        """When the next emergency or box is due, or a claim runs out that nobody renews."""
        soonest: datetime | None = None
        for row in self.emergencies.values():
            at = row.wake_at
            if at is None:
                continue
            if row.lease_until and row.lease_until > at:
                at = row.lease_until
            if soonest is None or at < soonest:
                soonest = at
        for box in self.live.values():
            at = box.due_at if box.state != OutboxState.CLAIMED else None if is_held(box) else box.lease_until
            if at and (soonest is None or at < soonest):
                soonest = at
        return soonest

    def apply(self, changes: Collection[Change]) -> None:
        undo = []
        for table, key, value, _ in changes:
            undo.append((table, key, table.get(key)))
            table[key] = value
            if table is self.boxes:
                _put(self.live, key, value if value.state in UNSETTLED else None)
        self._history.append(undo)
        self.commits += 1

    def fail_over(self, commits: int) -> int:
        """The last few commits never were; how many were lost."""
        lost = min(commits, len(self._history))
        for _ in range(lost):
            for table, key, before in reversed(self._history.pop()):
                _put(table, key, before)
                if table is self.boxes:
                    _put(self.live, key, before if before and before.state in UNSETTLED else None)
        self.undone += lost
        return lost


def _put(table: Table, key: Any, value: Any) -> None:
    if value is None:
        table.pop(key, None)
    else:
        table[key] = value


class Transaction:
    """Copies of what was read for writing, and what is new. `commit` raises Conflict and then nothing is written."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._touched: dict[tuple[int, Any], Change] = {}

    def row(self, id: int | None) -> Row | None:
        found: Row | None = self._open(self.store.emergencies, id)
        return found

    def box(self, id: str | None) -> Box | None:
        found: Box | None = self._open(self.store.boxes, id)
        return found

    def call(self, sid: str | None) -> Seen | None:
        found: Seen | None = self._open(self.store.seen, sid)
        return found

    def add(self, table: Table, key: Any, value: Any) -> None:
        """A new row; Conflict at commit if somebody put one there meanwhile."""
        self._touched[id(table), key] = (table, key, value, -1)

    def note(self, name: str, value: Any) -> None:
        """A single fact, the last writer's."""
        self._touched[id(self.store.facts), name] = (self.store.facts, name, value, -2)

    def is_new(self, source: str, key: str) -> bool:
        """Keeps the webhook; False if it was kept before."""
        name = (source, key)
        if name in self.store.received or (id(self.store.received), name) in self._touched:
            return False
        self.add(self.store.received, name, True)
        return True

    def added(self, table: Table, key: Any) -> Any:
        found = self._touched.get((id(table), key))
        return found[2] if found else table.get(key)

    def commit(self) -> None:
        for table, key, value, version in self._touched.values():
            if version >= 0:
                before = table.get(key)
                if before is None or before.version != version:
                    raise Conflict
                value.version = version + 1
            elif version == -1 and key in table:
                raise Conflict
        if self._touched:
            self.store.apply(self._touched.values())

    def has_work(self) -> bool:
        """Whether an emergency or something to send was written, so that something may be due."""
        emergencies, boxes = self.store.emergencies, self.store.boxes
        return any(table is emergencies or table is boxes for table, _, _, _ in self._touched.values())

    def boxes_added(self) -> list[Box]:
        boxes = self.store.boxes
        return [value for table, _, value, version in self._touched.values() if table is boxes and version == -1]

    def touched(self) -> list[Row]:
        rows = self.store.emergencies
        return [value for table, _, value, _ in self._touched.values() if table is rows]

    def _open(self, table: Table, key: Any) -> Any:
        name = (id(table), key)
        known = self._touched.get(name)
        if known:
            return known[2]
        found = table.get(key)
        if found is None:
            return None
        twin = found.copy()
        self._touched[name] = (table, key, twin, found.version)
        return twin
