"""Telling other systems: a row of the outbox per subscription, put down with the facts, and its delivery.

A loss is worse than a duplicate: a message whose fate is unknown is sent again, under the same id.
"""

import json
from datetime import datetime, timedelta
from typing import Any

import structlog

from callbacks.delivery.outbox_row import HANDLING, OutboxKind, OutboxState
from callbacks.emergency.decide import Decision
from callbacks.emergency.model import Emergency
from callbacks.engine.context import EngineContext
from callbacks.lib.secret_box import Unreadable
from callbacks.lib.url_guard import Refused
from callbacks.messages.webhook_events import TEST, announced, headers, message, pause_after, type_of
from callbacks.reporting.record import record
from callbacks.store.interface import Transaction
from callbacks.store.outbox import Bundle
from callbacks.store.rows import OutboxRow, SubscriptionRow
from callbacks.store.subscriptions import payload, secret_of, told
from callbacks.telephony.gateway import CarrierError

log = structlog.get_logger()
LONGEST_ANSWER = 200
JITTER = 0.1
GONE = 410


def announce(
    session: Transaction, before: Emergency | None, decision: Decision, emergency_id: int, now: datetime
) -> None:
    """Puts down what this decision tells others, to every live subscription that asked for it."""
    after = decision.after
    events = announced(before, decision.events, after) if after else ()
    for event in events:
        wanted = session.subscriptions.wanting(event)
        if wanted and after:
            _put(session, wanted, event, emergency_id, now, after.drill, _shown(after, now))


def send_test(session: Transaction, subscription: SubscriptionRow, now: datetime) -> None:
    """A message of no emergency, to see whether the receiver takes ours."""
    _put(session, [subscription], TEST, None, now, False, None)


def deliver(context: EngineContext, bundle: Bundle) -> None:
    """One try of one claimed message, and what came of it."""
    row = bundle[0]
    with context.database.read() as session:
        subscription = session.subscriptions.find(told(row))
    if subscription is None or subscription.disabled_at:
        return _settle(context, row, state=OutboxState.CANCELLED, error="no longer subscribed")
    if context.hook is None:
        return _settle(context, row, state=OutboxState.CANCELLED, error="no network access")
    held, now = json.loads(row.payload), context.clock.now()
    body = held["body"].encode()
    try:
        secret = secret_of(subscription, context.secrets)
    except Unreadable:
        log.error("webhook.secret_unreadable", subscription=subscription.id)
        return _failed(context, row, held, None, "its secret cannot be read: see callbacks secrets check")
    signed = headers(held["event"], now, body, secret or "")
    sent = {"Content-Type": "application/json", "User-Agent": "Callbacks", **signed}
    try:
        status, answer = context.hook(subscription.url, body, sent)
    except Refused as refused:
        return _failed(context, row, held, None, str(refused), is_final=True)
    except CarrierError as error:
        return _failed(context, row, held, None, error.why)
    if 200 <= status < 300:
        now = context.clock.now()
        return _settle(
            context, row, _with(held, status, answer), state=OutboxState.SENT, sent_at=now, finished_at=now, error=None
        )
    if status == GONE:
        _disable(context, subscription.id)
    _failed(context, row, held, status, answer, is_final=status == GONE)


def _shown(e: Emergency, now: datetime) -> dict[str, Any]:
    """The emergency as the API shows it. What cannot be shown keeps nobody from being paged."""
    try:
        return record(e, now).shown()
    except Exception:
        log.error("webhook.unreadable", ref=e.ref, exc_info=True)
        return {"ref": e.ref}


def _put(
    session: Transaction,
    wanted: list[SubscriptionRow],
    event: str,
    emergency_id: int | None,
    now: datetime,
    drill: bool,
    shown: dict[str, Any] | None,
) -> None:
    event_id = f"evt_{session.token(12)}"
    body = json.dumps(message(event_id, event, now, drill, shown), ensure_ascii=False)
    for subscription in wanted:
        row = OutboxRow(
            id=session.token(16),
            emergency_id=emergency_id,
            kind=OutboxKind.WEBHOOK,
            person=subscription.id,  # read here by nodes of the version before
            subscription_id=subscription.id,
            channel=HANDLING[OutboxKind.WEBHOOK].medium,
            payload=payload(event_id, type_of(event), body),
            state=OutboxState.QUEUED,
            due_at=now,
            created_at=now,
        )
        session.outbox.put([row])


def _failed(
    context: EngineContext,
    row: OutboxRow,
    held: dict[str, Any],
    status: int | None,
    why: str,
    is_final: bool = False,
) -> None:
    """Tried again with back-off, spread a little so that many do not come at once; or given up."""
    now, pause = context.clock.now(), None if is_final else pause_after(row.attempts)
    error = f"answered {status}" if status else why[:LONGEST_ANSWER]
    kept = _with(held, status, why if status else "")
    if pause is None:
        return _settle(context, row, kept, state=OutboxState.FAILED, error=error, finished_at=now)
    wait = pause * (1 + JITTER * int(row.id[:4], 16) / 0xFFFF)
    _settle(
        context, row, kept, state=OutboxState.QUEUED, error=error, due_at=now + timedelta(seconds=wait.total_seconds())
    )


def _with(held: dict[str, Any], status: int | None, answer: str) -> str:
    """The row's payload with the last answer in it; NUL is what no database takes."""
    words = answer.replace("\x00", "")[:LONGEST_ANSWER]
    kept = {name: value for name, value in held.items() if name != "absent_from"}
    return json.dumps({**kept, "status": status, "answer": words}, ensure_ascii=False)


def _settle(context: EngineContext, row: OutboxRow, payload: str | None = None, **changes: Any) -> None:
    more = {"payload": payload} if payload else {}

    context.database.transact(lambda session: session.outbox.settle(row.id, row.fence, **changes, **more))


def _disable(context: EngineContext, subscription_id: str) -> None:
    """The receiver says that it is gone for good."""
    context.database.transact(lambda session: _disable_once(context, session, subscription_id))


def _disable_once(context: EngineContext, session: Transaction, subscription_id: str) -> None:
    row, now = session.subscriptions.find(subscription_id), context.clock.now()
    if row and row.disabled_at is None:
        session.subscriptions.switch(row.id, now)
        session.audits.put(now, "receiver", "webhook", "webhook.disabled", row.id, why="answered 410")
