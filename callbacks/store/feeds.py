"""Shifts that were read from calendars: how far they are kept, and which of them a new reading changes.

What is past stays as it was read: a later reading replaces shifts from its own time on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from callbacks.oncall.schedule import Shift

BEFORE = timedelta(days=40)
AFTER = timedelta(days=400)
KEPT = timedelta(days=800)


@dataclass(frozen=True, slots=True)
class Difference:
    """What a reading changes: beginnings of shifts that are gone, and shifts that came."""

    gone: Sequence[datetime]
    come: Sequence[Shift]

    def __bool__(self) -> bool:
        return bool(self.gone or self.come)


def difference(old: Mapping[datetime, Shift], shifts: Sequence[Shift], since: datetime) -> Difference:
    """`old`: by beginning, those that end after `since`. Shifts that stay the same are in neither list."""
    new = {shift.start: shift for shift in _joined_to(old, shifts, since)}
    gone = [start for start, shift in old.items() if new.get(start) != shift]
    return Difference(gone, [shift for start, shift in new.items() if old.get(start) != shift])


def _joined_to(old: Mapping[datetime, Shift], shifts: Sequence[Shift], since: datetime) -> list[Shift]:
    """The new shifts behind the part of an old one that was over by then; one that goes on stays one row."""
    found = [replace(s, start=max(s.start, since)) for s in shifts if s.end > since]
    running = next((s for start, s in old.items() if start < since), None)
    if running is None:
        return found
    if found and found[0].start == since and found[0].technician == running.technician:
        return [Shift(running.rotation, running.technician, running.start, found[0].end), *found[1:]]
    return [Shift(running.rotation, running.technician, running.start, since), *found]
