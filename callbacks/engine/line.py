"""Texts that are not pages: which may leave now. The number sends one segment a second, and pages need it first.

- One at a time, on all nodes together, when the text or page before it has left the number; at once on an idle line.
  So what waits at the carrier in front of a page is never more than one text of ours.
- None while a page is due. Answers and warnings before texts to customers; in a storm, receipts and notes wait.
- A customer's number takes so many a day, all customers so many an hour; what is more is not sent, and told once.
- Calls are no texts, and wait for none of this.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from callbacks.engine.alarms import raise_once
from callbacks.engine.intake import ref_of
from callbacks.engine.storm import is_storm
from callbacks.engine.world import World
from callbacks.lib.gsm import MOST_SEGMENTS, segments
from callbacks.messages.effects import PAGES
from callbacks.store import outbox, rates
from callbacks.store.database import with_retries
from callbacks.store.pagequeue import Bundle
from callbacks.store.tables import OutboxRow

KINDS = ("text", "customer-text")
FREE_AT = "text line"
WAIT_IN_STORM, PAGES_FIRST = timedelta(seconds=30), timedelta(seconds=0.25)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def open_line(world: World) -> None:
    """Before the first text or page of this database leaves."""

    def once() -> None:
        with world.database.write() as session:
            rates.have_line(session, FREE_AT, world.clock.now())

    with_retries(once)


def claim(world: World, session: Session, now: datetime, limit: int) -> list[Bundle]:
    """Due texts that may leave now, claimed for this node; the others are put off until they may."""
    if not world.database.alone(session, "texts"):
        return []
    if is_storm(session, now):
        outbox.put_off(session, "customer-text", now, now + WAIT_IN_STORM, "receipt")
        outbox.put_off(session, "text", now, now + WAIT_IN_STORM, "note")
    is_paced = world.segments_per_second > 0
    free_at = _free_at(session, now) if is_paced else now
    if free_at > now:
        _wait(session, now, free_at)
        return []
    found: list[Bundle] = []
    while len(found) < limit:
        rows = outbox.claim_due(session, now, world.node, world.lease, 1, KINDS, first="text")
        if not rows:
            return found
        if _is_within_limits(world, session, rows[0], now):
            found.append(rows)
            if is_paced:
                until = rates.take_line(session, FREE_AT, now, _takes(world, rows[0]))
                _wait(session, now, until)
                return found
    return found


def pages_leave(world: World, session: Session, bundles: Sequence[Bundle], now: datetime) -> None:
    """Pages wait for nothing; texts wait until these have left the number."""
    texts = [bundle[0] for bundle in bundles if bundle[0].kind == "page"]
    if texts and world.segments_per_second > 0:
        rates.take_line(session, FREE_AT, now, sum((_takes(world, row) for row in texts), timedelta()), must=False)


def _free_at(session: Session, now: datetime) -> datetime:
    if outbox.is_any_due(session, PAGES, now):
        return now + PAGES_FIRST
    return rates.line_free_at(session, FREE_AT, now)


def _wait(session: Session, now: datetime, until: datetime) -> None:
    for kind in KINDS:
        outbox.put_off(session, kind, now, until)


def _takes(world: World, row: OutboxRow) -> timedelta:
    """How long the number is busy with it."""
    size = MOST_SEGMENTS if json.loads(row.payload).get("link") else segments(row.text or "")
    return timedelta(seconds=size / world.segments_per_second)


def _is_within_limits(world: World, session: Session, row: OutboxRow, now: datetime) -> bool:
    """Whether a claimed row may leave; one that may not is settled. What may have left already is only looked up."""
    if row.kind != "customer-text" or row.attempts > 1:
        return True
    limits = world.policy.limits
    theirs = outbox.texts_since(session, now - DAY, row.id, row.number)
    total = outbox.texts_since(session, now - HOUR, row.id)
    if len(theirs) < limits.texts_per_customer_per_day and len(total) < limits.customer_texts_per_hour:
        return True
    row.state, row.error, row.finished_at, row.owner, row.lease_until = "cancelled", "limit", now, None, None
    session.add(row)
    duty = world.duty(session)
    if len(total) >= limits.customer_texts_per_hour:
        key = f"customer texts {now:%Y-%m-%dT%H}"
        raise_once(session, duty, key, "audit-customer-texts", now, what=len(total))
    else:
        about = min(filter(None, theirs), default=row.emergency_id or 0)
        key = f"customer texts {about} {now:%Y-%m-%d}"
        raise_once(session, duty, key, "audit-one-customer", now, what=ref_of(about), n=len(theirs))
    return False
