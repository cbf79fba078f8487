"""Pages waiting for one phone: bundled, so that a storm is a few texts, and never more than the policy's limit.

- One person's pages are claimed by one node at a time, so that the limit holds over any minute.
- Earliest deadline first. Which pages leave together, and when, is `bundling.py`'s to say.
"""

from collections import defaultdict
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from callbacks.delivery import batching
from callbacks.store.database import by_no_index
from callbacks.store.outbox import is_due, mark_uncertain
from callbacks.store.tables import EmergencyRow, OutboxRow

KINDS = ("page", "page-call")
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
            found += _for_person(session, person, batching.put_together(rows, uncovered, now), now, per_minute)
    found = found[:limit]
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
    query = (
        select(OutboxRow, EmergencyRow.number, EmergencyRow.first_page_at)
        .join(EmergencyRow, col(EmergencyRow.id) == OutboxRow.emergency_id)
        .where(is_due(now) & by_no_index(OutboxRow.kind).in_(KINDS))
        .order_by(col(EmergencyRow.due_at), col(OutboxRow.created_at))
        .limit(MOST_LOOKED_AT)
    )
    found = list(session.exec(query.with_for_update(skip_locked=True, of=OutboxRow)))
    uncovered = {row.id for row, _, first_page_at in found if first_page_at is None}
    return batching.one_per_caller_first((row, number) for row, number, _ in found), uncovered


def _is_busy(session: Session, person: str, now: datetime) -> bool:
    claimed = (col(OutboxRow.state) == "claimed") & (col(OutboxRow.lease_until) > now)
    mine = (col(OutboxRow.person) == person) & col(OutboxRow.kind).in_(KINDS)
    return session.exec(select(OutboxRow.id).where(claimed & mine).limit(1)).first() is not None


def _for_person(session: Session, person: str, bundles: list[Bundle], now: datetime, per_minute: int) -> list[Bundle]:
    """What may leave now: at most as many as the last minute has left room for. The rest is put off."""
    going, held = batching.leaving(bundles, _departures(session, person, now - 2 * batching.MINUTE), now, per_minute)
    for bundle, free_at in held:
        for row in bundle:
            _put_off(session, row, now, free_at)
    return going


def _departures(session: Session, person: str, since: datetime) -> list[tuple[datetime, int]]:
    """(when it left, how many emergencies it carried) of each text and call to this person, oldest first."""
    mine = (col(OutboxRow.person) == person) & col(OutboxRow.kind).in_(KINDS)
    query = select(OutboxRow.sid, func.max(OutboxRow.sent_at), func.count()).where(mine, col(OutboxRow.sent_at) > since)
    return sorted((at, size) for _, at, size in session.exec(query.group_by(col(OutboxRow.sid))) if at)


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
