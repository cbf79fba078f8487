"""A customer's notes on their way to people: the first one at once, further ones together.

- One text per person and emergency in `relayed_notes_every`: who writes forty texts fills nobody's line.
- Nothing is lost: every note is a fact, and the page shows all of them. Who takes part later reads them there; who
  takes over before the last ones were told gets those.
- What waits when the emergency is withdrawn is not told any more; what is written after the end is.
- Whoever has it is told, else everybody who was paged, else the supervisors.
"""

from collections.abc import Iterator
from datetime import datetime

from callbacks import events as ev
from callbacks.emergency import CustomerNote, Emergency
from callbacks.promise import is_waiting

SUPERVISORS = "supervisors"  # stands for all of them: no rotation and no person may have this name


def next_relay(e: Emergency) -> datetime | None:
    """When somebody is to be told of notes next; None when nobody is."""
    return min((at for _, at in _owed(e)), default=None)


def relay(e: Emergency, now: datetime) -> list[ev.Event]:
    """Who is told of which notes at `now`."""
    through = len(e.customer_notes)
    return [
        ev.NotesRelayed(at=now, person=person, after=_told(e, person), through=through)
        for person, at in _owed(e)
        if at <= now
    ]


def those_on_it(e: Emergency) -> tuple[str, ...]:
    """The owner, else everybody who was paged and did not pass."""
    if e.owner:
        return (e.owner,)
    return tuple(dict.fromkeys(p.person for p in e.pages.values() if p.person not in e.ladder.passed))


def wakes_nobody(e: Emergency) -> bool:
    """Excluded, or it can wait and the desk has not heard of it yet."""
    return bool(e.excluded_at) or (e.owner is None and is_waiting(e) and "waiting" not in e.told)


def told_now(e: Emergency, event: ev.NotesRelayed) -> tuple[CustomerNote, ...]:
    """The notes that this fact is about, but of those that were erased."""
    notes = e.customer_notes[event.after : event.through]
    return tuple(note for note in notes if note.words and not _is_over(e, note))


def _owed(e: Emergency) -> Iterator[tuple[str, datetime]]:
    """(person, when) of everybody who has not heard of the last notes."""
    every = e.terms.relayed_notes_every
    if every is None or not e.customer_notes or wakes_nobody(e):
        return
    for person in those_on_it(e) or (SUPERVISORS,):
        unheard = [note for note in e.customer_notes[_told(e, person) :] if note.words and not _is_over(e, note)]
        if unheard:
            heard = e.notes_heard.get(person)
            yield person, max(unheard[0].at, heard.at + every) if heard else unheard[0].at


def _is_over(e: Emergency, note: CustomerNote) -> bool:
    """What was written before the withdrawal is taken back with it; what comes after it may ask for help again."""
    return e.withdrawn_at is not None and note.at <= e.withdrawn_at


def _told(e: Emergency, person: str) -> int:
    """How many notes this person need not be told: who has heard none is spared those that others were told."""
    heard = e.notes_heard.get(person)
    return heard.through if heard else e.notes_told
