"""What goes wrong in a night: each kind is on with probability one half, at a rate of its own; and where it struck."""

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

# Chance that a seed decides: independent streams, so that one more draw in one leaves the others as they were.
#
# Only `random()` and `getrandbits()` of the generator are used: they give the same numbers in every Python version,
# and every figure drawn is an integer or an exact binary fraction.

T = TypeVar("T")
WEIGHT = 1 << 32


class Chance:
    """One stream of one seed."""

    def __init__(self, seed: int, stream: str) -> None:
        digest = hashlib.sha256(f"{seed}:{stream}".encode()).digest()
        source = random.Random(int.from_bytes(digest[:16], "big"))
        self.random, self.bits = source.random, source.getrandbits

    def happens(self, probability: float) -> bool:
        return probability > 0 and self.random() < probability

    def below(self, n: int) -> int:
        """An integer from 0 up to n, n left out."""
        return self.bits(32) * n >> 32 if n < WEIGHT else self.bits(64) * n >> 64

    def between(self, low: int, high: int) -> int:
        """An integer from low to high, both included."""
        return low + self.below(high - low + 1)

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self.below(len(choices))]

    def weighted(self, choices: Sequence[tuple[int, T]]) -> T:
        """One of (weight, value)."""
        at = self.below(sum(weight for weight, _ in choices))
        for weight, value in choices:
            at -= weight
            if at < 0:
                return value
        raise AssertionError("weights are positive")

    def rate(self, octaves: int = 6) -> float:
        """A probability, log-uniform from 2 to the minus `octaves` up to 1."""
        return (1 + self.random()) * 0.5 ** (1 + self.below(octaves))

    def spread(self, low: int, high: int) -> int:
        """An integer, log-uniform from low (at least 1) to high."""
        octaves = max(1, (high // low).bit_length())
        base = low << self.below(octaves)
        return min(high, base + self.below(base))


# Struck once in a while, with the probability of each occasion at its highest.
OCCASIONS = {
    "webhook lost": 0.5,
    "webhook late": 0.8,
    "webhook doubled": 0.8,
    "answer lost": 0.3,
    "inbound text lost": 0.3,
    "429": 0.5,
    "5xx": 0.5,
    "time-out": 0.4,
    "no connection": 0.4,
    "list down": 0.5,
    "list blind": 1.0,
    "text late": 0.5,
    "text never": 0.4,
    "text undelivered": 0.4,
    "texts refused": 0.1,
    "wrong machine verdict": 0.2,
    "slow commit": 0.5,
    "commit lost": 0.1,
    "commit unknown": 0.1,
    "killed at commit": 0.02,
    "wake lost": 0.8,
    "poison": 0.2,
    "fetch fails": 0.6,
}
# Struck a few times a night, for a while.
SPELLS = (
    "killed",
    "paused",
    "cut from database",
    "cut from carrier",
    "cut from both",
    "carrier's list down",
    "clock ahead",
    "clock behind",
    "clock steps",
    "failover",
)
KINDS = (*OCCASIONS, *SPELLS)


@dataclass(frozen=True)
class Swarm:
    """The faults of one seed: their rates, none for those that are off."""

    rates: dict[str, float]

    def is_on(self, kind: str) -> bool:
        return self.rates.get(kind, 0) > 0


CALM = Swarm({})


def swarm(chance: Chance, spared: frozenset[str] = frozenset()) -> Swarm:
    """Draws a night's faults. `spared` kinds stay off; the draws of the others do not change with them."""
    rates: dict[str, float] = {}
    for kind in KINDS:
        is_on, rate = chance.happens(0.5), chance.rate()
        if is_on and kind not in spared:
            rates[kind] = rate * OCCASIONS.get(kind, 1.0)
    return Swarm(rates)


class Faults:
    """Strikes while the storm lasts, and keeps count of kind and phase."""

    def __init__(self, swarm: Swarm, chance: Chance, phase: Callable[[], str]) -> None:
        self.swarm, self.chance, self._phase = swarm, chance, phase
        self._rates, self._random = swarm.rates, chance.random
        self.stormy = True
        self.hits: Counter[tuple[str, str]] = Counter()

    def strikes(self, kind: str) -> bool:
        rate = self._rates.get(kind)
        if not rate or not self.stormy or self._random() >= rate:
            return False
        self.hits[kind, self._phase()] += 1
        return True

    def struck(self, kind: str) -> None:
        self.hits[kind, self._phase()] += 1
