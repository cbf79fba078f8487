"""Which emergency a technician's text is about. Never a guess: when it could be several, it asks.

- A code names one. Without a code `1` and `2` answer a page: they are about the only emergency that the sender was
  paged for and that still waits for somebody; every other command is about the only one that is open for the sender.
- Where that is not exactly one, the answer is the list with the codes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from callbacks.replies import TAKES_WORDS, Reply

CODE_LIVES = timedelta(days=7)
NEEDS_NO_EMERGENCY = frozenset({"status", "who", "ready", "unclear", "automatic", "opt-out", "opt-in", "carrier-help"})
ANSWERS_A_PAGE = frozenset({"acknowledge", "pass"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An emergency the sender was contacted about in the last days. `is_paged`: by a page; `lately`: resolved a few
    hours ago."""

    id: int
    code: str
    owner: str | None
    is_open: bool
    is_resolved: bool
    is_paged: bool
    due_at: datetime
    opened_at: datetime
    lately: bool = False

    @property
    def waits(self) -> bool:
        """Nobody has it, and it is not merely owed a callback."""
        return self.is_open and self.owner is None and not self.is_resolved


@dataclass(frozen=True, slots=True)
class Route:
    """Either `to` one emergency, or an `ask` (slug) with the emergencies to list."""

    to: int | None = None
    ask: str | None = None
    listed: tuple[int, ...] = ()


def route(reply: Reply, sender: str, candidates: Sequence[Candidate]) -> Route:
    """Where a reply goes. `candidates` may hold closed ones: a code still finds those."""
    pool = open_pages(sender, candidates)
    listed = tuple(c.id for c in pool)
    if reply.command in NEEDS_NO_EMERGENCY:
        return Route(ask=reply.command, listed=listed)
    if reply.code is not None:
        named = [c for c in candidates if c.code == reply.code]
        return Route(to=named[0].id) if named else Route(ask="unknown-code", listed=listed)
    if not pool:
        return _afterwards(reply, sender, candidates)
    meant = [c for c in pool if c.waits and c.is_paged] if reply.command in ANSWERS_A_PAGE else pool
    if len(meant) == 1:
        return Route(to=meant[0].id)
    return Route(ask="which" if meant else "none-waits", listed=tuple(c.id for c in meant) or listed)


def _afterwards(reply: Reply, sender: str, candidates: Sequence[Candidate]) -> Route:
    """A note may follow what was just resolved, as long as only one can be meant."""
    just_closed = [c.id for c in candidates if c.lately and c.owner == sender]
    if reply.command in TAKES_WORDS and len(just_closed) == 1:
        return Route(to=just_closed[0])
    return Route(ask="no-open")


def open_pages(sender: str, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The sender's open ones, earliest deadline first: theirs or nobody's; else those of others."""
    still_open = sorted((c for c in candidates if c.is_open), key=lambda c: c.due_at)
    return [c for c in still_open if c.owner in (None, sender)] or still_open
