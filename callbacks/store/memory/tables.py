"""Tables in memory, and transactions on them.

- A transaction sees what was committed, and above it what it wrote itself. Nobody sees that before the commit.
- A row that a transaction writes, or holds for itself, is its own until it ends: another that writes it gets Conflict,
  and one that claims passes over it. Nobody waits for another, unless `Tables.waits` is told how.
- A row that changed between its reading and its writing, and a key or a unique value that another took: Conflict.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from threading import RLock
from typing import Any, Generic, TypeVar, cast

from callbacks.store.errors import Conflict

K = TypeVar("K")
R = TypeVar("R")
KEPT_FOR_FAILOVER = 8
_GONE: Any = object()


class Table(Generic[K, R]):
    """The committed rows of one noun, in the order in which they came. `unique`: values that no two rows share, None
    left out. `subset`: the rows that are asked for most, kept apart (what waits in the outbox, not all there ever
    was)."""

    def __init__(
        self,
        key: Callable[[R], K],
        unique: tuple[Callable[[R], Any], ...] = (),
        subset: Callable[[R], bool] | None = None,
    ) -> None:
        self.key, self.unique, self.is_in_subset = key, unique, subset
        self.rows: dict[K, R] = {}
        self.subset: dict[K, R] = {}
        self._taken: list[dict[Any, K]] = [{} for _ in unique]

    def put(self, key: K, row: R | None) -> None:
        """The committed state of a row; None: there is none."""
        before = self.rows.get(key)
        for value_of, taken in zip(self.unique, self._taken, strict=True):
            if before is not None and taken.get(value := value_of(before)) == key:
                del taken[value]
            if row is not None and (value := value_of(row)) is not None:
                taken[value] = key
        if row is None:
            self.rows.pop(key, None)
            self.subset.pop(key, None)
            return
        self.rows[key] = row
        if self.is_in_subset is None:
            return
        if self.is_in_subset(row):
            self.subset[key] = row
        else:
            self.subset.pop(key, None)

    def holder(self, n: int, value: Any) -> K | None:
        """The key of the row that has this value of the unique one number `n`."""
        return self._taken[n].get(value)


Undo = list[tuple[Table[Any, Any], Any, Any]]


class Tables:
    """What is shared by all transactions of one store: locks, counters, and the last commits, which can be undone as by
    a failover to a late standby. `waits` is asked when another has a row, with how often it was for the same one: it
    waits a while, or says no."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.held: dict[tuple[int, Any], Changes] = {}
        self.counters: defaultdict[str, int] = defaultdict(int)
        self.commits = 0
        self.waits: Callable[[int], bool] = lambda times: False
        self._history: deque[Undo] = deque(maxlen=KEPT_FOR_FAILOVER)

    def next(self, name: str) -> int:
        """The next number of a counter. Like a sequence's, it does not come back when nothing is committed."""
        self.counters[name] += 1
        return self.counters[name]

    def committed(self, undo: Undo) -> None:
        self._history.append(undo)
        self.commits += 1

    def fail_over(self, commits: int) -> int:
        """The last few commits never were; how many were lost."""
        lost = min(commits, len(self._history))
        for _ in range(lost):
            for table, key, before in reversed(self._history.pop()):
                table.put(key, before)
        return lost


