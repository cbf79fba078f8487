"""Many nights, one seed after the other, in one process or several; what they came to, added up."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

from callbacks.simulation.night import Outcome, draw, run
from callbacks.simulation.rules import REAL, Rules

PIECE = 100


@dataclass
class Tally:
    """What nights came to. `curve`: (nights, distinct histories) as they grew; `first`: invariant → (seed, words)."""

    nights: int = 0
    emergencies: int = 0
    calls: int = 0
    events: int = 0
    steps: int = 0
    hours: float = 0.0
    cpu_seconds: float = 0.0
    verdicts: Counter[str] = field(default_factory=Counter)
    hits: Counter[tuple[str, str]] = field(default_factory=Counter)
    rare: Counter[str] = field(default_factory=Counter)
    histories: Counter[str] = field(default_factory=Counter)
    slack: dict[str, int] = field(default_factory=dict)
    violations: Counter[str] = field(default_factory=Counter)
    first: dict[str, tuple[int, str]] = field(default_factory=dict)
    curve: list[tuple[int, int]] = field(default_factory=list)

    def add(self, night: Outcome) -> None:
        self.nights += 1
        self.emergencies += night.emergencies
        self.calls += night.calls
        self.events += night.events
        self.steps += night.steps
        self.hours += night.hours
        self.verdicts += night.verdicts
        self.hits += night.hits
        self.rare += night.rare
        self.histories.update(night.shapes)
        for number, left in night.slack.items():
            self.slack[number] = min(left, self.slack.get(number, left))
        if night.violation:
            number = night.violation.partition(":")[0]
            self.violations[number] += 1
            self._note(number, night.seed, night.violation)

    def merge(self, other: "Tally") -> None:
        """Pieces are merged in the order of their seeds, so that the sum is the same in any number of processes."""
        for name in ("nights", "emergencies", "calls", "events", "steps", "hours", "cpu_seconds"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for counter in ("verdicts", "hits", "rare", "histories", "violations"):
            getattr(self, counter).update(getattr(other, counter))
        for number, left in other.slack.items():
            self.slack[number] = min(left, self.slack.get(number, left))
        for number, (seed, words) in other.first.items():
            self._note(number, seed, words)
        self.curve.append((self.nights, len(self.histories)))

    def _note(self, number: str, seed: int, words: str) -> None:
        if number not in self.first or seed < self.first[number][0]:
            self.first[number] = (seed, words)


def nights(first: int, many: int, rules: Rules = REAL) -> Tally:
    """Nights of the seeds from `first` on, in this process."""
    began, tally = time.process_time(), Tally()
    for seed in range(first, first + many):
        tally.add(run(draw(seed, rules=rules)))
    tally.cpu_seconds = time.process_time() - began
    return tally


def campaign(first: int, many: int, processes: int = 1) -> Tally:
    """The same, spread over processes."""
    whole = Tally()
    pieces = [(at, min(PIECE, first + many - at)) for at in range(first, first + many, PIECE)]
    for tally in _each(pieces, processes):
        whole.merge(tally)
    return whole


def _each(pieces: list[tuple[int, int]], processes: int) -> Iterator[Tally]:
    if processes == 1:
        yield from (nights(at, many) for at, many in pieces)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(nights, *zip(*pieces, strict=True))
