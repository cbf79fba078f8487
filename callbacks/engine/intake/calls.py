"""The customer's call as the carrier reports it: first seen, message ended, recording ready, call over.

The greeting's own request opens nothing; the first sign of a finished call does, exactly once per call.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from callbacks.delivery.delivery_policy import CallerChoice, CarrierStatus, Direction, Source
from callbacks.emergency.inputs import Call, CallOver, CallSign, MessageAbsent, MessageEnded, NumberKeyed, Opening
from callbacks.emergency.model import Emergency, Sign
from callbacks.engine.context import EngineContext
from callbacks.engine.intake.callers import BY_KEY, language_of, number_of
from callbacks.engine.intake.handle import Taken, digest, handle_input, open_call
from callbacks.engine.intake.summary import load
from callbacks.store.interface import Transaction
from callbacks.store.received_form import storable
from callbacks.store.rows import CarrierRow, OutboxRow
from callbacks.telephony.reports import Report

Make = Callable[..., CallSign]
ABSENT_WHY = {"16101": "too-short", "16102": "silent"}


def call_began(context: EngineContext, report: Report) -> None:
    """The first request of an inbound call: who calls, and since when."""
    sid = report.call_sid()
    if sid is None:
        return

    def once(session: Transaction) -> None:
        if session.received.is_new(Source.VOICE, sid, report.pairs, context.clock.now()):
            _seen(session, sid, report, context.clock.now(), context.clock.now())

    context.database.transact(once)


def message_ended(context: EngineContext, report: Report, choice: str | None = None) -> Taken | None:
    """The recording stopped: a key, silence, the longest length, or the caller hung up."""
    seconds, sid = report.seconds("RecordingDuration"), report.recording_sid()
    now = context.clock.now()
    if sid is None or seconds == 0:
        make: Make = partial(MessageAbsent, at=now, sign=Sign.ACTION, why="silent")
    else:
        make = partial(MessageEnded, at=now, sign=Sign.ACTION, recording_sid=sid, seconds=seconds or 0)
    return _sign(context, Source.ACTION, report, make, choice)


def recording_reported(context: EngineContext, report: Report, choice: str | None = None) -> Taken | None:
    """The recording is complete, absent or failed, in the carrier's own time."""
    sid, seconds = report.recording_sid(), report.seconds("RecordingDuration") or 0
    now = context.clock.now()
    if report["RecordingStatus"] == CarrierStatus.COMPLETED and sid:
        begun = report.timestamp("RecordingStartTime")
        at = begun + timedelta(seconds=seconds) if begun else now
        make = partial(
            MessageEnded,
            at=min(at, now),
            sign=Sign.RECORDING,
            recording_sid=sid,
            seconds=seconds,
            carrier_timed=begun is not None,
            ready=True,
        )
        return _sign(context, Source.RECORDING, report, make, choice)
    if report["RecordingStatus"] in ("absent", "failed"):
        why = ABSENT_WHY.get(report["ErrorCode"], report["RecordingStatus"])
        absent = partial(MessageAbsent, at=now, sign=Sign.RECORDING, why=why)
        return _sign(context, Source.RECORDING, report, absent, choice)
    return None


def recording_fell_through(context: EngineContext, report: Report, choice: str | None = None) -> Taken | None:
    """The caller stayed but nothing was recorded."""
    make = partial(MessageAbsent, at=context.clock.now(), sign=Sign.ACTION, why="silent")
    return _sign(context, Source.AFTER, report, make, choice)


def call_ended(context: EngineContext, report: Report) -> Taken | None:
    """The call is over, whatever came of it."""
    at = report.timestamp() or context.clock.now()
    seconds, status = report.seconds("CallDuration"), report["CallStatus"] or CarrierStatus.COMPLETED
    make = partial(CallOver, at=at, sign=Sign.ENDED, status=status, seconds=seconds)
    return _sign(context, Source.ENDED, report, make)


def number_keyed(context: EngineContext, report: Report, number: str, confirmed: bool) -> Taken | None:
    """The caller confirmed the number to call back, or keyed in another one."""
    sid = report.call_sid()
    if sid is None:
        return None
    with context.database.read() as session:
        row = session.emergencies.of_call(sid)
    said = NumberKeyed(at=context.clock.now(), number=number, confirmed=confirmed)
    return handle_input(context, row.id, said) if row else None


