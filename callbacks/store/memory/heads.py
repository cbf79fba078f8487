"""The row of the heads, openings and checkpoints' lines in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from callbacks.store.errors import Conflict
from callbacks.store.memory.data import CheckpointLine, Data
from callbacks.store.memory.tables import Changes
from callbacks.store.rows import HeadRow, OpeningRow

ONLY = 1


class MemoryHeads:
    """The questions and writes of `heads` in one transaction."""

    def __init__(self, changes: Changes, data: Data) -> None:
        self.changes, self.data = changes, data

    def read(self) -> HeadRow | None:
        return self.changes.get(self.data.head, ONLY)

    def held(self) -> HeadRow | None:
        if not self.changes.hold(self.data.head, ONLY):
            raise Conflict("another transaction has the row of the heads")
        return self.read()

    def write(self, head: HeadRow) -> None:
        self.changes.set(self.data.head, head)

    def add_opening(self, row: OpeningRow) -> None:
        self.changes.add(self.data.openings, row)

    def newest_opening(self) -> OpeningRow | None:
        return max(self.changes.all(self.data.openings), default=None, key=lambda row: row.number)

    def openings(self, through: int) -> Iterator[OpeningRow]:
        found = (row for row in self.changes.all(self.data.openings) if row.number <= through)
        yield from sorted(found, key=lambda row: row.number)

    def is_chained(self, emergency_id: int) -> bool:
        return self.changes.unique(self.data.openings, 0, emergency_id) is not None

    def unchained(self, first_id: int) -> Sequence[int]:
        rows = self.changes.all(self.data.emergencies)
        return sorted(row.id for row in rows if row.id >= first_id and row.last_seq and not self.is_chained(row.id))

    def lone_ledger(self) -> int | None:
        there = {row.id for row in self.changes.all(self.data.emergencies)}
        ids = (story.emergency_id for story in self.changes.all(self.data.ledger))
        return min((emergency_id for emergency_id in ids if emergency_id not in there), default=None)

    def ends_behind(self, after: int, limit: int) -> Sequence[tuple[int, int, str]]:
        rows = (row for row in self.changes.all(self.data.emergencies) if row.id > after)
        return [(row.id, row.last_seq, row.head_hash) for row in sorted(rows, key=lambda row: row.id)[:limit]]

    def seal(self, emergency_id: int, seq: int, seal: str | None) -> None:
        row = self.changes.get(self.data.emergencies, emergency_id)
        if row and row.last_seq == seq:
            self.changes.set(self.data.emergencies, replace(row, seal=seal))

    def seal_first(self, emergency_id: int, seal: str) -> None:
        row = self.changes.get(self.data.emergencies, emergency_id)
        if row and row.seal is None:
            self.changes.set(self.data.emergencies, replace(row, seal=seal))

    def add_line(self, number: int, head: str, line: str) -> None:
        self.changes.add(self.data.lines, CheckpointLine(number, head, line))

    def lines_behind(self, head: str) -> list[str]:
        lines = sorted(self.changes.all(self.data.lines))
        after = next((line.number for line in lines if line.head == head), 0)
        return [line.line for line in lines if line.number > after]

    def last_line(self) -> str | None:
        newest = max(self.changes.all(self.data.lines), default=None)
        return newest.line if newest else None

    def knows_line(self, head: str) -> bool:
        return self.changes.unique(self.data.lines, 0, head) is not None

    def drop_lines(self) -> None:
        for line in list(self.changes.all(self.data.lines)):
            self.changes.remove(self.data.lines, line.number)
