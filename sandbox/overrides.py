"""What the fragment of an address asks of the connection: retries, what is retried, and how long to wait.

A value out of range is brought into it; one that is no number counts as not given.
"""

from dataclasses import dataclass
from urllib.parse import parse_qs

LONGEST_MS = 15000
SHORTEST_MS = 100
MOST_RETRIES = 5
KINDS = frozenset({"4xx", "5xx", "ct", "rt", "all"})


@dataclass(frozen=True, slots=True)
class Overrides:
    """Times in seconds. `kinds`: which failures are tried again."""

    retries: int = 1
    kinds: frozenset[str] = frozenset({"ct"})
    connect: float = 5.0
    read: float = 15.0
    total: float = 15.0

    def again(self, failure: str) -> bool:
        """Whether a failure of this kind ("" for none) is tried again."""
        return bool(failure) and bool({failure, "all"} & self.kinds)


def overrides_of(url: str) -> Overrides:
    """The overrides of an address; the carrier's defaults where it names none."""
    given = {name: values[0] for name, values in parse_qs(url.partition("#")[2]).items()}
    kinds = frozenset(given.get("rp", "ct").split(",")) & KINDS
    return Overrides(
        retries=_whole(given.get("rc", ""), 0, MOST_RETRIES, 1),
        kinds=kinds or frozenset({"ct"}),
        connect=_whole(given.get("ct", ""), SHORTEST_MS, 10000, 5000) / 1000,
        read=_whole(given.get("rt", ""), SHORTEST_MS, LONGEST_MS, LONGEST_MS) / 1000,
        total=_whole(given.get("tt", ""), SHORTEST_MS, LONGEST_MS, LONGEST_MS) / 1000,
    )


def _whole(text: str, least: int, most: int, default: int) -> int:
    return min(max(int(text), least), most) if text.isdigit() else default
