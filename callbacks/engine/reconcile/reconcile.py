"""Our records against the carrier's own: a call whose webhooks were lost still opens its emergency, and a
callback whose end was lost still ends (`lost_calls.py`).

- Over inbound calls, not recordings: a silent or hung-up caller has no recording.
- Looks back from the last success less an overlap, because lists show new records late and shift.
- What the carrier timed earlier than we saw is taken over: the promise counts from the carrier's start.
- One call that cannot be compared keeps no other from being opened; the next sweep looks at it again. A call is
  opened also while its recordings cannot be listed: somebody is paged now, the audio is found later.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TypeVar

import structlog

from callbacks.delivery.delivery_policy import CallerChoice, CarrierStatus, Direction
from callbacks.delivery.sweeping import (
    AUDIO_GIVEN_UP,
    AUDIO_LATE,
    FIRST_LOOK,
    WHOLE_SECOND,
    ended,
    is_settled,
    look_from,
    settled_through,
)
from callbacks.emergency.inputs import Call, CallOver, CallSign, MessageEnded, Opening, OutageFound
from callbacks.emergency.model import FileState, FoundBy, Sign, ref_of
from callbacks.engine.context import EngineContext
from callbacks.engine.intake.callers import language_of, learned, number_of
from callbacks.engine.intake.handle import handle_input, open_call
from callbacks.engine.intake.summary import load
from callbacks.engine.reconcile import lost_calls, lost_texts
from callbacks.engine.sweeps import last_sweep, note_sweep
from callbacks.lib.sentence import Language
from callbacks.policy.model import InHours
from callbacks.store import checks
from callbacks.store.interface import Transaction
from callbacks.store.received_form import storable
from callbacks.store.rows import CarrierRow, EmergencyRow, OutageRow
from callbacks.telephony.gateway import CarrierCall, CarrierError, listed

T = TypeVar("T")
log = structlog.get_logger()
NAME = "inbound-calls"
AUDIO = "late-audio"
MOST_LOOKED_UP = 20
NEWEST = 10


def sweep(context: EngineContext, since: datetime | None = None) -> int:
    """One comparison; how many emergencies it opened. A carrier that cannot be asked is noted, not raised."""
    now = context.clock.now()
    try:
        calls, fault = listed(partial(context.gateway.inbound_calls, since or _from(context, now)))
    except CarrierError as error:
        log.warning("sweep.failed", why=error.why, code=error.code)
        _note(context, now, None, error.why)
        return 0
    recordings = _Recordings(context)
    found = [_guarded("call", call.sid, partial(_compare, context, call, recordings, now)) for call in calls]
    _guarded("audio", None, partial(_late_audio, context, recordings, now))
    _guarded("bridges", None, partial(lost_calls.find_ended_bridges, context))
    _guarded("unheard", None, partial(lost_calls.find_unheard_calls, context))
    _compared(context, lost_texts.NAME, lost_texts.find_lost_texts, now)
    _compared(context, lost_texts.OUTBOUND, lost_texts.find_unknown_outbound, now)
    if found.count(True):
        _guarded("found", None, lambda: note_sweep(context, checks.FOUND, now, now, None))
    failed = found.count(None)
    if failed or fault:
        _note(context, now, None, fault.why if fault else f"{failed} calls could not be compared")
    else:
        _note(context, now, settled_through(calls, now), None)
    return found.count(True)


class _Recordings:
    """The carrier's recordings during one sweep. Once it does not answer it is not asked again: a time-out
    for each of many lost calls would keep the last of them waiting for minutes."""

    def __init__(self, context: EngineContext) -> None:
        self._gateway, self._answers = context.gateway, True

    def of(self, call_sid: str) -> tuple[str, int] | None:
        """(SID, seconds) of a call's complete recording; None when there is none or none can be learnt now."""
        try:
            found = self._gateway.recordings_of(call_sid) if self._answers else []
        except CarrierError as error:
            log.warning("sweep.recordings_unavailable", call=call_sid, why=error.why, code=error.code)
            self._answers, found = error.refused or bool(error.found), error.found
        return next(((sid, seconds) for sid, status, seconds in found if status == CarrierStatus.COMPLETED), None)


