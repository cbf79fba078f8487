"""The one intake: every input enters here, and in one transaction becomes events, outbox rows and summary.

The caller holds the transaction (`with context.database.write() as session`), so that it is committed
before any answer leaves; `Conflict` means another writer was first, and the caller tries again.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from callbacks.delivery.delivery_policy import CallerChoice
from callbacks.delivery.outbox_row import HANDLING, OutboxState
from callbacks.emergency.decide import Decision, decide
from callbacks.emergency.events import Acknowledged, Event, to_record
from callbacks.emergency.inputs import CallerLearned, CallSign, Input, Opening, OutageFound
from callbacks.emergency.model import Emergency, FoundBy, ref_of, terms_of
from callbacks.emergency.timers import next_wake
from callbacks.engine import webhooks
from callbacks.engine.context import EngineContext
from callbacks.engine.intake import callers, summary
from callbacks.engine.intake.summary import load
from callbacks.messages.effects import Effect, cancels, effects_of, latest_send
from callbacks.messages.replies import new_code
from callbacks.oncall.roster import Role
from callbacks.policy.model import Priority
from callbacks.store import heads, ledger
from callbacks.store.interface import Transaction
from callbacks.store.rows import CarrierRow, EmergencyRow, OutboxRow

log = structlog.get_logger()
CODE_REST = timedelta(days=8)
COURTESY_GAP = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Taken:
    """What an input came to, with the emergency's reference, and its row as it is afterwards."""

    ref: str
    row: EmergencyRow
    emergency: Emergency
    decision: Decision


def handle_input(context: EngineContext, emergency_id: int, said: Input) -> Taken | None:
    """One input about a known emergency, in a transaction of its own. None if there is no such one."""

    def once(session: Transaction) -> Taken | None:
        row = session.emergencies.find(emergency_id)
        return handle_input_for_row(context, session, row, said) if row else None

    return context.commit(once)


def handle_input_for_row(context: EngineContext, session: Transaction, row: EmergencyRow, said: Input) -> Taken:
    """One input about `row`, inside the caller's transaction. Whoever has another one goes on with the row that comes
    back."""
    now = context.clock.now()
    duty = context.duty(session)
    before = load(session, row.id)
    decision = decide(before, said, now, duty)
    after = decision.after
    assert after is not None
    effects = [x for event in decision.events for x in effects_of(event, after, duty)]
    row = _written(context, session, row, decision.events, after, now)
    for event in decision.events:
        for kinds, person in cancels(event):
            session.outbox.cancel(row.id, kinds=kinds, now=now, person=person)
        if isinstance(event, Acknowledged) and after.drill and event.set_by is None:
            session.people.verified(event.by, event.role, now)
    put_effects(session, row.id, effects, now)
    webhooks.announce(session, before, decision, row.id, now)
    session.notify()
    _say_when_committed(session, after, decision.events)
    return Taken(after.ref, row, after, decision)


def open_call(
    context: EngineContext,
    session: Transaction,
    key: str,
    make: Callable[[Opening | None], CallSign],
    found_by: FoundBy = FoundBy.WEBHOOK,
) -> Taken | None:
    """A sign of the finished call `key`: opens its emergency, or adds to it, or to the one its caller waits in.
    None for a call that was answered at the desk."""
    row = session.emergencies.opened_by(key)
    if row:
        return _one_more_sign(context, session, row, make(None))
    seen, said, now = session.carrier.seen(key), make(None), context.clock.now()
    if seen and seen.choice == CallerChoice.DESK:
        return None
    waiting = callers.joined(session, context, key, said.call, now)
    if waiting:
        return handle_input_for_row(context, session, waiting, callers.again(said))
    row = summary.blank(heads.give_number(session, context.seal), key, now)
    session.emergencies.add(row)
    taken = handle_input_for_row(context, session, row, make(_opening(context, session, row, said, seen, found_by)))
    for outage in session.nodes.outages_since(taken.row.call_started_at):
        taken = handle_input_for_row(
            context, session, taken.row, OutageFound(at=now, began_at=outage.began_at, ended_at=outage.ended_at)
        )
    return taken


