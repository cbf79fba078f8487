"""What goes wrong in a night: each kind is on with probability one half, at a rate of its own; and where it struck."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from callbacks.simulation.chance import Chance

# Struck once in a while, with the probability of each occasion at its highest.
OCCASIONS = {
    "webhook lost": 0.5, "webhook late": 0.8, "webhook doubled": 0.8, "answer lost": 0.3, "inbound text lost": 0.3,
    "429": 0.5, "5xx": 0.5, "time-out": 0.4, "no connection": 0.4, "list down": 0.5, "list blind": 1.0,
    "text late": 0.5, "text never": 0.4, "text undelivered": 0.4, "texts refused": 0.1, "wrong machine verdict": 0.2,
    "slow commit": 0.5, "commit lost": 0.1, "commit unknown": 0.1, "killed at commit": 0.02, "wake lost": 0.8,
    "poison": 0.2, "fetch fails": 0.6,
}  # fmt: skip
# Struck a few times a night, for a while.
SPELLS = (
    "killed", "paused", "cut from database", "cut from carrier", "cut from both", "carrier's list down",
    "clock ahead", "clock behind", "clock steps", "failover",
)  # fmt: skip
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
