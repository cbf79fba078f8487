"""What is wrong with a file somebody wrote: the key, its value, the problem, and what would be right."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """`key` is a dotted path such as `escalation[2].after`; `fix` says what would be right."""

    key: str
    value: str
    problem: str
    fix: str

    def __str__(self) -> str:
        return f"{self.key} = {self.value}: {self.problem}; {self.fix}"


class FaultyFile(ValueError):
    """A file that cannot be used; nothing of it was."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)
