"""What is to be done at the carrier: recorded with the facts, claimed under a lease, settled under a fence."""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, func, update
from sqlmodel import Session, col, or_, select

from callbacks.delivery import batching
from callbacks.delivery.delivery_policy import LAST_RANK
from callbacks.delivery.outbox_row import CALLS, PAGES, WAITING, About, OutboxKind, OutboxState
from callbacks.store.sql import tables as t
from callbacks.store.sql.expressions import by_no_index

LONGEST_VALID = timedelta(hours=1)


# Pages waiting for one phone: bundled, so that a storm is a few texts, and never more than the policy's limit.
#
# - One person's pages are claimed by one node at a time, so that the limit holds over any minute.
# - Earliest deadline first. Which pages leave together, and when, is decided in `delivery/batching.py`.
# - One page call at a time to a phone: the second would meet busy or a mailbox. It waits until the first has ended, or
#   for `LONGEST_RING` when that end is never reported. The leg of a callback holds no page back: its owner is talking.

MOST_LOOKED_AT = 1000
LONGEST_RING = timedelta(minutes=2)
LOOK_AGAIN = timedelta(seconds=1)

Bundle = list[t.Outbox]


class SqlOutbox:
    """The questions and writes of `outbox` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    # of a text to a customer; for an index

    def put(self, rows: Sequence[t.Outbox]) -> None:
        self.session.add_all(rows)

    def find(self, row_id: str) -> t.Outbox | None:
        return self.session.get(t.Outbox, row_id)

    def paged_of(self, person: str, ids: Sequence[int]) -> set[int | None]:
        """Of these emergencies, those that somebody was paged for."""
        paged = select(t.Outbox.emergency_id).where(
            t.Outbox.person == person, col(t.Outbox.kind).in_(PAGES), col(t.Outbox.emergency_id).in_(ids)
        )
        return set(self.session.exec(paged))

    def paged_about(self, person: str) -> Sequence[int]:
        """The open emergencies that nobody has and that this person was texted a page for."""
        waits = col(t.Emergency.is_open) & col(t.Emergency.acknowledged_by).is_(None)
        paged = select(t.Outbox.emergency_id).where(t.Outbox.person == person, t.Outbox.kind == OutboxKind.PAGE)
        query = select(t.Emergency.id).where(waits, col(t.Emergency.id).in_(paged)).order_by(col(t.Emergency.id))
        return self.session.exec(query).all()

    def claim_due(
        self,
        now: datetime,
        owner: str,
        lease: timedelta,
        limit: int,
        kinds: Sequence[OutboxKind],
        first: OutboxKind | None = None,
    ) -> list[t.Outbox]:
        """Takes up to `limit` due rows of these kinds for `owner`, those of the kind `first` before others. The caller
        commits at once. A claim whose lease ran out is taken again with the next fence, and marked: it may have been
        carried out."""
        wanted = is_due(now) & by_no_index(t.Outbox.kind).in_(kinds)
        order = [by_no_index(t.Outbox.kind) != first] if first else []
        order += [col(t.Outbox.due_at), col(t.Outbox.created_at)]
        query = select(t.Outbox).where(wanted).order_by(*order).limit(limit)
        rows = list(self.session.exec(query.with_for_update(skip_locked=True)))
        for row in rows:
            _claim(self.session, row, now, owner, lease)
        return rows

    def due_kinds(self, now: datetime) -> set[OutboxKind]:
        """Of which kinds a row is due, or its claim has run out: for the others nobody need ask."""
        return set(self.session.exec(select(col(t.Outbox.kind)).where(is_due(now)).distinct()))

    def settle(self, row_id: str, fence: int, **changes: Any) -> bool:
        """Writes an outcome if the claim is still ours; False, and nothing written, if it is not."""
        mine = (
            (col(t.Outbox.id) == row_id) & (col(t.Outbox.fence) == fence) & (col(t.Outbox.state) == OutboxState.CLAIMED)
        )
        done: CursorResult[Any] = self.session.execute(  # type: ignore[assignment]
            update(t.Outbox).where(mine).values(owner=None, lease_until=None, **changes)
        )
        return done.rowcount == 1

    def known_sids(self, sids: Sequence[str], leader: str) -> Sequence[str | None]:
        """Those of `sids` that rows hold which did not leave with `leader`."""
        with_it = (col(t.Outbox.id) == leader) | (col(t.Outbox.bundle) == leader)
        apart = ~with_it | col(t.Outbox.bundle).is_(None) & (col(t.Outbox.id) != leader)
        return self.session.exec(select(t.Outbox.sid).where(col(t.Outbox.sid).in_(sids), apart)).all()

    def known(self, sids: Sequence[str]) -> set[str | None]:
        """Those of `sids` that rows hold."""
        return set(self.session.exec(select(t.Outbox.sid).where(col(t.Outbox.sid).in_(sids))))

    def is_calling(self, number: str, leader: str) -> bool:
        """Whether a first call to this number that did not leave with `leader` is being placed now."""
        placing = (
            (col(t.Outbox.state) == OutboxState.CLAIMED)
            & col(t.Outbox.kind).in_(CALLS)
            & (col(t.Outbox.number) == number)
            & col(t.Outbox.absent_from).is_(None)
        )
        other = func.coalesce(t.Outbox.bundle, t.Outbox.id) != leader
        return self.session.exec(select(t.Outbox.id).where(placing, other).limit(1)).first() is not None

    def renew(self, owner: str, until: datetime, in_hand: Collection[str]) -> Sequence[str]:
        """Keeps the claims of what a live node has `in_hand` (the rows that lead); the ids of the rows that are still
        its. What it let go of without writing an outcome runs out, and is taken up again."""
        lead = col(t.Outbox.id).in_(in_hand) | col(t.Outbox.bundle).in_(in_hand)
        mine = (col(t.Outbox.owner) == owner) & (col(t.Outbox.state) == OutboxState.CLAIMED)
        kept = update(t.Outbox).where(mine & lead).values(lease_until=until).returning(col(t.Outbox.id))
        return self.session.execute(kept).scalars().all()

    def expire_all(self, now: datetime) -> None:
        """Every claim runs out now: for a start that knows that no other engine is alive."""
        self.session.execute(update(t.Outbox).where(col(t.Outbox.state) == OutboxState.CLAIMED).values(lease_until=now))

    def cancel(self, emergency_id: int, kinds: Sequence[OutboxKind], now: datetime, person: str | None = None) -> None:
        """Rows of these kinds (to one person, or to anybody) that nobody has begun to send are no longer wanted."""
        unsent = col(t.Outbox.state) == OutboxState.QUEUED
        which = (col(t.Outbox.emergency_id) == emergency_id) & col(t.Outbox.kind).in_(kinds) & unsent
        if person:
            which &= col(t.Outbox.person) == person
        self.session.execute(update(t.Outbox).where(which).values(state=OutboxState.CANCELLED, finished_at=now))

    def next_slot(self, kind: OutboxKind, gap: timedelta, now: datetime) -> datetime:
        """The first instant, `gap` after the last one of this kind, at which another one may leave."""
        lately = (col(t.Outbox.kind) == kind) & (col(t.Outbox.due_at) > now - gap)
        last = self.session.exec(select(func.max(t.Outbox.due_at)).where(lately)).one()
        return max(now, last + gap) if last else now

    def put_off(self, kind: OutboxKind, now: datetime, until: datetime, about: About | None = None) -> None:
        """Rows of a kind that are due (all, or those about this) wait some more."""
        due = (by_no_index(t.Outbox.kind) == kind) & col(t.Outbox.state).in_(WAITING) & (col(t.Outbox.due_at) <= now)
        which = due & (col(t.Outbox.about) == about) if about else due
        self.session.execute(update(t.Outbox).where(which).values(due_at=until))

    def is_any_due(self, kinds: Sequence[OutboxKind], now: datetime) -> bool:
        query = select(t.Outbox.id).where(is_due(now) & by_no_index(t.Outbox.kind).in_(kinds))
        return self.session.exec(query.limit(1)).first() is not None

    def texts_since(self, since: datetime, besides: str, number: str | None = None) -> Sequence[int | None]:
        """The emergencies of the texts that left to customers, or to one number, after this or are leaving now."""
        left = (col(t.Outbox.sent_at) > since) | (col(t.Outbox.state) == OutboxState.CLAIMED)
        lately = (col(t.Outbox.kind) == OutboxKind.CUSTOMER_TEXT) & (col(t.Outbox.created_at) > since - LONGEST_VALID)
        query = select(t.Outbox.emergency_id).where(lately & left, col(t.Outbox.id) != besides)
        return self.session.exec(query.where(t.Outbox.number == number) if number else query).all()

    def left_since(self, kind: OutboxKind, since: datetime) -> int:
        """How many of a kind left after this."""
        left = (col(t.Outbox.kind) == kind) & (col(t.Outbox.sent_at) > since)
        return self.session.exec(select(func.count()).select_from(t.Outbox).where(left)).one()

    def callbacks_calls(self, since: datetime) -> Sequence[t.Outbox]:
        """The calls to people that left after this, about emergencies with a callback: by emergency, newest first."""
        asked = select(t.Ledger.seq).where(
            t.Ledger.emergency_id == t.Outbox.emergency_id, t.Ledger.kind == "CallbackRequested"
        )
        query = select(t.Outbox).where(
            col(t.Outbox.kind).in_(CALLS),
            col(t.Outbox.sid).is_not(None),
            col(t.Outbox.sent_at) > since,
            asked.exists(),
        )
        return self.session.exec(query.order_by(col(t.Outbox.emergency_id), col(t.Outbox.sent_at).desc())).all()

    def calls_left(self, since: datetime, until: datetime, limit: int) -> Sequence[t.Outbox]:
        """The calls that left in a span and whose row says no more, the newest first; the rows that lead."""
        left = (col(t.Outbox.sent_at) > since) & (col(t.Outbox.sent_at) < until)
        leads = col(t.Outbox.bundle).is_(None) | (col(t.Outbox.bundle) == col(t.Outbox.id))
        mine = col(t.Outbox.kind).in_(CALLS) & (col(t.Outbox.state) == OutboxState.SENT) & leads
        return self.session.exec(
            select(t.Outbox).where(left, mine).order_by(col(t.Outbox.sent_at).desc()).limit(limit)
        ).all()

    def next_due(self) -> datetime | None:
        """When the next row becomes due, or its claim runs out."""
        waiting = select(func.min(by_no_index(t.Outbox.due_at))).where(col(t.Outbox.state).in_(WAITING))
        leased = select(func.min(t.Outbox.lease_until)).where(t.Outbox.state == OutboxState.CLAIMED)
        found = [self.session.exec(waiting).one(), self.session.exec(leased).one()]
        return min((x for x in found if x), default=None)

    def claim_bundles(self, now: datetime, owner: str, lease: timedelta, limit: int, per_minute: int) -> list[Bundle]:
        """Up to `limit` bundles for `owner`; the first row of each leads it. The caller commits at once."""
        waiting: dict[str, Bundle] = defaultdict(list)
        due, uncovered = _due(self.session, now)
        for row in due:
            waiting[row.person or ""].append(row)
        found: list[Bundle] = []
        for person, rows in waiting.items():
            if len(found) >= limit:
                break
            if not _is_busy(self.session, person, now):
                found += _for_person(
                    self.session, person, batching.group_by_recipient(rows, uncovered, now), now, per_minute
                )
        found = found[:limit]
        for bundle in found:
            for row in bundle:
                row.bundle = bundle[0].id
                _claim(self.session, row, now, owner, lease)
        return found

    def members(self, leader: t.Outbox) -> Bundle:
        """Every row that left with `leader`, itself first."""
        followers = select(t.Outbox).where(t.Outbox.bundle == leader.id, col(t.Outbox.id) != leader.id)
        return [leader, *self.session.exec(followers)]


def is_due(now: datetime) -> ColumnElement[bool]:
    """It may leave, or whoever had claimed it is gone."""
    return or_(
        col(t.Outbox.state).in_(WAITING) & (col(t.Outbox.due_at) <= now),
        (col(t.Outbox.state) == OutboxState.CLAIMED) & (col(t.Outbox.lease_until) <= now),
    )


def mark_uncertain(row: t.Outbox, absent_from: datetime) -> None:
    """It may have been carried out: it is looked up first, and counts as absent from then on."""
    row.absent_from = absent_from
    # Nodes of the version before read it here.
    row.payload = json.dumps(json.loads(row.payload) | {"absent_from": absent_from.isoformat()})


def about(session: Session, emergency_id: int) -> Sequence[t.Outbox]:
    """Everything that was put out for one emergency, oldest first."""
    mine = select(t.Outbox).where(t.Outbox.emergency_id == emergency_id)
    return session.exec(mine.order_by(col(t.Outbox.created_at), col(t.Outbox.id))).all()


def _due(session: Session, now: datetime) -> tuple[list[t.Outbox], set[str]]:
    """What is due, in order, and the ids of those whose emergency nobody has been paged for yet."""
    query = (
        select(t.Outbox, t.Emergency.number, t.Emergency.first_page_at)
        .join(t.Emergency, col(t.Emergency.id) == t.Outbox.emergency_id)
        .where(is_due(now) & by_no_index(t.Outbox.kind).in_(PAGES))
        .order_by(col(t.Emergency.due_at), col(t.Outbox.created_at))
        .limit(MOST_LOOKED_AT)
    )
    found = list(session.exec(query.with_for_update(skip_locked=True, of=t.Outbox)))
    uncovered = {row.id for row, _, first_page_at in found if first_page_at is None}
    return batching.one_per_caller_first((row, number) for row, number, _ in found), uncovered


def _is_busy(session: Session, person: str, now: datetime) -> bool:
    claimed = (col(t.Outbox.state) == OutboxState.CLAIMED) & (col(t.Outbox.lease_until) > now)
    mine = (col(t.Outbox.person) == person) & col(t.Outbox.kind).in_(PAGES)
    return session.exec(select(t.Outbox.id).where(claimed & mine).limit(1)).first() is not None


def _for_person(session: Session, person: str, bundles: list[Bundle], now: datetime, per_minute: int) -> list[Bundle]:
    """What may leave now: at most as many as the last minute has left room for, and no second call to a phone that
    rings. The rest is put off."""
    ringing: set[str | None] = set()
    free, held = [], []
    for bundle in bundles:
        number = bundle[0].number
        if bundle[0].kind == OutboxKind.PAGE_CALL and (number in ringing or _is_ringing(session, number, now)):
            held.append((bundle, now + LOOK_AGAIN))
            continue
        free.append(bundle)
        ringing.update([number] if bundle[0].kind == OutboxKind.PAGE_CALL else ())
    departures = _recent_sends(session, person, now - 2 * batching.MINUTE)
    going, later = batching.release(free, departures, now, per_minute)
    for bundle, free_at in [*held, *later]:
        for row in bundle:
            _put_off(session, row, now, free_at)
    return going


def _is_ringing(session: Session, number: str | None, now: datetime) -> bool:
    """Whether a page call to this phone has left and its end is not known."""
    lately = (col(t.Outbox.kind) == OutboxKind.PAGE_CALL) & (col(t.Outbox.sent_at) > now - LONGEST_RING)
    theirs = select(t.Carrier.sid).join(t.Outbox, col(t.Outbox.sid) == t.Carrier.sid)
    live = theirs.where(lately, t.Outbox.number == number, col(t.Carrier.rank) < LAST_RANK)
    return session.exec(live.limit(1)).first() is not None


def _recent_sends(session: Session, person: str, since: datetime) -> list[tuple[datetime, int]]:
    """(when it left, how many emergencies it carried) of each text and call to this person, oldest first."""
    mine = (col(t.Outbox.person) == person) & col(t.Outbox.kind).in_(PAGES)
    query = select(t.Outbox.sid, func.max(t.Outbox.sent_at), func.count()).where(mine, col(t.Outbox.sent_at) > since)
    return sorted((at, size) for _, at, size in session.exec(query.group_by(col(t.Outbox.sid))) if at)


def _put_off(session: Session, row: t.Outbox, now: datetime, until: datetime) -> None:
    if row.expires_at:
        row.expires_at += until - now
    row.due_at = until
    if row.state == OutboxState.CLAIMED:
        row.state, row.owner, row.lease_until = OutboxState.AMBIGUOUS, None, None
        mark_uncertain(row, now)
    session.add(row)


def _claim(session: Session, row: t.Outbox, now: datetime, owner: str, lease: timedelta) -> None:
    if row.state == OutboxState.CLAIMED:
        mark_uncertain(row, now)
    elif row.state == OutboxState.AMBIGUOUS and row.absent_from is None:
        # A node of the version before wrote it in the payload alone.
        row.absent_from = datetime.fromisoformat(json.loads(row.payload).get("absent_from", now.isoformat()))
    row.state, row.owner, row.lease_until = OutboxState.CLAIMED, owner, now + lease
    row.fence, row.attempts = row.fence + 1, row.attempts + 1
    session.add(row)
