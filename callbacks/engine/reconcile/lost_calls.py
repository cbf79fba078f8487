"""Calls of ours whose end or machine verdict nobody told us: Twilio's own record of the call stands in for it.

- Asked in each sweep about every callback that was accepted and has no end: soon when the technician's leg is
  known to be over, else when the end might have been lost. A callback without an end holds the reminder, the
  take-back and the deadline, and a talk that took place proves nothing.
- Only a leg that is over is taken over, in the carrier's time. From one that is not listed nothing follows:
  lists are late. The dial's own word, should it still come, goes before this one.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from operator import attrgetter

import structlog

from callbacks.delivery.delivery_policy import CALL_OVER, LAST_RANK, RANKS, CarrierStatus, Source
from callbacks.delivery.outbox_row import CALLS, OutboxKind
from callbacks.emergency.inputs import CustomerDetected, CustomerLeg
from callbacks.emergency.model import TALKING_LIMIT, AnsweredBy, Callback, Emergency, ref_of
from callbacks.engine.context import EngineContext
from callbacks.engine.intake.handle import handle_input, handle_input_for_row
from callbacks.engine.intake.status_callbacks import report_of
from callbacks.engine.intake.summary import load
from callbacks.store.interface import Transaction
from callbacks.store.rows import OutboxRow
from callbacks.telephony.gateway import CarrierCall, CarrierError

log = structlog.get_logger()
GIVEN_UP = TALKING_LIMIT + timedelta(hours=1)
MOST_BRIDGES_ASKED = 50


@dataclass(frozen=True, slots=True)
class Unended:
    """A callback under way, as far as we know, or of which we do not know who answered. `leg_sid`: the
    technician's leg, which dialled the customer."""

    emergency_id: int
    key: str
    callback: Callback
    leg_sid: str


def find_ended_bridges(context: EngineContext) -> None:
    """One look at every callback without an end. A carrier that cannot be asked is noted, not raised."""
    for one in _unended_bridges(context, context.clock.now())[:MOST_BRIDGES_ASKED]:
        try:
            legs = context.gateway.legs_of(one.leg_sid)
        except CarrierError as error:
            log.warning("bridge.unknown", ref=ref_of(one.emergency_id), why=error.why, code=error.code)
            if error.refused:
                continue
            return
        if legs and legs[0].status in CALL_OVER:
            _take_over_bridge(context, one, legs[0])


def _take_over_bridge(context: EngineContext, one: Unended, leg: CarrierCall) -> None:
    now = context.clock.now()
    at = min(leg.ended_at or now, now)
    if one.callback.ended_at and not leg.answered_by:
        return
    log.warning("bridge.end_not_reported", ref=ref_of(one.emergency_id), callback=one.key, status=leg.status)
    try:
        if leg.answered_by:
            handle_input(
                context,
                one.emergency_id,
                CustomerDetected(at=at, callback=one.key, answered_by=AnsweredBy(leg.answered_by)),
            )
        if one.callback.ended_at is None:
            ended = CustomerLeg(at=at, callback=one.key, status=leg.status, seconds=leg.seconds or 0)
            handle_input(context, one.emergency_id, ended)
    except Exception:
        log.error("bridge.not_handled", ref=ref_of(one.emergency_id), exc_info=True)


# --- which they are ---


def _unended_bridges(context: EngineContext, now: datetime) -> list[Unended]:
    """The latest accepted first."""
    found: list[Unended] = []
    with context.database.read() as session:
        for emergency_id, rows in groupby(session.outbox.callbacks_calls(now - GIVEN_UP), attrgetter("emergency_id")):
            try:
                found += _of_one(session, emergency_id, list(rows), now)
            except Exception:
                log.error("bridge.unreadable", ref=ref_of(emergency_id), exc_info=True)
    return sorted(found, key=lambda u: u.callback.accepted_at or now, reverse=True)


def _of_one(session: Transaction, emergency_id: int, rows: Sequence[OutboxRow], now: datetime) -> Iterator[Unended]:
    e = load(session, emergency_id)
    for key, callback in e.callbacks.items() if e else ():
        assert e is not None
        sid = next((row.sid for row in rows if _carries(row, key, callback, e)), None)
        if sid and callback.is_to_ask(now, _is_bridge_over(session, sid)):
            yield Unended(emergency_id, key, callback, sid)


def _carries(row: OutboxRow, key: str, callback: Callback, e: Emergency) -> bool:
    """Whether the customer was dialled on this call: one made for it, or the page on which 3 was pressed."""
    payload = json.loads(row.payload)
    if row.kind == OutboxKind.BRIDGE:
        return bool(payload.get("callback") == key)
    page = e.pages.get(payload.get("page", ""))
    proven = callback.accepted_at == callback.requested_at
    return proven and page is not None and page.person == callback.by and page.key == "3"