def _sign(
    context: EngineContext, source: Source, report: Report, make: Make, choice: str | None = None
) -> Taken | None:
    """One sign of a finished call, kept as received and taken in once. `choice`: what the document's address says
    that the caller chose, should we not have been able to write it down."""
    key = report.call_sid() or digest(report.pairs)

    def once(session: Transaction) -> Taken | None:
        now = context.clock.now()
        if not session.received.is_new(source, digest(report.pairs), report.pairs, now):
            return None
        if source == Source.ENDED and not _is_ours(session, key, report):
            return None
        if report.call_sid() and "From" in report:
            _seen(session, key, report, now, _began(report, now))
        if source == Source.ENDED:
            _over(session, key, report, now)
        seen = session.carrier.seen(key)
        if seen and choice in BY_KEY:
            session.carrier.change(seen, replace(seen, choice=seen.choice or CallerChoice(choice)))
        call = _call(context, session, key, report)

        def said(opening: Opening | None) -> CallSign:
            return make(call=call, opening=opening)

        return open_call(context, session, key, said)

    return context.commit(once)


def _is_ours(session: Transaction, key: str, report: Report) -> bool:
    """The end of an inbound call: a call that we know is what we know it to be, another what it says."""
    seen = session.carrier.seen(key)
    return seen.direction == Direction.INBOUND if seen else report["Direction"] in (Direction.INBOUND, "")


def _call(context: EngineContext, session: Transaction, key: str, report: Report) -> Call:
    """Who called and when it began: as first seen, else as this report tells."""
    seen, now = session.carrier.seen(key), context.clock.now()
    raw = report["From"] or (seen.from_number if seen else "")
    number, withheld = number_of(context, raw)
    if seen is None and "From" not in report:
        withheld = False
    started_at = seen.started_at if seen and seen.started_at else _began(report, now)
    return Call(report.call_sid(), number, withheld, started_at, language_of(context, session, seen, number))


def _began(report: Report, now: datetime) -> datetime:
    """A call whose first request we never saw: counted back from its end, as the carrier timed it."""
    ended, lasted = report.timestamp(), report.seconds("CallDuration")
    if ended is not None and lasted is not None:
        return min(ended - timedelta(seconds=lasted), now)
    begun = report.timestamp("RecordingStartTime")
    spoken = timedelta(seconds=report.seconds("RecordingDuration") or 0)
    return min(begun or now - spoken, now)


def _over(session: Transaction, sid: str, report: Report, now: datetime) -> None:
    """The carrier's last word on an inbound call whose beginning we saw."""
    seen = session.carrier.seen(sid)
    if seen:
        over = replace(
            seen,
            status=report["CallStatus"][:24],
            ended_at=report.timestamp() or now,
            seconds=report.seconds("CallDuration"),
            updated_at=now,
        )
        session.carrier.change(seen, over)


def _seen(session: Transaction, sid: str, report: Report, now: datetime, started_at: datetime) -> None:
    if session.carrier.seen(sid) is None:
        session.carrier.note(
            CarrierRow(
                sid=sid,
                kind="call",
                direction=Direction.INBOUND,
                from_number=storable(report["From"])[:64],
                to_number=storable(report["To"])[:64],
                status=CarrierStatus.RINGING,
                started_at=started_at,
                first_seen_at=now,
                updated_at=now,
            ),
        )


# What a call of ours is about, for the document it is answered with: read, never decided.


@dataclass(frozen=True, slots=True)
class CallContext:
    """The emergency behind a call to a technician, whose language it speaks and whose time zone it tells.
    `others`: how many more emergencies the same call carries."""

    emergency_id: int
    emergency: Emergency
    language: str
    zone: str
    callback: str | None
    person: str | None
    others: int = 0


def leg_of(context: EngineContext, outbox_id: str) -> CallContext | None:
    """The leg that an outbox row made; None when there is no such row."""
    with context.database.read() as session:
        row = session.outbox.find(outbox_id)
        return _leg(context, session, row) if row else None


def of_callback(context: EngineContext, emergency_id: int, callback: str) -> CallContext | None:
    """The leg on which a callback's technician is: a bridge call, or the page call it began on."""
    with context.database.read() as session:
        emergency = load(session, emergency_id)
        found = emergency.callbacks.get(callback) if emergency else None
        if emergency is None or found is None:
            return None
        duty = context.duty(session)
        contact = duty.contact(found.by)
        language = contact.language if contact else "en"
        return CallContext(emergency_id, emergency, language, duty.roster.timezone, callback, found.by)


def _leg(context: EngineContext, session: Transaction, row: OutboxRow) -> CallContext | None:
    emergency = load(session, row.emergency_id) if row.emergency_id else None
    if emergency is None or row.emergency_id is None:
        return None
    payload = json.loads(row.payload)
    zone = context.duty(session).roster.timezone
    language, others = payload.get("language", "en"), len(session.outbox.members(row)) - 1
    return CallContext(row.emergency_id, emergency, language, zone, payload.get("callback"), row.person, others)
