"""One measured figure: its value, what it is measured against in the same run, and what it ought to reach."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reach:
    """`of`: "value" or "ratio"; `most`: whether `bound` is the most it may be, or the least."""

    of: str
    bound: float
    most: bool = True

    def __str__(self) -> str:
        return f"{self.of} {'≤' if self.most else '≥'} {number(self.bound)}"


@dataclass(frozen=True, slots=True)
class Figure:
    """`base` is the value of `against`, in the same unit; the ratio is value / base."""

    what: str
    value: float
    unit: str
    against: str = ""
    base: float | None = None
    reaches: tuple[Reach, ...] = ()

    @property
    def ratio(self) -> float | None:
        return self.value / self.base if self.base else None

    @property
    def strain(self) -> float | None:
        """How much of what it may be it is, at the tightest: up to 1 is within reach. None without a reach."""
        return max((self._strain(reach) for reach in self.reaches), default=None)

    def _strain(self, reach: Reach) -> float:
        got = self.value if reach.of == "value" else self.ratio
        if got is None:
            return math.inf
        return got / reach.bound if reach.most else reach.bound / got if got else math.inf

    def __str__(self) -> str:
        beside = f"; {self.against} {number(self.base)} {self.unit}" if self.base is not None else ""
        ratio = f", x{number(self.ratio)}" if self.ratio is not None else ""
        wanted = f" ({', '.join(map(str, self.reaches))})" if self.reaches else ""
        return f"{self.what}: {number(self.value)} {self.unit}{beside}{ratio}{wanted}"


def number(value: float | None) -> str:
    """Three digits that mean something."""
    if value is None:
        return "–"
    if not math.isfinite(value):
        return "never"
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}".replace(",", " ")
    places = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def percentile(found: Sequence[float], share: float) -> float:
    """The smallest value that this share of all does not exceed; of a hundred, p99 is the second slowest."""
    return sorted(found)[max(0, math.ceil(len(found) * share) - 1)]
