"""Pages waiting for one phone: bundled, so that a storm is a few texts, and never more than the policy's limit.

- One person's pages are claimed by one node at a time, so that the limit holds over any minute.
- All waiting texts of a person leave as one text, all waiting calls as one call; earliest deadline first, one
  per caller before a second of the same caller.
- In a storm a person is paged at even intervals, so that nobody new waits a whole minute.
- Texts go before calls, which wake but name few; a call that has waited two minutes goes first, unless a text
  is somebody's first coverage.
- What the limit holds back is put off, never dropped.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, or_, select

from callbacks.store.outbox import WAITING, mark_uncertain
from callbacks.store.tables import EmergencyRow, OutboxRow

KINDS = ("page", "page-call")
MINUTE = timedelta(seconds=60)
MOST_IN_ONE = 110  # of 13 characters each: within the 1,600 that the carrier takes in one text
CALL_WAITS = timedelta(minutes=2)
STORM = 4  # emergencies in one text or call
MOST_LOOKED_AT = 1000

Bundle = list[OutboxRow]


def claim_bundles(
    session: Session, now: datetime, owner: str, lease: timedelta, limit: int, per_minute: int
) -> list[Bundle]:
    """Up to `limit` bundles for `owner`; the first row of each leads it. The caller commits at once."""
    waiting: dict[str, Bundle] = defaultdict(list)
    due, uncovered = _due(session, now)
    for row in due:
        waiting[row.person or ""].append(row)
    found: list[Bundle] = []
    for person, rows in waiting.items():
        if len(found) >= limit:
            break
        if not _is_busy(session, person, now):
            found += _for_person(session, person, _bundles(rows, uncovered, now), now, per_minute)
    for bundle in found:
        for row in bundle:
            _claim(session, row, bundle[0], now, owner, lease)
    return found


def members(session: Session, leader: OutboxRow) -> Bundle:
    """Every row that left with `leader`, itself first."""
    followers = select(OutboxRow).where(OutboxRow.bundle == leader.id, col(OutboxRow.id) != leader.id)
    return [leader, *session.exec(followers)]


def _due(session: Session, now: datetime) -> tuple[list[OutboxRow], set[str]]:
    """What is due, in order, and the ids of those whose emergency nobody has been paged for yet."""
    due = or_(
        col(OutboxRow.state).in_(WAITING) & (col(OutboxRow.due_at) <= now),
        (col(OutboxRow.state) == "claimed") & (col(OutboxRow.lease_until) <= now),
    )
    query = (
        select(OutboxRow, EmergencyRow.number, EmergencyRow.first_page_at)
        .join(EmergencyRow, col(EmergencyRow.id) == OutboxRow.emergency_id)
        .where(due & col(OutboxRow.kind).in_(KINDS))
        .order_by(col(EmergencyRow.due_at), col(OutboxRow.created_at))
        .limit(MOST_LOOKED_AT)
    )
    found = list(session.exec(query.with_for_update(skip_locked=True, of=OutboxRow)))
    uncovered = {row.id for row, _, first_page_at in found if first_page_at is None}
    return _one_per_caller_first((row, number) for row, number, _ in found), uncovered


def _one_per_caller_first(rows: Iterable[tuple[OutboxRow, str | None]]) -> list[OutboxRow]:
    """A caller who calls five hundred times does not stand five hundred times before somebody else."""
    seen: Counter[tuple[str | None, str | None, str]] = Counter()
    ranked = []
    for place, (row, number) in enumerate(rows):
        key = (row.person, number or row.id, row.kind)
        ranked.append((seen[key], place, row))
        seen[key] += 1
    return [row for _, _, row in sorted(ranked, key=lambda r: r[:2])]


def _is_busy(session: Session, person: str, now: datetime) -> bool:
    claimed = (col(OutboxRow.state) == "claimed") & (col(OutboxRow.lease_until) > now)
    mine = (col(OutboxRow.person) == person) & col(OutboxRow.kind).in_(KINDS)
    return session.exec(select(OutboxRow.id).where(claimed & mine).limit(1)).first() is not None


def _for_person(session: Session, person: str, bundles: list[Bundle], now: datetime, per_minute: int) -> list[Bundle]:
    """What may leave now: at most as many as the last minute has left room for. The rest is put off."""
    departed = _departures(session, person, now - 2 * MINUTE)
    left, is_storm = [at for at, _ in departed], any(size >= STORM for _, size in departed)
    going: list[Bundle] = []
    for bundle in bundles:
        free_at = _free_at([*left, *(now for _ in going)], now, per_minute, is_storm)
        if free_at <= now:
            going.append(bundle)
        else:
            for row in bundle:
                _put_off(session, row, now, free_at)
    return going


def _free_at(left: list[datetime], now: datetime, per_minute: int, is_storm: bool) -> datetime:
    """When the next one may leave, given when the last ones left, oldest first."""
    if len(left) < per_minute:
        return now
    even = left[-1] + MINUTE / per_minute if is_storm else now
    return max(even, left[-per_minute] + MINUTE)


def _departures(session: Session, person: str, since: datetime) -> list[tuple[datetime, int]]:
    """(when it left, how many emergencies it carried) of each text and call to this person, oldest first."""
    mine = (col(OutboxRow.person) == person) & col(OutboxRow.kind).in_(KINDS)
    query = select(OutboxRow.sid, func.max(OutboxRow.sent_at), func.count()).where(mine, col(OutboxRow.sent_at) > since)
    return sorted((at, size) for _, at, size in session.exec(query.group_by(col(OutboxRow.sid))) if at)


def _bundles(rows: Bundle, uncovered: set[str], now: datetime) -> list[Bundle]:
    """What was sent once and may have arrived stays as it was; the rest is one text and one call."""
    kept: dict[str, Bundle] = defaultdict(list)
    for row in rows:
        if row.state != "queued" or row.bundle:
            kept[row.bundle or row.id].append(row)
    fresh = [row for row in rows if row.state == "queued" and not row.bundle]
    texts = [row for row in fresh if row.kind == "page"][:MOST_IN_ONE]
    calls = [row for row in fresh if row.kind == "page-call"][:MOST_IN_ONE]
    again = [sorted(bundle, key=lambda row: row.id != row.bundle) for bundle in kept.values()]
    overdue = any(now - row.created_at > CALL_WAITS for row in calls)
    calls_first = overdue and not any(row.id in uncovered for row in texts)
    return [*again, *(bundle for bundle in ((calls, texts) if calls_first else (texts, calls)) if bundle)]


def _put_off(session: Session, row: OutboxRow, now: datetime, until: datetime) -> None:
    if row.expires_at:
        row.expires_at += until - now
    row.due_at = until
    if row.state == "claimed":
        row.state, row.owner, row.lease_until = "ambiguous", None, None
        mark_uncertain(row, now)
    session.add(row)


def _claim(session: Session, row: OutboxRow, leader: OutboxRow, now: datetime, owner: str, lease: timedelta) -> None:
    if row.state == "claimed":
        mark_uncertain(row, now)
    row.state, row.owner, row.lease_until, row.bundle = "claimed", owner, now + lease, leader.id
    row.fence, row.attempts = row.fence + 1, row.attempts + 1
    session.add(row)