def _one_more_sign(context: EngineContext, session: Transaction, row: EmergencyRow, said: CallSign) -> Taken:
    """Of a call whose emergency is there. It may be the first one that says who called."""
    taken, call = handle_input_for_row(context, session, row, said), said.call
    if taken.row.number or taken.row.withheld or not (call.number or call.withheld):
        return taken
    who = CallerLearned(at=context.clock.now(), number=call.number, withheld=call.withheld, call_started_at=None)
    return handle_input_for_row(context, session, taken.row, who)


def _opening(
    context: EngineContext,
    session: Transaction,
    row: EmergencyRow,
    said: CallSign,
    seen: CarrierRow | None,
    found_by: FoundBy,
) -> Opening:
    """What a new emergency is given: today's terms, and what is known of its caller."""
    entry = session.customers.known(said.call.number)
    can_wait = seen is not None and seen.choice in (CallerChoice.WAIT, CallerChoice.OTHER_WAITS)
    opening = Opening(
        ref_of(row.id),
        new_code_for(session, context.clock.now()),
        terms_of(context.policy),
        found_by,
        priority=Priority.P3 if can_wait else Priority.P1,
        can_wait=can_wait,
    )
    if entry is None:
        return opening
    blocked_by = (entry.blocked_by or Role.SUPERVISOR) if entry.blocked_at else None
    return replace(
        opening, name=entry.name, company=entry.company, blocked_by=blocked_by, blocked_why=entry.blocked_why
    )


def put_effects(session: Transaction, emergency_id: int | None, effects: Sequence[Effect], now: datetime) -> None:
    """Effects as outbox rows; each has its own id before anything is sent. Receipts are spaced: the number sends
    one segment a second, and in a storm pages need it more."""
    for effect in effects:
        due = session.outbox.next_slot(effect.kind, COURTESY_GAP, now) if effect.is_receipt else now
        session.outbox.put([_outbox_row(session.token(16), emergency_id, effect, now, due)])


def digest(form: Sequence[tuple[str, str]]) -> str:
    """A name for a report that brings no id of its own: the same report, the same name."""
    return hashlib.sha256(json.dumps(sorted(form)).encode()).hexdigest()


def _say_when_committed(session: Transaction, e: Emergency, events: Sequence[Event]) -> None:
    """One log line per input that recorded something, once it is really there."""
    if events:
        said = {"ref": e.ref, "call": e.call_sid, "facts": [type(fact).__name__ for fact in events]}
        session.when_committed(lambda: log.info("facts", **said))


def _written(
    context: EngineContext,
    session: Transaction,
    row: EmergencyRow,
    events: Sequence[Event],
    after: Emergency,
    now: datetime,
) -> EmergencyRow:
    """The row with these facts behind it."""
    fresh = replace(row, wake_at=next_wake(after))
    records = [
        ledger.Record(kind, event.at, body, private) for event in events for kind, body, private in [to_record(event)]
    ]
    if records:
        is_first, seal = row.last_seq == 0, heads.seal_for(session, row, context.seal)
        facts = ledger.append(session, row.id, row.last_seq, row.head_hash, records, now)
        last = facts[-1]
        fresh = replace(fresh, last_seq=last.seq, head_hash=last.hash, last_kind=last.kind, last_at=last.at)
        fresh = summary.refreshed(heads.sealed(fresh, seal), after, now)
        if is_first:
            heads.chain(session, row.id, facts[0].hash, context.seal)
    session.emergencies.change(row, fresh)
    return fresh


def _outbox_row(row_id: str, emergency_id: int | None, effect: Effect, now: datetime, due: datetime) -> OutboxRow:
    return OutboxRow(
        id=row_id,
        emergency_id=emergency_id,
        kind=effect.kind,
        person=effect.person,
        channel=HANDLING[effect.kind].medium,
        number=effect.number,
        text=effect.text,
        about=effect.payload.get("about"),
        recording_sid=effect.payload.get("recording_sid"),
        payload=json.dumps(effect.payload),
        state=OutboxState.QUEUED,
        due_at=due,
        expires_at=latest_send(effect, due),
        created_at=now,
    )


def new_code_for(session: Transaction, now: datetime) -> str:
    """A code that no emergency of the last days holds."""
    return new_code(session.emergencies.codes_held(now - CODE_REST), session.below)
