"""Calls and texts that left from our number and that we know nothing of: a leaked token, or toll fraud.

Every SID that we make stands in the outbox, in a report that came back, or is the leg of a call of ours. What is
looked at is old enough for an ambiguous send to have been settled. Supervisors are told once an hour while it lasts.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlmodel import Session, col, select

from callbacks.engine.alarms import raise_now
from callbacks.engine.world import World
from callbacks.store import sweeps
from callbacks.store.tables import CarrierRow, OutboxRow
from callbacks.telephony.gateway import CarrierCall, CarrierMessage, listed

log = structlog.get_logger()
NAME = "outbound"
SETTLED = timedelta(minutes=2)
OVERLAP, FIRST_LOOK = timedelta(minutes=20), timedelta(hours=1)


def look(world: World) -> int:
    """One comparison; how many SIDs are not ours. Raises CarrierError."""
    now = world.clock.now()
    through = sweeps.succeeded_through(world.database, NAME)
    since = through - OVERLAP if through else now - FIRST_LOOK
    all_calls, fault = listed(partial(world.gateway.outbound_calls, since))
    all_texts, other_fault = listed(partial(world.gateway.outbound_messages, since))
    calls = [c for c in all_calls if _is_settled(c, now)]
    texts = [m for m in all_texts if _is_settled(m, now)]
    with world.database.read() as session:
        ours = _ours(session, [c.sid for c in calls] + [c.parent_sid for c in calls if c.parent_sid])
        ours |= _ours(session, [m.sid for m in texts])
    strange = [c.sid for c in calls if c.sid not in ours and (c.parent_sid or "") not in ours]
    strange += [m.sid for m in texts if m.sid not in ours]
    if strange:
        _tell(world, strange, now)
    partly = fault or other_fault
    sweeps.note(world.database, NAME, now, None if partly else now, partly.why if partly else None)
    return len(strange)


def _is_settled(found: CarrierCall | CarrierMessage, now: datetime) -> bool:
    return found.created_at is not None and now - found.created_at >= SETTLED


def _ours(session: Session, sids: Iterable[str]) -> set[str]:
    wanted = list(sids)
    sent = session.exec(select(OutboxRow.sid).where(col(OutboxRow.sid).in_(wanted)))
    heard = session.exec(select(CarrierRow.sid).where(col(CarrierRow.sid).in_(wanted)))
    return {sid for sid in (*sent, *heard) if sid}


def _tell(world: World, strange: list[str], now: datetime) -> None:
    log.error("sweep.strangers", sids=strange[:20], n=len(strange))
    raise_now(world, f"strangers {now:%Y-%m-%dT%H}", "audit-strangers", now, what=len(strange))
