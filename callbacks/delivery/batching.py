"""Which waiting pages are sent together to one phone, and when the next may be sent. Rules only, for any store.

- All waiting texts of a person leave as one text, all waiting calls as one call; one per caller before a second of
  the same caller.
- In a storm a person is paged at even intervals, so that nobody new waits a whole minute.
- A text that is somebody's first coverage goes first of all, before what may have arrived already.
- Texts go before calls, which wake but name few; a call that has waited two minutes goes first, unless a text
  is somebody's first coverage.
- What the limit holds back is put off, never dropped.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from callbacks.delivery.outbox_row import OutboxKind, OutboxState

MINUTE = timedelta(seconds=60)
MOST_IN_ONE = 110  # of 13 characters each: within the 1,600 that the carrier takes in one text
CALL_WAITS = timedelta(minutes=2)
STORM = 4  # emergencies in one text or call


class Waiting(Protocol):
    """A page in the outbox. `bundle`: the row whose text or call carried it at an earlier try."""

    @property
    def id(self) -> str: ...
    @property
    def person(self) -> str | None: ...
    @property
    def kind(self) -> OutboxKind: ...
    @property
    def state(self) -> OutboxState: ...
    @property
    def bundle(self) -> str | None: ...
    @property
    def created_at(self) -> datetime: ...
    @property
    def expires_at(self) -> datetime | None: ...


W = TypeVar("W", bound=Waiting)


def one_per_caller_first(rows: Iterable[tuple[W, str | None]]) -> list[W]:
    """A caller who calls five hundred times does not stand five hundred times before somebody else."""
    seen: Counter[tuple[str | None, str | None, OutboxKind]] = Counter()
    ranked = []
    for place, (row, number) in enumerate(rows):
        key = (row.person, number or row.id, row.kind)
        ranked.append((seen[key], place, row))
        seen[key] += 1
    return [row for _, _, row in sorted(ranked, key=lambda r: r[:2])]


def group_by_recipient(rows: Sequence[W], uncovered: Collection[str], now: datetime) -> list[list[W]]:
    """One person's due pages as what may leave, in order. What was sent once and may have arrived stays as it was;
    what surely did not arrive goes with the rest. `uncovered`: ids of those whose emergency nobody has been paged
    for yet."""
    kept: dict[str, list[W]] = defaultdict(list)
    for row in rows:
        if row.state != OutboxState.QUEUED:
            kept[row.bundle or row.id].append(row)
    fresh = [row for row in rows if row.state == OutboxState.QUEUED]
    texts = [row for row in fresh if row.kind == OutboxKind.PAGE][:MOST_IN_ONE]
    calls = [row for row in fresh if row.kind == OutboxKind.PAGE_CALL][:MOST_IN_ONE]
    again = [sorted(bundle, key=lambda row: row.id != row.bundle) for bundle in kept.values()]
    overdue = any(now - row.created_at > CALL_WAITS for row in calls)
    first_coverage = any(row.id in uncovered for row in texts)
    calls_first = overdue and not first_coverage
    sent_once = [bundle for bundle in again if bundle[0].kind == OutboxKind.PAGE]
    all_texts = [texts, *sent_once] if first_coverage else [*sent_once, *([texts] if texts else ())]
    all_calls = [*(bundle for bundle in again if bundle[0].kind != OutboxKind.PAGE), *([calls] if calls else ())]
    return [*all_calls, *all_texts] if calls_first else [*all_texts, *all_calls]


def release(
    bundles: Sequence[list[W]], departed: Sequence[tuple[datetime, int]], now: datetime, per_minute: int
) -> tuple[list[list[W]], list[tuple[list[W], datetime]]]:
    """(what leaves now, what waits until when). `departed`: when each text and call of the last two minutes left
    and how many emergencies it carried, oldest first. One that is expired rings nobody and takes nobody's place."""
    left, is_storm = [at for at, _ in departed], any(size >= STORM for _, size in departed)
    going: list[list[W]] = []
    held: list[tuple[list[W], datetime]] = []
    for bundle in bundles:
        expires_at = bundle[0].expires_at
        is_expired = expires_at is not None and expires_at <= now
        free = free_at(left, now, per_minute, is_storm)
        if is_expired or free <= now:
            going.append(bundle)
            left = left if is_expired else [*left, now]
        else:
            held.append((bundle, free))
    return going, held


def free_at(left: Sequence[datetime], now: datetime, per_minute: int, is_storm: bool) -> datetime:
    """When the next one may leave, given when the last ones left, oldest first."""
    if len(left) < per_minute:
        return now
    even = left[-1] + MINUTE / per_minute if is_storm else now
    return max(even, left[-per_minute] + MINUTE)
