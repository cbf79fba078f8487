"""Many nights, one seed after the other, in one process or several; what they came to, added up."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from math import sqrt
from typing import Any

from callbacks.simulation.faults import KINDS
from callbacks.simulation.night import Outcome, draw, run
from callbacks.simulation.world import REAL, Rules

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


# Figures that are honest about how little they know: intervals, and what was never seen.

Z95 = 1.959963984540054


def wilson(kept: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share; (0, 1) of nothing."""
    if n == 0:
        return 0.0, 1.0
    share, spread = kept / n, Z95 * Z95 / n
    middle = share + spread / 2
    half = Z95 * sqrt(share * (1 - share) / n + spread / (4 * n))
    return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))


def at_most(n: int) -> float:
    """None seen in n: at most so often, at 95 % (the rule of three)."""
    return 3 / n if n else 1.0


def unseen_mass(histories: Counter[str]) -> float:
    """Good–Turing: how probable it is that the next history is a new one."""
    total = histories.total()
    return sum(1 for count in histories.values() if count == 1) / total if total else 1.0


def median(numbers: Iterable[int]) -> int | None:
    """The middle one, the lower of two."""
    order = sorted(numbers)
    return order[(len(order) - 1) // 2] if order else None


# What a campaign proves and what it does not: as a document for programs, and as text for people.

PHASES = ("call", "paging", "acknowledged", "bridge", "reached", "over")
INVARIANTS = {
    "I1": "every call past the greeting has its emergency within 2 minutes",
    "I3": "what we acknowledged to the carrier is never forgotten",
    "I5": "every open emergency will be woken",
    "I6": "every wake moves on, and none is due again at once",
    "I7": "an opening pages in its own transaction",
    "I8": "while nobody has it, escalation keeps its steps",
    "I9": "closed only by a resolution, a withdrawal or an exclusion",
    "I10": "supervisors hear of the risk and of the miss, once",
    "I11": "nobody to page: supervisors are told at once",
    "I12": "one acceptance per page; a second is a declared one, a bridge has none",
    "I13": "everything that left has an outbox row",
    "I14": "nothing is stuck in the outbox",
    "I15": "no phone gets more pages in a minute than the policy allows",
    "I16": "a stall is never caught up by paging somebody twice at once",
    "I17": "no page leaves for what is in hand or over",
    "I18": "only who was paged, or a supervisor, acknowledges",
    "I19": "one owner at a time",
    "I20": "an owner who tries nothing is relieved",
    "I21": "nothing acknowledges but a person's own word",
    "I24": "the ledger folds to the row",
    "I26": "nothing is settled under an old fence",
    "I27": "what is due is taken up within 10 s by a node that works",
    "L1": "95 s after the healing everybody who waits has been paged",
    "O1": "no verdict by the carrier without a true conversation",
    "O2": "no declared verdict without somebody's word",
    "O3": "no true conversation in time counts as missed or void",
    "O4": "no true try in time counts as missed",
}
MODEL = (
    "Modelled: 1 to 4 nodes that die, freeze and are cut off; short transactions with conflicts, lost and unknown "
    "commits and failover; a carrier that refuses, limits, times out, doubles, delays, reorders and loses; people who "
    "sleep, pass, stall, mistype, opt out and lie; callers who hang up, withhold and call again. Not modelled: "
    "SQL, HTTP, TwiML, threads, disks, audio, calendars that break, several policies at once, a carrier that lies."
)


def document(tally: Tally, first: int) -> dict[str, Any]:
    """The campaign as JSON; the same seeds give the same document, but for `speed`."""
    seen = len(tally.histories)
    per = tally.nights / tally.cpu_seconds if tally.cpu_seconds else 0.0
    return {
        "seeds": {"from": first, "to": first + tally.nights - 1},
        "nights": tally.nights,
        "emergencies": tally.emergencies,
        "calls": tally.calls,
        "facts": tally.events,
        "steps": tally.steps,
        "simulated_hours": round(tally.hours, 1),
        "violations": dict(sorted(tally.violations.items())),
        "first_violations": {k: {"seed": seed, "what": what} for k, (seed, what) in sorted(tally.first.items())},
        "losses_at_most": None if tally.violations else at_most(tally.nights),
        "model": MODEL,
        "verdicts": dict(sorted(tally.verdicts.items())),
        "hits": {kind: {phase: tally.hits[kind, phase] for phase in PHASES} for kind in KINDS},
        "rare": dict(sorted(tally.rare.items())),
        "histories": {"distinct": seen, "unseen": round(unseen_mass(tally.histories), 4), "curve": tally.curve},
        "smallest_slack_seconds": {k: round(v / 1e6, 3) for k, v in sorted(tally.slack.items())},
        "speed": {"cpu_seconds": round(tally.cpu_seconds, 1), "nights_per_cpu_second": round(per, 1)},
    }


def text(found: dict[str, Any]) -> str:
    """For people."""
    lines = [
        f"{found['nights']} nights, seeds {found['seeds']['from']} to {found['seeds']['to']}: {found['calls']} calls, "
        f"{found['emergencies']} emergencies, {found['facts']} facts, {found['simulated_hours']} hours",
        f"{found['speed']['nights_per_cpu_second']} nights per second of one core",
        "",
        *_violations(found),
        "",
        "fault × phase of the newest emergency",
        *_matrix(found["hits"]),
        "",
        "rare paths: " + ", ".join(f"{name} {count}" for name, count in found["rare"].items()),
        f"histories: {found['histories']['distinct']} distinct; the next one is new with probability "
        f"{found['histories']['unseen']}",
        "smallest slack: " + ", ".join(f"{k} {v} s" for k, v in found["smallest_slack_seconds"].items()),
        "verdicts: " + ", ".join(f"{k} {v}" for k, v in found["verdicts"].items()),
    ]
    return "\n".join(lines)


def _violations(found: dict[str, Any]) -> list[str]:
    if not found["violations"]:
        most = found["losses_at_most"]
        return [f"no invariant broken: at most {most:.2g} of nights at 95 %, under the modelled faults", found["model"]]
    first = found["first_violations"]
    return [
        f"BROKEN {k} in {n} nights, first by seed {first[k]['seed']}: {first[k]['what']}"
        for k, n in found["violations"].items()
    ]


def _matrix(hits: dict[str, dict[str, int]]) -> list[str]:
    width = max(map(len, hits))
    head = " " * width + "".join(phase.rjust(14) for phase in PHASES)
    return [head, *(kind.ljust(width) + "".join(str(row[p]).rjust(14) for p in PHASES) for kind, row in hits.items())]