def _from(context: EngineContext, now: datetime) -> datetime:
    return look_from(last_sweep(context, NAME).succeeded_through, now)


def _note(context: EngineContext, now: datetime, through: datetime | None, error: str | None) -> None:
    note_sweep(context, NAME, now, through, error)


def _guarded(what: str, call_sid: str | None, step: Callable[[], T]) -> T | None:
    """One step of the sweep; None when it failed, and the others go on."""
    try:
        return step()
    except Exception:
        log.error("sweep.step_failed", what=what, call=call_sid, exc_info=True)
        return None


def _compared(context: EngineContext, name: str, look: Callable[[EngineContext], int], now: datetime) -> None:
    """Another comparison beside that of the calls; its failure is noted, so that the auditor tells of it."""
    try:
        look(context)
    except Exception as error:
        log.error("sweep.step_failed", what=name, exc_info=True)
        why = error.why if isinstance(error, CarrierError) else type(error).__name__
        _guarded(name, None, lambda: note_sweep(context, name, now, None, why))


def _compare(context: EngineContext, call: CarrierCall, recordings: _Recordings, now: datetime) -> bool:
    """True when this call was lost and has its emergency now."""
    if not is_settled(call, now):
        return False
    with context.database.read() as session:
        row = session.emergencies.opened_by(call.sid)
        seen = session.carrier.seen(call.sid)
        if row is None and _has_its_audio(session, seen):
            return False
    if row is None:
        return not _was_at_desk(context, seen, call) and _open(context, call, recordings.of(call.sid))
    if call.started_at and row.call_started_at - call.started_at >= WHOLE_SECOND:
        # Nobody waits for a better time, so a failure here does not hold up the sweep's own progress.
        _guarded("time", call.sid, partial(_take_over_time, context, row, call))
    return False


def _has_its_audio(session: Transaction, seen: CarrierRow | None) -> bool:
    """A call that joined an open emergency and whose message is known to the end: the carrier need not be asked, in
    each sweep of ninety minutes, what it recorded. One whose recording's report was lost is asked for until then."""
    e = load(session, seen.emergency_id) if seen and seen.emergency_id else None
    return bool(e and seen and any(m.call_sid == seen.sid and m.state != FileState.LEFT for m in e.added.values()))


def _was_at_desk(context: EngineContext, seen: CarrierRow | None, call: CarrierCall) -> bool:
    """A call that the desk answered is no emergency. When its reports were lost, the carrier knows of the leg."""
    if seen and (seen.choice == CallerChoice.DESK or seen.emergency_id):
        return seen.choice == CallerChoice.DESK
    intake = context.policy.intake
    if intake.in_hours != InHours.FORWARD or not intake.desk_number:
        return False
    try:
        legs = context.gateway.legs_of(call.sid)
    except CarrierError as error:
        log.warning("sweep.legs_unavailable", call=call.sid, why=error.why, code=error.code)
        return False
    return any(leg.status == CarrierStatus.COMPLETED and leg.seconds for leg in legs)


def _take_over_time(context: EngineContext, row: EmergencyRow, call: CarrierCall) -> None:
    handle_input(context, row.id, learned(context, call))