def _is_bridge_over(session: Transaction, leg_sid: str) -> bool:
    """By the leg's own status report."""
    leg = session.carrier.seen(leg_sid)
    return leg is not None and leg.rank >= LAST_RANK


# Calls to technicians whose reports do not reach us: the carrier's own record of the call stands in for them.
#
# - Asked in each sweep about every call that left and has no end, and at once about one whose request we just
#   refused: with a signature that we do not take, nothing else about it will come either.
# - A call that was answered, and for which nobody ever got our document, told nobody anything: it failed with the
#   carrier's own code for that, and the next step starts.

LATE = timedelta(seconds=60)
MOST_ASKED = 20
BATCH = 10
NO_DOCUMENT = 11200  # the carrier's code for a document that it could not get


def document_given(context: EngineContext, call_sid: str | None) -> None:
    """The carrier got what is said on this call. What cannot be written down keeps nobody from hearing it."""
    if call_sid is None:
        return

    def once(session: Transaction) -> None:
        session.received.is_new(Source.DOCUMENT, call_sid, (), context.clock.now())

    try:
        context.database.transact(once)
    except Exception:
        log.error("page.document_not_recorded", call=call_sid, exc_info=True)


def request_refused(context: EngineContext, outbox_id: str, call_sid: str) -> None:
    """A request about this call was refused. Whoever sent it, the carrier's record says what became of the call."""
    with context.database.read() as session:
        row = session.outbox.find(outbox_id)
    if row and row.kind in CALLS and row.sid == call_sid:
        _ask(context, row)


def find_unheard_calls(context: EngineContext) -> None:
    """One look at every call without an end. A carrier that cannot be asked is noted, not raised."""
    for row in _unheard_calls(context, context.clock.now()):
        if not _ask(context, row):
            return


def _ask(context: EngineContext, row: OutboxRow) -> bool:
    """False when the carrier cannot be asked now."""
    try:
        call = context.gateway.fetch_call(row.sid or "")
    except CarrierError as error:
        log.warning("call.unknown", row=row.id, call=row.sid, why=error.why, code=error.code)
        return error.refused
    if call.sid != row.sid:
        return True
    with context.database.read() as session:
        is_answered = call.status in (CarrierStatus.IN_PROGRESS, CarrierStatus.COMPLETED)
        is_unheard = is_answered and not session.received.is_known(Source.DOCUMENT, call.sid)
        ids = [member.id for member in session.outbox.members(row)]
    if is_unheard or call.status in CALL_OVER:
        log.warning("call.report_missing", row=row.id, call=call.sid, status=call.status, unheard=is_unheard)
        for n in range(0, len(ids), BATCH):
            context.database.transact(
                partial(_take_over_call, context, ids=ids[n : n + BATCH], call=call, is_unheard=is_unheard)
            )
        context.wake.set()
    return True


def _take_over_call(
    context: EngineContext, session: Transaction, ids: Sequence[str], call: CarrierCall, is_unheard: bool
) -> None:
    now = context.clock.now()
    at = min(call.ended_at or now, now)
    seen = session.carrier.seen(call.sid)
    if seen and seen.rank < RANKS.get(call.status, 0):
        rank, seconds = RANKS[call.status], call.seconds or seen.seconds
        session.carrier.change(seen, replace(seen, status=call.status, rank=rank, seconds=seconds, updated_at=now))
    for row in filter(None, (session.outbox.find(row_id) for row_id in ids)):
        emergency = session.emergencies.find(row.emergency_id)
        status, code = (CarrierStatus.FAILED, NO_DOCUMENT) if is_unheard else (call.status, None)
        said = report_of(row, status, at, code)
        if emergency and said:
            handle_input_for_row(context, session, emergency, said)


def _unheard_calls(context: EngineContext, now: datetime) -> list[OutboxRow]:
    """Calls that left a while ago and of which no end was reported, the newest first."""
    with context.database.read() as session:
        left = session.outbox.calls_left(now - GIVEN_UP, now - LATE, 10 * MOST_ASKED)
        rows = [row for row in left if not _is_call_over(session, row)]
    return rows[:MOST_ASKED]


def _is_call_over(session: Transaction, row: OutboxRow) -> bool:
    """By a report, or because the page failed while its call went on: nothing more is to be learnt."""
    seen = session.carrier.seen(row.sid)
    return row.sid is None or (seen is not None and seen.rank >= LAST_RANK)
