"""How it ended, and what people set: priority, coverage, notes, withdrawal."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

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
class WithdrawalAsked(Event):
    """The customer's number texted `withdraw`: it is answered with `digits`, and closed when those come back."""

    digits: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalMistyped(Event):
    """The customer's number texted `withdraw` with other digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn(Event):
    by: str
    reason: str | None = private()


class Exclusion(StrEnum):
    """Why an emergency is in no figure."""

    BLOCKED = "blocked-caller"
    DECISION = "decision"


BLOCKED_CALLER = "blocked caller"


@dataclass(frozen=True, slots=True, kw_only=True)
class Excluded(Event):
    """`why` is an Exclusion; up to version 0.1.0 it was the reason's words, and these stand in the chain for good."""

    by: str
    why: str
    reason: str | None = private()


def exclusion_of(why: str) -> Exclusion:
    """What the words of an older version come to."""
    is_blocked = why.startswith((BLOCKED_CALLER, Exclusion.BLOCKED))
    return Exclusion.BLOCKED if is_blocked else Exclusion.DECISION


def reason_told(why: str, reason: str | None) -> str | None:
    """The reason as people read it; None when a decision's words are erased."""
    if why == Exclusion.BLOCKED:
        return f"{BLOCKED_CALLER}: {reason}" if reason else BLOCKED_CALLER
    return reason if why == Exclusion.DECISION else why


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageRecorded(Event):
    """We were down between these instants, seen afterwards from our own beats."""

    began_at: datetime
    ended_at: datetime
