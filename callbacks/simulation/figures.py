"""Figures that are honest about how little they know: intervals, and what was never seen."""

from collections import Counter
from collections.abc import Iterable
from math import sqrt

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
