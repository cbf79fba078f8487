"""How people answered pages before, from their ledgers: what a rehearsal may learn instead of assuming."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from callbacks.emergency import events as ev
from callbacks.simulation.people import Habits


def habits_of(stories: Iterable[Sequence[ev.Event]]) -> dict[str, Habits]:
    """By name: how many seconds their pages waited for them, and how often they were paged. An emergency that somebody
    else took first says nothing about who was slower, and is left out for them; drills count like the rest."""
    waited: dict[str, list[int]] = defaultdict(list)
    paged: dict[str, int] = defaultdict(int)
    for story in stories:
        asked, taken = _asked(story), _taken(story)
        first = min((at for at in taken.values()), default=None)
        for name, at in asked.items():
            acted = taken.get(name)
            if acted is None and first is not None:
                continue
            paged[name] += 1
            if acted is not None and acted >= at:
                waited[name].append(int((acted - at).total_seconds()))
    return {name: Habits(tuple(sorted(waited[name])), count) for name, count in sorted(paged.items())}


def _asked(story: Sequence[ev.Event]) -> dict[str, datetime]:
    """When each person was paged first."""
    found: dict[str, datetime] = {}
    for event in story:
        if isinstance(event, ev.PageRequested):
            found.setdefault(event.person, event.at)
    return found


def _taken(story: Sequence[ev.Event]) -> dict[str, datetime]:
    """When each person first took it or passed."""
    found: dict[str, datetime] = {}
    for event in story:
        if isinstance(event, ev.Acknowledged | ev.Passed):
            found.setdefault(event.by, event.at)
    return found
