"""A day's ledgers as one line to be kept outside the database: whoever changes the past must change the line too.

- A line holds the digest of the hashes of all facts recorded in its span, and the head of the line before.
- `mac`: HMAC-SHA256 of the head under a key that is not in the database; "" when there was none.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

GENESIS = "0" * 64
Seal = Callable[[bytes], str]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`until`: facts recorded up to this instant (RFC 3339) and after the line before are in it."""

    until: str
    facts: int
    digest: str
    previous: str
    head: str
    mac: str = ""

    @property
    def ends(self) -> datetime:
        return datetime.fromisoformat(self.until)

    def line(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)


def make(until: datetime, hashes: Iterable[str], previous: str, seal: Seal | None) -> Checkpoint:
    """The next line. `hashes` in the order of emergency and number."""
    digest, n = hashlib.sha256(), 0
    for one in hashes:
        digest.update(one.encode())
        n += 1
    return made(until.isoformat(), n, digest.hexdigest(), previous, seal)


def made(at: str, n: int, found: str, previous: str, seal: Seal | None) -> Checkpoint:
    """The line over `n` facts whose hashes have this digest."""
    head = hashlib.sha256(f"{previous}|{at}|{n}|{found}".encode()).hexdigest()
    return Checkpoint(at, n, found, previous, head, seal(head.encode()) if seal else "")


def read(text: str) -> list[Checkpoint]:
    """The lines of a file. Raises ValueError for what is none."""
    try:
        return [Checkpoint(**json.loads(line)) for line in text.splitlines() if line.strip()]
    except (TypeError, ValueError) as error:
        raise ValueError(f"not a checkpoint file: {error}") from None
