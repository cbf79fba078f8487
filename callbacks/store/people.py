"""What every store makes of its rows of people: the roster in force, and what we learnt about phones."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from callbacks.oncall.coverage import Duty
from callbacks.oncall.roster import EMPTY, Override, Roster, reread_roster
from callbacks.oncall.schedule import Line
from callbacks.store.rows import PersonRow

OverrideValues = tuple[str, str, datetime, datetime]


@dataclass(frozen=True, slots=True)
class InForce:
    """What decides who can be woken. `versions`: by rotation, of the calendar it is read from."""

    roster: Roster
    sms_dead: frozenset[str]
    versions: Mapping[str, str]


class BasePeople(ABC):
    """The questions and writes that are the same whatever keeps the rows."""

    @abstractmethod
    def in_force(self) -> InForce:
        """As this transaction sees it, in one look."""

    @abstractmethod
    def _lines(self, found: InForce, now: datetime) -> dict[str, Line]:
        """The shifts of the rotations that are read from calendars."""

    @abstractmethod
    def _get(self, name: str) -> PersonRow | None:
        """Held until the transaction ends, so that of two that count none is lost."""

    @abstractmethod
    def _set(self, row: PersonRow) -> None: ...

    def duty(self, now: datetime) -> Duty:
        found = self.in_force()
        return Duty(found.roster, found.sms_dead, self._lines(found, now))

    def current_roster(self) -> Roster:
        return self.in_force().roster

    def sms_dead(self) -> frozenset[str]:
        return self.in_force().sms_dead

    def mark_sms(self, name: str, role: str, dead_why: str | None, now: datetime) -> bool:
        row = self._known(name, role)
        if (row.sms_dead_at is None) == (dead_why is None):
            return False
        since = now if dead_why else None
        self._set(replace(row, sms_dead_at=since, sms_dead_why=dead_why or None, unreachable_texts=0))
        return True

    def count_unreachable(self, name: str, role: str) -> int:
        row = self._known(name, role)
        self._set(replace(row, unreachable_texts=row.unreachable_texts + 1))
        return row.unreachable_texts + 1

    def forget_unreachable(self, name: str) -> None:
        row = self._get(name)
        if row and row.unreachable_texts:
            self._set(replace(row, unreachable_texts=0))

    def has_another_number(self, name: str) -> None:
        row = self._get(name)
        if row:
            self._set(replace(row, sms_dead_at=None, sms_dead_why=None, unreachable_texts=0))

    def verified(self, name: str, role: str, now: datetime) -> None:
        self._set(replace(self._known(name, role), verified_at=now))

    def count_passive(self, name: str, role: str) -> int:
        row = self._known(name, role)
        self._set(replace(row, passive_answers=row.passive_answers + 1))
        return row.passive_answers + 1

    def forget_passive(self, name: str) -> None:
        row = self._get(name)
        if row and row.passive_answers:
            self._set(replace(row, passive_answers=0))

    def _known(self, name: str, role: str) -> PersonRow:
        return self._get(name) or PersonRow(name=name, role=role)


def roster_of(text: str | None, overrides: tuple[OverrideValues, ...] | None) -> Roster:
    """A roster from its text; `overrides`: those kept as rows, None where the text alone has them."""
    if text is None:
        return EMPTY
    return _parsed(text) if overrides is None else _with_rows(text, overrides)


@lru_cache(maxsize=4)
def _parsed(text: str) -> Roster:
    return reread_roster(text)


@lru_cache(maxsize=4)
def _with_rows(text: str, rows: tuple[OverrideValues, ...]) -> Roster:
    return replace(_parsed(text), overrides=tuple(Override(*row) for row in rows))