def _open(context: EngineContext, call: CarrierCall, recorded: tuple[str, int] | None) -> bool:
    now = context.clock.now()
    number, withheld = number_of(context, call.from_number)
    started_at = call.started_at or call.created_at or now
    make: Callable[..., CallSign]
    if recorded:
        sid, seconds = recorded
        make = partial(
            MessageEnded, at=ended(call, now), sign=Sign.SWEEP, recording_sid=sid, seconds=seconds, ready=True
        )
    else:
        make = partial(CallOver, at=ended(call, now), sign=Sign.SWEEP, status=call.status, seconds=call.seconds)

    def once(session: Transaction) -> bool:
        if session.emergencies.opened_by(call.sid):
            return False
        language = language_of(context, session, session.carrier.seen(call.sid), number)
        who = Call(call.sid, number, withheld, started_at, language)
        _remember(session, call, started_at, now)

        def said(opening: Opening | None) -> CallSign:
            return make(call=who, opening=opening)

        taken = open_call(context, session, call.sid, said, found_by=FoundBy.SWEEP)
        if taken is None:
            return False
        if taken.decision.events:
            log.warning("sweep.found", ref=taken.ref)
        return taken.emergency.call_sid == call.sid

    return context.commit(once)


def _remember(session: Transaction, call: CarrierCall, started_at: datetime, now: datetime) -> None:
    """The call as the carrier lists it: the emergency that it joins is kept with it, so that it never opens another."""
    if session.carrier.seen(call.sid) is None:
        session.carrier.note(
            CarrierRow(
                sid=call.sid,
                kind="call",
                direction=Direction.INBOUND,
                from_number=storable(call.from_number)[:64],
                to_number=storable(call.to_number)[:64],
                status=call.status[:24],
                started_at=started_at,
                ended_at=call.ended_at,
                seconds=call.seconds,
                first_seen_at=now,
                updated_at=now,
            ),
        )


def _late_audio(context: EngineContext, recordings: _Recordings, now: datetime) -> None:
    """Emergencies, resolved or not, whose recording webhook never came: the carrier is asked for it. One that woke
    nobody, because nothing is known of a message, is asked for as far back as lost calls are."""
    long_ago = min(_from(context, now), now - FIRST_LOOK)
    with context.database.read() as session:
        rows = session.emergencies.without_audio(now - AUDIO_GIVEN_UP, long_ago, now - AUDIO_LATE)
    for row in _whose_turn_it_is(context, rows, now):
        found = recordings.of(row.call_sid or "")
        if found:
            _guarded("audio", row.call_sid, partial(_take_audio, context, row, *found))


def _whose_turn_it_is(context: EngineContext, rows: list[EmergencyRow], now: datetime) -> list[EmergencyRow]:
    """The newest, and of the older ones some in each sweep, in turn: calls that never had a message keep none with one
    from being asked for."""
    newest, others = rows[:NEWEST], rows[NEWEST:]
    if len(rows) <= MOST_LOOKED_UP:
        return rows
    last = last_sweep(context, AUDIO).succeeded_through
    turn = ([row for row in others if last and row.opened_at < last] or others)[: MOST_LOOKED_UP - NEWEST]
    note_sweep(context, AUDIO, now, turn[-1].opened_at, None)
    return [*newest, *turn]


def _take_audio(context: EngineContext, row: EmergencyRow, recording_sid: str, seconds: int) -> None:
    call = Call(row.call_sid, row.number, row.withheld, row.call_started_at, Language(row.language))
    left = MessageEnded(
        at=row.opened_at,
        call=call,
        opening=None,
        sign=Sign.SWEEP,
        recording_sid=recording_sid,
        seconds=seconds,
        ready=True,
    )
    handle_input(context, row.id, left)


# Outages of our own, told to the emergencies whose promise they touched.


def report_outages(context: EngineContext, outage: OutageRow) -> None:
    """Every emergency whose time from call to deadline overlaps the outage keeps it as a fact. One that
    cannot be worked on is passed over: this runs at the start of the engine, and the others wait for it."""
    with context.database.read() as session:
        ids = session.emergencies.due_within(outage.began_at, outage.ended_at)
    for emergency_id in ids:
        try:
            handle_input(context, emergency_id, _found(context, outage))
        except Exception:
            log.error("outage.alarm_not_sent", ref=ref_of(emergency_id), exc_info=True)


def _found(context: EngineContext, outage: OutageRow) -> OutageFound:
    return OutageFound(at=context.clock.now(), began_at=outage.began_at, ended_at=outage.ended_at)
