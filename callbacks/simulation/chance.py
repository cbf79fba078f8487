"""Chance that a seed decides: independent streams, so that one more draw in one leaves the others as they were.

Only `random()` and `getrandbits()` of the generator are used: they give the same numbers in every Python version,
and every figure drawn is an integer or an exact binary fraction.
"""

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

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
