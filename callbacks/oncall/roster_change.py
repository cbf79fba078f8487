"""What another roster would change: shifts before and after, gaps that it opens and closes, turns that change at once.

Nothing here is sent or kept: the schedule shows it before anybody saves; handoff notices tell people afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from callbacks.oncall.coverage import Duty, targets, uncovered
from callbacks.oncall.schedule import Shift, on_call, shifts
from callbacks.policy.model import Policy

LOOK_AHEAD = timedelta(days=32)


@dataclass(frozen=True, slots=True)
class Change:
    """One rotation over the touched time. `opened` and `closed` are gaps in which an emergency would find nobody:
    support hours do not count for rotations that the escalation policy pages."""

    rotation: str
    before: tuple[Shift, ...]
    after: tuple[Shift, ...]
    opened: tuple[Shift, ...]
    closed: tuple[Shift, ...]

    @property
    def is_none(self) -> bool:
        """The same people at the same times, whatever gave them their turn."""
        return _people(self.before) == _people(self.after)


@dataclass(frozen=True, slots=True)
class Takeover:
    """A rotation that changes hands at an instant; `incoming` None when nobody has it then."""

    rotation: str
    outgoing: str | None
    incoming: str | None
    until: datetime


def change(policy: Policy, old: Duty, new: Duty, rotation: str, start: datetime, end: datetime) -> Change:
    """What becomes of a rotation over [start, end)."""
    before, after = (tuple(shifts(d.roster, start, end, rotation, d.calendars)) for d in (old, new))
    was, will = (_gaps(policy, duty, rotation, start, end) for duty in (old, new))
    return Change(rotation, before, after, _less(will, was), _less(was, will))


def takeovers(old: Duty, new: Duty, at: datetime) -> list[Takeover]:
    """The rotations whose holder at `at` another roster changes. A calendar that was not read yet says nothing."""
    was, will = on_call(old.roster, at, old.calendars), on_call(new.roster, at, new.calendars)
    unread = {c.rotation for c in new.roster.calendars} - set(new.calendars)
    return [
        Takeover(name, was.get(name), will.get(name), _until(new, name, at))
        for name in dict.fromkeys((*was, *will))
        if name not in unread and not _is_same(old, was.get(name), new, will.get(name))
    ]


def _is_same(old: Duty, outgoing: str | None, new: Duty, incoming: str | None) -> bool:
    """The same person, even under another name: the same phone."""
    before, after = old.roster.person(outgoing or ""), new.roster.person(incoming or "")
    return outgoing == incoming or (before is not None and after is not None and before.phone == after.phone)


def _until(duty: Duty, rotation: str, at: datetime) -> datetime:
    """The end of the shift at `at`, past an override that leaves the same person on call."""
    line = shifts(duty.roster, at, at + LOOK_AHEAD, rotation, duty.calendars)
    return next((s.start for s in line if s.technician != line[0].technician), line[-1].end)


def _gaps(policy: Policy, duty: Duty, rotation: str, start: datetime, end: datetime) -> list[Shift]:
    if rotation in targets(policy):
        return [gap for gap in uncovered(policy, duty, start, end) if gap.rotation == rotation]
    return [s for s in shifts(duty.roster, start, end, rotation, duty.calendars) if s.technician is None]


def _less(these: Sequence[Shift], those: Sequence[Shift]) -> tuple[Shift, ...]:
    """The parts of these that no one of those covers."""
    left = list(these)
    for other in those:
        left = [
            replace(part, start=start, end=end)
            for part in left
            for start, end in ((part.start, min(part.end, other.start)), (max(part.start, other.end), part.end))
            if start < end
        ]
    return tuple(left)


def _people(line: Sequence[Shift]) -> list[tuple[datetime, str | None]]:
    """When somebody else begins."""
    return [(s.start, s.technician) for i, s in enumerate(line) if i == 0 or line[i - 1].technician != s.technician]
