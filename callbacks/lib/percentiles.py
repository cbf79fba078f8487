"""Percentiles of durations, and rates with n and their interval: never a number that travels alone.

A percentile is by nearest rank: a time that was really measured, the smallest that so many reached.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Seconds; all None of nothing. `n` cases were measured."""

    n: int
    p50: int | None = None
    p90: int | None = None
    slowest: int | None = None


def percentiles(seconds: Iterable[int | None]) -> Percentiles:
    """Of what was measured; None was not."""
    ranked = sorted([s for s in seconds if s is not None])
    if not ranked:
        return Percentiles(0)
    return Percentiles(len(ranked), nearest_rank(ranked, 50), nearest_rank(ranked, 90), ranked[-1])


def nearest_rank(ranked: list[int], percent: int) -> int:
    """The smallest of ascending values that at least so many per cent do not exceed."""
    return ranked[max(0, -(-percent * len(ranked) // 100) - 1)]


# A share that never travels alone: how many of how many, and the interval in which the true share lies.
#
# The interval is Wilson's (E. B. Wilson, 1927), which stays inside 0 and 1 and means something for small n.

Z_95 = 1.959963984540054
SMALL = 20
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Rate:
    """`part` of `whole`; a share of nothing is None, never 0 or 1."""

    part: int
    whole: int

    @property
    def share(self) -> float | None:
        return round(self.part / self.whole, 4) if self.whole else None

    @property
    def interval(self) -> Interval | None:
        """95 % Wilson interval, both ends rounded to four places."""
        found = wilson(self.part, self.whole)
        return (round(found[0], 4), round(found[1], 4)) if found else None

    @property
    def is_small(self) -> bool:
        """So few cases that a percentage says more than is known."""
        return self.whole < SMALL


def wilson(part: int, whole: int, z: float = Z_95) -> Interval | None:
    """The score interval of a share; None of nothing."""
    if whole == 0:
        return None
    p, z2 = part / whole, z * z
    centre = p + z2 / (2 * whole)
    reach = z * sqrt(p * (1 - p) / whole + z2 / (4 * whole * whole))
    scale = 1 + z2 / whole
    return max(0.0, (centre - reach) / scale), min(1.0, (centre + reach) / scale)
