"""Records how a send went: rows, the carrier's record and the facts together, under the fence.

A bundle is what one text or call carries: usually one row, several when pages were put together. Its first row
leads: its id stands in the addresses that the carrier reports to.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, assert_never

import structlog

from callbacks.delivery import delivery_policy
from callbacks.delivery.delivery_policy import AfterFailure, CarrierStatus, Direction
from callbacks.delivery.outbox_row import OutboxState
from callbacks.emergency.inputs import Input, PageAccepted, PageRefused, TechnicianLeg
from callbacks.emergency.model import Fault, ref_of
from callbacks.engine.context import EngineContext, sends
from callbacks.engine.intake import texts
from callbacks.engine.intake.handle import handle_input_for_row
from callbacks.store.errors import Conflict, DatabaseError
from callbacks.store.interface import Transaction
from callbacks.store.outbox import Bundle, uncertain
from callbacks.store.rows import CarrierRow, OutboxRow
from callbacks.telephony.gateway import CarrierError

log = structlog.get_logger()
BATCH = 10
TRIES = 3
Facts = Callable[[OutboxRow], list[Input]]


def sent(context: EngineContext, bundle: Bundle, sid: str) -> None:
    """The carrier accepted it."""
    sends.labels(bundle[0].kind, "sent").inc()
    now = context.clock.now()

    def facts(row: OutboxRow) -> list[Input]:
        page = json.loads(row.payload).get("page")
        return [PageAccepted(at=now, page=page, sid=sid)] if page else []

    settle(context, bundle, facts, state=OutboxState.SENT, sid=sid, sent_at=now)
    emergencies = [ref_of(row.emergency_id) for row in bundle if row.emergency_id]
    log.info("outbox.sent", row=bundle[0].id, kind=bundle[0].kind, refs=emergencies, sid=sid)


def failed(context: EngineContext, bundle: Bundle, error: CarrierError) -> None:
    """Refused for good, perhaps carried out, or safe to do again."""
    row = bundle[0]
    log.warning("outbox.failed", row=row.id, kind=row.kind, why=error.why, code=error.code)
    match delivery_policy.after_failure(row.kind, error):
        case AfterFailure.GIVE_UP:
            texts.refused(context, bundle, error.code)
            given_up(context, bundle, Fault.REFUSED, error.code)
        case AfterFailure.ASK:
            now = context.clock.now()
            absent_from = delivery_policy.absent_from(row.kind, error, now)
            _uncertain(context, bundle, absent_from, now + delivery_policy.SETTLE_AFTER_ERROR)
        case AfterFailure.LATER:
            later(context, bundle, error.why)
        case never:
            assert_never(never)


def given_up(context: EngineContext, bundle: Bundle, why: Fault, code: int | None) -> None:
    """Known to have failed: the core is told, so that the next step starts now."""
    sends.labels(bundle[0].kind, "failed").inc()
    now = context.clock.now()

    def facts(row: OutboxRow) -> list[Input]:
        payload = json.loads(row.payload)
        if "page" in payload:
            return [PageRefused(at=now, page=payload["page"], why=why, code=code)]
        if "callback" in payload:
            status = why if why == Fault.CAPPED else Fault.FAILED
            return [TechnicianLeg(at=now, callback=payload["callback"], status=status)]
        return []

    settle(context, bundle, facts, state=OutboxState.FAILED, error=f"{why} {code or ''}".strip(), finished_at=now)


def later(context: EngineContext, bundle: Bundle, why: str) -> None:
    """Not done, and safe to do again: with back-off, until it expires."""
    sends.labels(bundle[0].kind, "put-off").inc()
    state = OutboxState.AMBIGUOUS if bundle[0].absent_from else OutboxState.QUEUED
    due_at = context.clock.now() + delivery_policy.pause(bundle[0].kind, bundle[0].attempts)
    settle(context, bundle, _nothing, state=state, due_at=due_at, error=why)


def unknown(context: EngineContext, bundle: Bundle, why: str) -> None:
    """Something of ours broke on the way, perhaps after the carrier had accepted it."""
    if delivery_policy.after_surprise(bundle[0].kind) is AfterFailure.LATER:
        return later(context, bundle, why)
    now = context.clock.now()
    return _uncertain(context, bundle, now, now + delivery_policy.pause(bundle[0].kind, bundle[0].attempts))


def look_again(context: EngineContext, bundle: Bundle, pause: timedelta) -> None:
    """Still not known whether it was carried out."""
    settle(context, bundle, _nothing, state=OutboxState.AMBIGUOUS, due_at=context.clock.now() + pause)


def settle(context: EngineContext, bundle: Bundle, facts: Facts, **changes: Any) -> None:
    """Outcome and facts together; a row whose claim was lost keeps what its new owner wrote."""

    batches = [bundle[n : n + BATCH] for n in range(0, len(bundle), BATCH)]
    told = [_settled(context, batch, bundle[0], facts, changes) for batch in batches]
    if any(told):
        context.wake.set()


def _settled(context: EngineContext, batch: Bundle, leader: OutboxRow, facts: Facts, changes: dict[str, Any]) -> bool:
    """Whether a fact was taken in. Where an emergency of the batch takes none, the others do; its own row is tried
    some more, then settled without: the carrier would be asked about it for ever."""
    settle = partial(_settle_batch, context, batch=batch, leader=leader, changes=changes)
    try:
        return context.database.transact(partial(settle, facts=facts))
    except (Conflict, DatabaseError):
        raise
    except Exception:
        if len(batch) == 1 and batch[0].attempts < TRIES:
            raise
        log.error("outbox.fact_rejected", row=batch[0].id, n=len(batch), exc_info=True)
        if len(batch) == 1:
            return context.database.transact(partial(settle, facts=_nothing))
    return _one_by_one(context, batch, leader, facts, changes)


def _one_by_one(
    context: EngineContext, batch: Bundle, leader: OutboxRow, facts: Facts, changes: dict[str, Any]
) -> bool:
    told, broken = False, None
    for row in batch:
        try:
            told = _settled(context, [row], leader, facts, changes) or told
        except Exception as error:
            broken = error
    if broken:
        raise broken
    return told


def _settle_batch(
    context: EngineContext,
    session: Transaction,
    batch: Bundle,
    leader: OutboxRow,
    facts: Facts,
    changes: dict[str, Any],
) -> bool:
    """A few rows in one transaction, so that no writer waits long. Rows that a crash leaves behind are
    still claimed: when the claim runs out, the same text or call is found again."""
    told = False
    for row in batch:
        if not session.outbox.settle(row.id, row.fence, **changes):
            continue
        emergency = session.emergencies.find(row.emergency_id)
        for fact in facts(row) if emergency else ():
            assert emergency is not None
            emergency = handle_input_for_row(context, session, emergency, fact).row
            told = True
    if changes.get("sid") and batch[0] is leader:
        session.carrier.note_sent(_carrier_row(leader, changes["sid"], context.clock.now()))
    return told


def _uncertain(context: EngineContext, bundle: Bundle, absent_from: datetime, due_at: datetime) -> None:
    sends.labels(bundle[0].kind, "uncertain").inc()
    rows = [uncertain(row, absent_from) for row in bundle]

    def once(session: Transaction) -> None:
        for row in rows:
            changes = {"due_at": due_at, "payload": row.payload, "absent_from": absent_from}
            session.outbox.settle(row.id, row.fence, state=OutboxState.AMBIGUOUS, **changes)

    context.database.transact(once)


def _nothing(row: OutboxRow) -> list[Input]:
    return []


def _carrier_row(row: OutboxRow, sid: str, now: datetime) -> CarrierRow:
    return CarrierRow(
        sid=sid,
        kind="message" if sid[:2] in ("SM", "MM") else "call",
        direction=Direction.OUTBOUND,
        from_number="",
        to_number=row.number or "",
        status=CarrierStatus.QUEUED,
        rank=0,
        outbox_id=row.id,
        emergency_id=row.emergency_id,
        first_seen_at=now,
        updated_at=now,
    )
