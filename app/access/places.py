"""How many may try to log in at the same instant; the rest are refused at once.

A try holds a thread, a hash's memory and a turn at the database's writer, or waits for the login provider: webhooks
and pages need the same ones. Browsers that somebody has fully logged in with (`devices`) have places of their own, so
that a flood of strangers keeps nobody out who has been in before.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

EACH = 6


class Busy(Exception):
    """Too many log in at this instant; the request may be sent again."""


class Places:
    """The places at one way in."""

    def __init__(self) -> None:
        self._strangers, self._known = threading.Semaphore(EACH), threading.Semaphore(EACH)

    @contextmanager
    def one(self, is_known: bool) -> Iterator[None]:
        """A place until the block ends. Raises Busy at once where there is none."""
        places = self._known if is_known else self._strangers
        if not places.acquire(blocking=False):
            raise Busy
        try:
            yield
        finally:
            places.release()


PASSWORD, PROVIDER = Places(), Places()
