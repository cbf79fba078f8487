"""Facts in memory: one value per emergency, which holds its whole ledger."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from callbacks.store.errors import Conflict
from callbacks.store.ledger import entries_of
from callbacks.store.memory.data import Data, Story
from callbacks.store.memory.tables import Changes
from callbacks.store.rows import Entry, Fact


class MemoryLedger:
    """The questions and writes of `ledger` in one transaction."""

    def __init__(self, changes: Changes, data: Data) -> None:
        self.changes, self.data = changes, data

    def add(self, facts: Sequence[Fact]) -> None:
        emergency_id = facts[0].emergency_id
        story = self.changes.get(self.data.ledger, emergency_id) or Story(emergency_id, (), ())
        there = {fact.seq for fact in story.facts}
        if any(fact.seq in there for fact in facts):
            raise Conflict("another writer was first")
        entries = (*story.entries, *entries_of(facts))
        self.changes.set(self.data.ledger, Story(emergency_id, (*story.facts, *facts), entries))

    def read(self, emergency_id: int) -> list[Entry]:
        story = self.changes.get(self.data.ledger, emergency_id)
        return list(story.entries) if story else []

    def read_many(self, ids: Sequence[int]) -> dict[int, list[Entry]]:
        return {i: entries for i in sorted(ids) if (entries := self.read(i))}

    def facts(self, ids: Sequence[int]) -> dict[int, list[Fact]]:
        found = ((i, self.changes.get(self.data.ledger, i)) for i in sorted(ids))
        return {i: list(story.facts) for i, story in found if story}

    def hash_at(self, emergency_id: int, seq: int) -> str | None:
        facts = self.facts([emergency_id]).get(emergency_id, [])
        return next((fact.hash for fact in facts if fact.seq == seq), None)

    def is_any_of(self, since: datetime, until: datetime, kinds: Collection[str]) -> bool:
        return any(fact.kind in kinds for fact in self._recorded(since, until))

    def count(self, since: datetime, until: datetime) -> int:
        return sum(1 for _ in self._recorded(since, until))

    def hashes(self, since: datetime, until: datetime) -> Iterator[str]:
        found = sorted(self._recorded(since, until), key=lambda fact: (fact.emergency_id, fact.seq))
        yield from (fact.hash for fact in found)

    def emergencies(self) -> Sequence[int]:
        return sorted(row.id for row in self.changes.all(self.data.emergencies))

    def erase(self, ids: Collection[int]) -> None:
        """The private parts of these ledgers are gone."""
        for emergency_id in ids:
            story = self.changes.get(self.data.ledger, emergency_id)
            if story and any(fact.salt for fact in story.facts):
                facts = tuple(fact._replace(salt=None, data=None) for fact in story.facts)
                self.changes.set(self.data.ledger, Story(emergency_id, facts, tuple(entries_of(facts))))

    def _recorded(self, since: datetime, until: datetime) -> Iterator[Fact]:
        for story in self.changes.all(self.data.ledger):
            yield from (fact for fact in story.facts if since < fact.recorded_at <= until)
