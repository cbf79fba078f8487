"""How a send went, written down: rows, the carrier's record and the facts together, under the fence.

A bundle is what one text or call carries: usually one row, several when pages were put together. Its first row
leads: its id stands in the addresses that the carrier reports to.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from callbacks.engine.intake import take_in_row
from callbacks.engine.world import World
from callbacks.inputs import Input, PageAccepted, PageRefused, TechnicianLeg
from callbacks.store import outbox
from callbacks.store.database import with_retries
from callbacks.store.pagequeue import Bundle
from callbacks.store.tables import CarrierRow, EmergencyRow, OutboxRow
from callbacks.telephony.gateway import CarrierError

log = structlog.get_logger()
SETTLE_AFTER_TIMEOUT = timedelta(seconds=30)
SETTLE_AFTER_ERROR = timedelta(seconds=1)
SLOWEST_RETRY = 30.0
BATCH = 10
Facts = Callable[[OutboxRow], list[Input]]


def sent(world: World, bundle: Bundle, sid: str) -> None:
    """The carrier accepted it."""
    now = world.clock.now()

    def facts(row: OutboxRow) -> list[Input]:
        page = json.loads(row.payload).get("page")
        return [PageAccepted(at=now, page=page, sid=sid)] if page else []

    settle(world, bundle, facts, state="sent", sid=sid, sent_at=now)


def failed(world: World, bundle: Bundle, error: CarrierError) -> None:
    """Refused for good, perhaps carried out, or safe to do again."""
    row = bundle[0]
    log.warning("outbox.failed", row=row.id, kind=row.kind, why=error.why, code=error.code)
    if error.refused and row.kind not in ("fetch", "look-up"):
        return given_up(world, bundle, "refused", error.code)
    if error.ambiguous and row.kind in ("page", "text", "customer-text", "page-call", "bridge"):
        wait = SETTLE_AFTER_ERROR if error.why.isdigit() else SETTLE_AFTER_TIMEOUT
        now = world.clock.now()
        return _uncertain(world, bundle, now + wait, now + SETTLE_AFTER_ERROR)
    return later(world, bundle, error.why)


def given_up(world: World, bundle: Bundle, why: str, code: int | None) -> None:
    """Known to have failed: the core is told, so that the next step starts now."""
    now = world.clock.now()

    def facts(row: OutboxRow) -> list[Input]:
        payload = json.loads(row.payload)
        if "page" in payload:
            return [PageRefused(at=now, page=payload["page"], why=why, code=code)]
        if "callback" in payload:
            return [TechnicianLeg(at=now, callback=payload["callback"], status="failed")]
        return []

    settle(world, bundle, facts, state="failed", error=f"{why} {code or ''}".strip(), finished_at=now)


def later(world: World, bundle: Bundle, why: str) -> None:
    """Not done, and safe to do again: with back-off, until it expires."""
    pause = min(2.0 ** min(bundle[0].attempts - 1, 10) / 2, SLOWEST_RETRY)
    state = "ambiguous" if is_uncertain(bundle[0]) else "queued"
    settle(world, bundle, _nothing, state=state, due_at=world.clock.now() + timedelta(seconds=pause), error=why)


def look_again(world: World, bundle: Bundle, pause: timedelta) -> None:
    """Still not known whether it was carried out."""
    settle(world, bundle, _nothing, state="ambiguous", due_at=world.clock.now() + pause)


def is_uncertain(row: OutboxRow) -> bool:
    """Whether an earlier try may have been carried out."""
    return "absent_from" in json.loads(row.payload)


def settle(world: World, bundle: Bundle, facts: Facts, **changes: Any) -> None:
    """Outcome and facts together; a row whose claim was lost keeps what its new owner wrote."""

    batches = [bundle[n : n + BATCH] for n in range(0, len(bundle), BATCH)]
    told = [with_retries(partial(_settle_batch, world, batch, bundle[0], facts, changes)) for batch in batches]
    if any(told):
        world.wake.set()


def _settle_batch(world: World, batch: Bundle, leader: OutboxRow, facts: Facts, changes: dict[str, Any]) -> bool:
    """A few rows in one transaction, so that no writer waits long. Rows that a crash leaves behind are
    still claimed: when the claim runs out, the same text or call is found again."""
    told = False
    with world.database.write() as session:
        for row in batch:
            if not outbox.settle(session, row.id, row.fence, **changes):
                continue
            emergency = session.get(EmergencyRow, row.emergency_id) if row.emergency_id else None
            for fact in facts(row) if emergency else ():
                assert emergency is not None
                take_in_row(world, session, emergency, fact)
                told = True
        if changes.get("sid") and batch[0] is leader:
            session.merge(_carrier_row(leader, changes["sid"], world.clock.now()))
    return told


def _uncertain(world: World, bundle: Bundle, absent_from: datetime, due_at: datetime) -> None:
    for row in bundle:
        outbox.mark_uncertain(row, absent_from)

    def once() -> None:
        with world.database.write() as session:
            for row in bundle:
                outbox.settle(session, row.id, row.fence, state="ambiguous", due_at=due_at, payload=row.payload)

    with_retries(once)


def _nothing(row: OutboxRow) -> list[Input]:
    return []


def _carrier_row(row: OutboxRow, sid: str, now: datetime) -> CarrierRow:
    return CarrierRow(
        sid=sid, kind="message" if sid[:2] in ("SM", "MM") else "call", direction="outbound-api", from_number="",
        to_number=row.number or "", status="queued", rank=0, outbox_id=row.id, emergency_id=row.emergency_id,
        first_seen_at=now, updated_at=now,
    )  # fmt: skip
