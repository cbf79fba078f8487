"""How it ended, and what people set: priority, coverage, notes, withdrawal."""

from dataclasses import dataclass
from datetime import datetime

from callbacks.event import Event, private


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved(Event):
    """`how`: resolved or workaround; either stops the resolution clock."""

    by: str
    how: str
    note: str | None = private()


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityChanged(Event):
    by: str
    priority: str
    reason: str | None = private()


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageSet(Event):
    """`coverage`: inside, outside or billable, by the policy's list of products. Never a reason not to call."""

    by: str
    product: str | None
    coverage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteAdded(Event):
    by: str
    via: str
    words: str | None = private()


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn(Event):
    by: str
    reason: str | None = private()


@dataclass(frozen=True, slots=True, kw_only=True)
class Excluded(Event):
    """`why` stands in the chain for good: no numbers, no names."""

    by: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageRecorded(Event):
    """We were down between these instants, seen afterwards from our own beats."""

    began_at: datetime
    ended_at: datetime
