"""Claims of what is to be done at the carrier: which rows a node takes, and what a row is after it.

Pages that wait for one phone are bundled, so that a storm is a few texts, and never more than the policy's limit.

- One person's pages are claimed by one node at a time, so that the limit holds over any minute.
- Earliest deadline first. Which pages leave together, and when, is decided in `delivery/batching.py`.
- One page call at a time to a phone: the second would meet busy or a mailbox. It waits until the first has ended, or
  for `LONGEST_RING` when that end is never reported. The leg of a callback holds no page back: its owner is talking.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from callbacks.delivery import batching
from callbacks.delivery.outbox_row import OutboxKind, OutboxState
from callbacks.store.interface import Transaction
from callbacks.store.rows import OutboxRow

MOST_LOOKED_AT = 1000
LONGEST_RING = timedelta(minutes=2)
LOOK_AGAIN = timedelta(seconds=1)

Bundle = list[OutboxRow]


def claim_due(
    session: Transaction,
    now: datetime,
    owner: str,
    lease: timedelta,
    limit: int,
    kinds: Sequence[OutboxKind],
    first: OutboxKind | None = None,
) -> list[OutboxRow]:
    """Takes up to `limit` due rows of these kinds for `owner`, those of the kind `first` before others. The caller
    commits at once. A claim whose lease ran out is taken again with the next fence, and marked: it may have been
    carried out."""
    rows = [claimed(row, now, owner, lease) for row in session.outbox.due(now, limit, kinds, first)]
    session.outbox.rewrite(rows)
    return rows


def claim_bundles(
    session: Transaction, now: datetime, owner: str, lease: timedelta, limit: int, per_minute: int
) -> list[Bundle]:
    """Up to `limit` bundles for `owner`; the first row of each leads it. The caller commits at once."""
    due = session.outbox.due_pages(now, MOST_LOOKED_AT)
    uncovered = {row.id for row, _, first_page_at in due if first_page_at is None}
    waiting: dict[str, Bundle] = defaultdict(list)
    for row in batching.one_per_caller_first((row, number) for row, number, _ in due):
        waiting[row.person or ""].append(row)
    found: list[Bundle] = []
    for person, rows in waiting.items():
        if len(found) >= limit:
            break
        if not session.outbox.is_busy(person, now):
            bundles = batching.group_by_recipient(rows, uncovered, now)
            found += _for_person(session, person, bundles, now, per_minute)
    taken = [
        [replace(claimed(row, now, owner, lease), bundle=bundle[0].id) for row in bundle] for bundle in found[:limit]
    ]
    session.outbox.rewrite([row for bundle in taken for row in bundle])
    return taken


def _for_person(
    session: Transaction, person: str, bundles: list[Bundle], now: datetime, per_minute: int
) -> list[Bundle]:
    """What may leave now: at most as many as the last minute has left room for, and no second call to a phone that
    rings. The rest is put off."""
    ringing: set[str | None] = set()
    free, held = [], []
    for bundle in bundles:
        number, is_call = bundle[0].number, bundle[0].kind == OutboxKind.PAGE_CALL
        if is_call and (number in ringing or session.outbox.is_ringing(number, now - LONGEST_RING)):
            held.append((bundle, now + LOOK_AGAIN))
            continue
        free.append(bundle)
        ringing.update([number] if is_call else ())
    departures = session.outbox.recent_sends(person, now - 2 * batching.MINUTE)
    going, later = batching.release(free, departures, now, per_minute)
    put_off = [postponed(row, now, free_at) for bundle, free_at in [*held, *later] for row in bundle]
    session.outbox.rewrite(put_off)
    return going


def claimed(row: OutboxRow, now: datetime, owner: str, lease: timedelta) -> OutboxRow:
    """The row as `owner` has it, under the next fence."""
    if row.state == OutboxState.CLAIMED:
        row = uncertain(row, now)
    elif row.state == OutboxState.AMBIGUOUS and row.absent_from is None:
        # A node of the version before wrote it in the payload alone.
        row = replace(row, absent_from=datetime.fromisoformat(json.loads(row.payload).get("absent_from", str(now))))
    return replace(
        row,
        state=OutboxState.CLAIMED,
        owner=owner,
        lease_until=now + lease,
        fence=row.fence + 1,
        attempts=row.attempts + 1,
    )


def postponed(row: OutboxRow, now: datetime, until: datetime) -> OutboxRow:
    """It waits until then, and expires as much later. A claim that ran out is not taken up: it may have been carried
    out."""
    later = replace(row, due_at=until, expires_at=row.expires_at and row.expires_at + (until - now))
    if row.state != OutboxState.CLAIMED:
        return later
    return replace(uncertain(later, now), state=OutboxState.AMBIGUOUS, owner=None, lease_until=None)


def uncertain(row: OutboxRow, absent_from: datetime) -> OutboxRow:
    """It may have been carried out: it is looked up first, and counts as absent from then on."""
    # Nodes of the version before read it in the payload.
    payload = json.dumps(json.loads(row.payload) | {"absent_from": absent_from.isoformat()})
    return replace(row, absent_from=absent_from, payload=payload)