class Changes:
    """What one transaction wrote: over the committed rows until it commits, forgotten when it does not."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self._rows: dict[Table[Any, Any], dict[Any, Any]] = {}
        self._read: dict[tuple[int, Any], Any] = {}
        self._names: list[tuple[int, Any]] = []

    def get(self, table: Table[K, R], key: K) -> R | None:
        """The row as this transaction sees it."""
        mine = self._rows.get(table)
        if mine is not None and key in mine:
            found = mine[key]
            return None if found is _GONE else cast(R, found)
        found = table.rows.get(key)
        self._read.setdefault((id(table), key), found)
        return found

    def all(self, table: Table[K, R]) -> Iterator[R]:
        """Every row as this transaction sees it, in the order in which they came."""
        return self._seen(table, table.rows, None)

    def some(self, table: Table[K, R]) -> Iterator[R]:
        """The same of the table's subset."""
        return self._seen(table, table.subset, table.is_in_subset)

    def unique(self, table: Table[K, R], n: int, value: Any) -> R | None:
        """The row with this value of the table's unique one number `n`."""
        for row in self._rows.get(table, {}).values():
            if row is not _GONE and table.unique[n](row) == value:
                return cast(R, row)
        key = table.holder(n, value)
        row = None if key is None else self.get(table, key)
        return row if row is not None and table.unique[n](row) == value else None

    def add(self, table: Table[K, R], row: R) -> None:
        """A new row. Raises Conflict where its key, or what is to be unique, is taken."""
        key = table.key(row)
        if self.get(table, key) is not None:
            raise Conflict("the row is there already")
        self._write(table, key, row)

    def set(self, table: Table[K, R], row: R) -> None:
        """A row, new or in place of the one with its key. Raises Conflict."""
        self._write(table, table.key(row), row)

    def remove(self, table: Table[K, R], key: K) -> None:
        self._write(table, key, _GONE)

    def hold(self, table: Table[K, Any], key: K) -> bool:
        """Keeps a row for this transaction until it ends; False when another has it."""
        name = (id(table), key)
        with self.tables.lock:
            if self.tables.held.setdefault(name, self) is not self:
                return False
            self._names.append(name)
            return True

    def wait_for(self, table: Table[K, Any], key: K) -> None:
        """Keeps a row, once nobody else has it. Raises Conflict when that takes too long."""
        times = 0
        while not self.hold(table, key):
            if not self.tables.waits(times):
                raise Conflict("another writer has the row")
            times += 1

    def is_free(self, table: Table[K, Any], key: K) -> bool:
        """Whether no other transaction holds it."""
        return self.tables.held.get((id(table), key), self) is self

    def commit(self) -> None:
        """All of it or nothing. Raises Conflict."""
        with self.tables.lock:
            try:
                if self._rows:
                    self._apply()
            finally:
                self.end()

    def end(self) -> None:
        """What was held is free again."""
        for name in self._names:
            self.tables.held.pop(name, None)
        self._names.clear()

    def written(self, table: Table[K, R]) -> list[R]:
        """The rows of a table that this transaction wrote, for those who look at a commit."""
        return [row for row in self._rows.get(table, {}).values() if row is not _GONE]

    def _apply(self) -> None:
        undo: Undo = []
        for table, rows in self._rows.items():
            for key, row in rows.items():
                before = table.rows.get(key)
                if self._read[id(table), key] is not before:
                    raise Conflict("another writer was first")
                self._check_unique(table, key, row)
        for table, rows in self._rows.items():
            for key, row in rows.items():
                undo.append((table, key, table.rows.get(key)))
                table.put(key, None if row is _GONE else row)
        self.tables.committed(undo)

    def _check_unique(self, table: Table[Any, Any], key: Any, row: Any) -> None:
        for n, value_of in enumerate(table.unique):
            value = None if row is _GONE else value_of(row)
            other = None if value is None else table.holder(n, value)
            if other is not None and other != key and self.get(table, other) is not None:
                raise Conflict("a value that must be unique is taken")

    def _write(self, table: Table[Any, Any], key: Any, row: Any) -> None:
        self.wait_for(table, key)
        if row is not _GONE:
            self._check_unique(table, key, row)
        self._read.setdefault((id(table), key), table.rows.get(key))
        self._rows.setdefault(table, {})[key] = row

    def _seen(self, table: Table[K, R], committed: dict[K, R], keeps: Callable[[R], bool] | None) -> Iterator[R]:
        mine = self._rows.get(table)
        if not mine:
            yield from list(committed.values())
            return
        for key, row in list(committed.items()):
            if key not in mine:
                yield row
            elif mine[key] is not _GONE and (keeps is None or keeps(mine[key])):
                yield mine[key]
        for key, row in list(mine.items()):
            if key not in committed and row is not _GONE and (keeps is None or keeps(row)):
                yield row
