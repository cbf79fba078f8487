"""The same figures for some of the emergencies: by priority, technician, customer, hour of the day."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from callbacks.emergency.outcome import Judged
from callbacks.lib.percentiles import Rate, Spread, spread
from callbacks.lib.wallclock import Wall

OUTCOMES = ("met", "missed", "void", "withdrawn", "excluded", "pending")
GROUPS = ("priority", "technician", "customer", "hour")


@dataclass(frozen=True, slots=True)
class Tally:
    """Some emergencies: how many of each outcome, the rates that makes, and the time to a human. `name` is None
    where there is none: nobody had it, or the caller's number is not known."""

    name: str | None
    counts: dict[str, int]
    human: Spread

    @property
    def n(self) -> int:
        return sum(self.counts.values())

    @property
    def published(self) -> Rate:
        """Met of met and missed."""
        return Rate(self.counts["met"], self.counts["met"] + self.counts["missed"])

    @property
    def harsh(self) -> Rate:
        """The same with void counted against us."""
        return Rate(self.counts["met"], self.counts["met"] + self.counts["missed"] + self.counts["void"])


def tally(name: str | None, found: Sequence[Judged]) -> Tally:
    counts = Counter([j.outcome for j in found])
    return Tally(name, {outcome: counts[outcome] for outcome in OUTCOMES}, to_human(found))


def to_human(found: Iterable[Judged]) -> Spread:
    """Of everything that counts: neither excluded nor withdrawn."""
    return spread([j.to_human for j in found if j.outcome not in ("excluded", "withdrawn")])


def grouped(found: Sequence[Judged], zone: ZoneInfo) -> dict[str, tuple[Tally, ...]]:
    """By each of GROUPS. Excluded emergencies (drills, blocked callers) are nobody's. Technicians and customers come
    with the most misses first, then the most emergencies; hours are local, those without a case left out."""
    counted = [j for j in found if j.outcome != "excluded"]
    wall = Wall(zone)
    return {
        "priority": _by(counted, lambda j: j.priority, _by_name),
        "technician": _by(counted, lambda j: j.technician, _by_trouble),
        "customer": _by(counted, lambda j: j.customer, _by_trouble),
        "hour": _by(counted, lambda j: f"{wall.time(j.started_at).hour:02d}", _by_name),
    }


def _by(
    found: Sequence[Judged], key: Callable[[Judged], str | None], order: Callable[[Tally], tuple[int | str, ...]]
) -> tuple[Tally, ...]:
    parts: dict[str | None, list[Judged]] = {}
    for j in found:
        parts.setdefault(key(j), []).append(j)
    return tuple(sorted((tally(name, part) for name, part in parts.items()), key=order))


def _by_name(t: Tally) -> tuple[int | str, ...]:
    return (t.name or "",)


def _by_trouble(t: Tally) -> tuple[int | str, ...]:
    return (-t.counts["missed"], -t.n, t.name or "")
