"""Callbacks whose end, or machine verdict, nobody told us of: the carrier's own record of the leg stands in for it.

- Asked in each sweep about every callback that was accepted and has no end: soon when the technician's leg is
  known to be over, else when the end might have been lost. A callback without an end holds the reminder, the
  take-back and the deadline, and a talk that took place proves nothing.
- Only a leg that is over is taken over, in the carrier's time. From one that is not listed nothing follows:
  lists are late. The dial's own word, should it still come, goes before this one.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

import structlog
from sqlmodel import Session, col, select

from callbacks.delivery.delivery_policy import LAST_RANK
from callbacks.emergency.inputs import CustomerDetected, CustomerLeg
from callbacks.emergency.model import TALKING_LIMIT, Callback, Emergency
from callbacks.engine.intake import ref_of, take_in
from callbacks.engine.stories import load
from callbacks.engine.world import World
from callbacks.store.tables import CarrierRow, LedgerRow, OutboxRow
from callbacks.telephony.gateway import CarrierCall, CarrierError

log = structlog.get_logger()
GIVEN_UP = TALKING_LIMIT + timedelta(hours=1)
MOST_ASKED = 50
OVER = ("completed", "busy", "no-answer", "failed", "canceled")


@dataclass(frozen=True, slots=True)
class Unended:
    """A callback under way, as far as we know, or of which we do not know who answered. `leg_sid`: the
    technician's leg, which dialled the customer."""

    emergency_id: int
    key: str
    callback: Callback
    leg_sid: str


def look(world: World) -> None:
    """One look at every callback without an end. A carrier that cannot be asked is noted, not raised."""
    for one in _unended(world, world.clock.now())[:MOST_ASKED]:
        try:
            legs = world.gateway.legs_of(one.leg_sid)
        except CarrierError as error:
            log.warning("bridge.unknown", ref=ref_of(one.emergency_id), why=error.why, code=error.code)
            if error.refused:
                continue
            return
        if legs and legs[0].status in OVER:
            _take_over(world, one, legs[0])


def _take_over(world: World, one: Unended, leg: CarrierCall) -> None:
    now = world.clock.now()
    at = min(leg.ended_at or now, now)
    if one.callback.ended_at and not leg.answered_by:
        return
    log.warning("bridge.ended_unheard", ref=ref_of(one.emergency_id), callback=one.key, status=leg.status)
    try:
        if leg.answered_by:
            take_in(world, one.emergency_id, CustomerDetected(at=at, callback=one.key, answered_by=leg.answered_by))
        if one.callback.ended_at is None:
            ended = CustomerLeg(at=at, callback=one.key, status=leg.status, seconds=leg.seconds or 0)
            take_in(world, one.emergency_id, ended)
    except Exception:
        log.error("bridge.not_taken", ref=ref_of(one.emergency_id), exc_info=True)


# --- which they are ---


def _unended(world: World, now: datetime) -> list[Unended]:
    """The latest accepted first."""
    found: list[Unended] = []
    with world.database.read() as session:
        for emergency_id, rows in groupby(_technicians_legs(session, now), lambda r: r.emergency_id or 0):
            try:
                found += _of_one(session, emergency_id, list(rows), now)
            except Exception:
                log.error("bridge.unreadable", ref=ref_of(emergency_id), exc_info=True)
    return sorted(found, key=lambda u: u.callback.accepted_at or now, reverse=True)


def _technicians_legs(session: Session, now: datetime) -> Sequence[OutboxRow]:
    """Calls to technicians on which a callback may be under way, by emergency, the newest first."""
    asked = select(LedgerRow.seq).where(
        LedgerRow.emergency_id == OutboxRow.emergency_id, LedgerRow.kind == "CallbackRequested"
    )
    query = select(OutboxRow).where(
        col(OutboxRow.kind).in_(("bridge", "page-call")),
        col(OutboxRow.sid).is_not(None),
        col(OutboxRow.sent_at) > now - GIVEN_UP,
        asked.exists(),
    )
    return session.exec(query.order_by(col(OutboxRow.emergency_id), col(OutboxRow.sent_at).desc())).all()


def _of_one(session: Session, emergency_id: int, rows: Sequence[OutboxRow], now: datetime) -> Iterator[Unended]:
    e = load(session, emergency_id)
    for key, callback in e.callbacks.items() if e else ():
        assert e is not None
        sid = next((row.sid for row in rows if _carries(row, key, callback, e)), None)
        if sid and callback.is_to_ask(now, _is_over(session, sid)):
            yield Unended(emergency_id, key, callback, sid)


def _carries(row: OutboxRow, key: str, callback: Callback, e: Emergency) -> bool:
    """Whether the customer was dialled on this call: one made for it, or the page on which 3 was pressed."""
    payload = json.loads(row.payload)
    if row.kind == "bridge":
        return bool(payload.get("callback") == key)
    page = e.pages.get(payload.get("page", ""))
    proven = callback.accepted_at == callback.requested_at
    return proven and page is not None and page.person == callback.by and page.key == "3"


def _is_over(session: Session, leg_sid: str) -> bool:
    """By the leg's own status report."""
    leg = session.get(CarrierRow, leg_sid)
    return leg is not None and leg.rank >= LAST_RANK
