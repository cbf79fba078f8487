"""Who is told of emergencies, and what was sent to them: subscriptions, and the outbox's rows of kind `webhook`."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from callbacks.delivery.outbox_row import OutboxKind, OutboxState
from callbacks.store.sql import tables as t


def add(session: Session, url: str, events: Sequence[str], by: str, now: datetime) -> t.Subscription:
    """A new one; the caller seals its secret."""
    row = t.Subscription(id=secrets.token_hex(6), url=url, events=",".join(events), created_at=now, created_by=by)
    session.add(row)
    return row


class SqlSubscriptions:
    """The questions and writes of `subscriptions` in one transaction."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def find(self, subscription_id: str) -> t.Subscription | None:
        return self.session.get(t.Subscription, subscription_id)

    def wanting(self, event: str) -> list[t.Subscription]:
        """The live ones that asked for this event."""
        live = self.session.exec(select(t.Subscription).where(col(t.Subscription.disabled_at).is_(None)))
        return [row for row in live if event in events_of(row)]

    def forget(self, emergency_ids: Sequence[int], now: datetime) -> None:
        """Empties what was told of these emergencies. What has not left is not sent any more, and a node that is at it
        loses its claim, so that it cannot write the words back."""
        mine = (col(t.Outbox.kind) == OutboxKind.WEBHOOK) & col(t.Outbox.emergency_id).in_(emergency_ids)
        for row in self.session.exec(select(t.Outbox).where(mine).with_for_update()):
            row.payload = json.dumps({**json.loads(row.payload), "body": "", "answer": ""})
            if row.finished_at is None:
                row.state, row.finished_at, row.fence = OutboxState.CANCELLED, now, row.fence + 1
                row.error = "its words were erased"
            self.session.add(row)


def everyone(session: Session) -> Sequence[t.Subscription]:
    """The oldest first."""
    return session.exec(select(t.Subscription).order_by(col(t.Subscription.created_at))).all()


def events_of(row: t.Subscription) -> tuple[str, ...]:
    return tuple(row.events.split(","))


def switch(row: t.Subscription, disabled_at: datetime | None) -> None:
    """Off from then on, or on."""
    row.disabled_at = disabled_at


def delete(session: Session, row: t.Subscription) -> None:
    session.delete(row)


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


def payload(event_id: str, type_: str, body: str, **more: Any) -> str:
    """What an outbox row of this kind holds."""
    return json.dumps({"event": event_id, "type": type_, "body": body, **more}, ensure_ascii=False)


def told(row: t.Outbox) -> str:
    """The subscription; nodes of the version before write it as a person."""
    return row.subscription_id or row.person or ""


def delivery(row: t.Outbox) -> Delivery:
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
        select(t.Outbox)
        .where(t.Outbox.kind == OutboxKind.WEBHOOK)
        .order_by(col(t.Outbox.created_at).desc(), t.Outbox.id)
    )
    if subscription:
        query = query.where(func.coalesce(t.Outbox.subscription_id, t.Outbox.person) == subscription)
    if before:
        query = query.where(col(t.Outbox.created_at) < before)
    return [delivery(row) for row in session.exec(query.limit(limit))]


def find_delivery(session: Session, delivery_id: str) -> Delivery | None:
    row = session.get(t.Outbox, delivery_id)
    return delivery(row) if row and row.kind == OutboxKind.WEBHOOK else None


def replay(session: Session, delivery_id: str, now: datetime) -> bool:
    """Sends it again, now, with the whole row of tries before it; False while a node is at it, and once its words were
    erased."""
    row = session.get(t.Outbox, delivery_id, with_for_update=True)
    if row is None or row.state == OutboxState.CLAIMED:
        return False
    held = json.loads(row.payload)
    if not held["body"]:
        return False
    held["tries_before"] = held.get("tries_before", 0) + row.attempts
    row.payload = json.dumps(held, ensure_ascii=False)
    row.state, row.due_at, row.attempts, row.finished_at, row.error = OutboxState.QUEUED, now, 0, None, None
    session.add(row)
    return True
