"""The roster in force in memory, and what we learnt about phones."""

from datetime import datetime

from callbacks.oncall.roster import EMPTY, Roster
from callbacks.oncall.schedule import Line
from callbacks.store.memory.data import Data
from callbacks.store.memory.feeds import MemoryFeeds
from callbacks.store.memory.tables import Changes
from callbacks.store.people import BasePeople, InForce
from callbacks.store.rows import PersonRow

PRESENT, BEFORE = "present", "before"


class MemoryPeople(BasePeople):
    """The questions and writes of `people` in one transaction."""

    def __init__(self, changes: Changes, data: Data) -> None:
        self.changes, self.data = changes, data

    def load(self, roster: Roster) -> None:
        """Puts a roster in force, with its overrides and no others. In SQL: `people.load_roster`."""
        self.changes.set(self.data.rosters, (BEFORE, self._roster(PRESENT)))
        self.changes.set(self.data.rosters, (PRESENT, roster))

    def in_force(self) -> InForce:
        dead = frozenset(row.name for row in self.changes.some(self.data.people))
        return InForce(self._roster(PRESENT), dead, MemoryFeeds(self.changes, self.data).versions())

    def roster_before(self) -> Roster:
        return self._roster(BEFORE)

    def _roster(self, which: str) -> Roster:
        found = self.changes.get(self.data.rosters, which)
        return found[1] if found else EMPTY

    def _lines(self, found: InForce, now: datetime) -> dict[str, Line]:
        return MemoryFeeds(self.changes, self.data).known(found.roster, found.versions, now)

    def _get(self, name: str) -> PersonRow | None:
        return self.changes.get(self.data.people, name)

    def _set(self, row: PersonRow) -> None:
        self.changes.set(self.data.people, row)
