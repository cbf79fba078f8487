"""The API keeps no answers in memory."""

from collections.abc import Sequence


class MemoryIdempotency:
    """Nothing is kept, so nothing is to be forgotten."""

    def forget(self, words: Sequence[str]) -> None:
        """No answer holds them."""
