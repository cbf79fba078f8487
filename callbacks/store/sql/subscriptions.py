"""Who is told of emergencies, and what was sent to them: subscriptions, and the outbox's rows of kind `webhook`."""

import json
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import bindparam, delete, func
from sqlmodel import Session, col

from callbacks.delivery.outbox_row import OutboxKind, OutboxState
from callbacks.store.rows import OutboxRow, SubscriptionRow
from callbacks.store.sql import tables as t
from callbacks.store.sql.outbox import OUTBOX, SqlOutbox
from callbacks.store.sql.values import Values
from callbacks.store.subscriptions import events_of, told

SUBSCRIPTIONS = Values(t.Subscription, SubscriptionRow)
ROW = SUBSCRIPTIONS.table.c
NAMED = SUBSCRIPTIONS.select().where(ROW.id == bindparam("given"))
LIVE = SUBSCRIPTIONS.select().where(ROW.disabled_at.is_(None)).order_by(ROW.created_at, ROW.id)


class SqlSubscriptions:
    """The questions and writes of `subscriptions` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def add(self, row: SubscriptionRow) -> None:
        SUBSCRIPTIONS.insert(self.session, [row])

    def find(self, subscription_id: str) -> SubscriptionRow | None:
        return SUBSCRIPTIONS.first(self.session, NAMED, {"given": subscription_id})

    def wanting(self, event: str) -> list[SubscriptionRow]:
        return [row for row in SUBSCRIPTIONS.all(self.session, LIVE) if event in events_of(row)]

    def switch(self, subscription_id: str, disabled_at: datetime | None) -> None:
        SUBSCRIPTIONS.change(self.session, {"id": subscription_id}, {"disabled_at": disabled_at})


def everyone(session: Session) -> list[SubscriptionRow]:
    """The oldest first."""
    return SUBSCRIPTIONS.all(session, SUBSCRIPTIONS.select().order_by(ROW.created_at))


def remove(session: Session, subscription_id: str) -> None:
    session.execute(delete(SUBSCRIPTIONS.table).where(ROW.id == subscription_id))


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one subscription. `tries` counts every attempt, replays included; `status` and `answer` are of the
    last one, None and "" while there was none. `body` is what is sent, byte for byte."""

    id: str
    subscription: str
    event_id: str
    type: str
    body: str
    state: str
    tries: int
    status: int | None
    answer: str
    error: str
    emergency_id: int | None
    created_at: datetime
    due_at: datetime
    finished_at: datetime | None


def delivery(row: OutboxRow) -> Delivery:
    """A row, read."""
    held = json.loads(row.payload)
    return Delivery(
        id=row.id,
        subscription=told(row),
        event_id=held["event"],
        type=held["type"],
        body=held["body"],
        state=row.state,
        tries=row.attempts + held.get("tries_before", 0),
        status=held.get("status"),
        answer=held.get("answer", ""),
        error=row.error or "",
        emergency_id=row.emergency_id,
        created_at=row.created_at,
        due_at=row.due_at,
        finished_at=row.finished_at,
    )


def deliveries(
    session: Session, limit: int, subscription: str | None = None, before: datetime | None = None
) -> list[Delivery]:
    """The newest first; `before` goes on behind a page."""
    query = (
        OUTBOX.select()
        .where(col(t.Outbox.kind) == OutboxKind.WEBHOOK)
        .order_by(col(t.Outbox.created_at).desc(), t.Outbox.id)
    )
    if subscription:
        query = query.where(func.coalesce(t.Outbox.subscription_id, t.Outbox.person) == subscription)
    if before:
        query = query.where(col(t.Outbox.created_at) < before)
    return [delivery(row) for row in OUTBOX.all(session, query.limit(limit))]


def find_delivery(session: Session, delivery_id: str) -> Delivery | None:
    row = SqlOutbox(session).find(delivery_id)
    return delivery(row) if row and row.kind == OutboxKind.WEBHOOK else None


def replay(session: Session, delivery_id: str, now: datetime) -> bool:
    """Sends it again, now, with the whole row of tries before it; False while a node is at it, and once its words were
    erased."""
    row = OUTBOX.first(session, OUTBOX.select().where(col(t.Outbox.id) == delivery_id).with_for_update())
    if row is None or row.state == OutboxState.CLAIMED:
        return False
    held = json.loads(row.payload)
    if not held["body"]:
        return False
    held["tries_before"] = held.get("tries_before", 0) + row.attempts
    payload = json.dumps(held, ensure_ascii=False)
    fresh = replace(
        row, payload=payload, state=OutboxState.QUEUED, due_at=now, attempts=0, finished_at=None, error=None
    )
    SqlOutbox(session).rewrite([fresh])
    return True
