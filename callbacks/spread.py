"""How long something took over many cases: the middle, the slow tenth and the slowest, never an average.

A percentile is by nearest rank: a time that was really measured, the smallest that so many reached.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """Seconds; all None of nothing. `n` cases were measured."""

    n: int
    p50: int | None = None
    p90: int | None = None
    slowest: int | None = None


def spread(seconds: Iterable[int | None]) -> Spread:
    """The spread of what was measured; None among them was not."""
    ranked = sorted([s for s in seconds if s is not None])
    if not ranked:
        return Spread(0)
    return Spread(len(ranked), nearest_rank(ranked, 50), nearest_rank(ranked, 90), ranked[-1])


def nearest_rank(ranked: list[int], percent: int) -> int:
    """The smallest of ascending values that at least so many per cent do not exceed."""
    return ranked[max(0, -(-percent * len(ranked) // 100) - 1)]
