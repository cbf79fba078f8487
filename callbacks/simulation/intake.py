"""The intake of a simulated night: what `engine/intake/handle.py` does, on rows in memory and with the same core."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from callbacks.delivery.outbox_row import OutboxKind, OutboxState
from callbacks.emergency import promise
from callbacks.emergency.decide import Decision
from callbacks.emergency.inputs import CalledAgain, CallSign, Input, MessageEnded, Opening, OutageFound, TextsRefused
from callbacks.emergency.model import FoundBy, Outcome, State, ref_of
from callbacks.messages.effects import Effect, latest_send, text_effect, told
from callbacks.oncall.coverage import Duty
from callbacks.policy.model import Priority
from callbacks.simulation.store import Box, FailingEmergency, Row, Transaction
from callbacks.simulation.world import World

COURTESY_GAP = timedelta(seconds=2)
Make = Callable[[Opening | None], CallSign]


def handle_input(world: World, tx: Transaction, row: Row, said: Input, now: datetime) -> Decision:
    """One input about `row`: facts, summary, wake-up and effects, in the caller's transaction."""
    rules, duty = world.rules, world.duty(tx)
    if row.id == world.poisoned and row.e is not None and world.failing_works():
        world.faults.struck("poison")
        raise FailingEmergency
    before = row.e
    decision: Decision = rules.decide(before, said, now, duty)
    after = decision.after
    assert after is not None
    if decision.events:
        row.story, row.e = row.story + decision.events, after
        _summarise(world, row, now)
    row.wake_at = rules.next_wake(after)
    effects = [x for event in decision.events for x in rules.effects_of(event, after, duty)]
    for event in decision.events:
        for kinds, person in rules.cancels(event):
            _cancel(tx, row.id, kinds, person)
    put_effects(world, tx, row.id, effects, now)
    world.watch.decided(tx, row, before, said, decision, now)
    return decision


def open_call(
    world: World, tx: Transaction, key: str, make: Make, now: datetime, found_by: FoundBy = FoundBy.WEBHOOK
) -> tuple[Row, Decision] | None:
    """A sign of the finished call `key`: opens its emergency, or adds to it, or to the one its caller waits in."""
    known = tx.row(tx.added(world.store.by_key, key))
    if known:
        return known, handle_input(world, tx, known, make(None), now)
    said = make(None)
    waiting = _joined(world, tx, key, said, now)
    if waiting:
        return waiting, handle_input(world, tx, waiting, _again(said), now)
    row = Row(world.store.next_id, key)
    world.store.next_id += 1
    tx.add(world.store.emergencies, row.id, row)
    tx.add(world.store.by_key, key, row.id)
    decision = handle_input(world, tx, row, make(_opening(world, tx, row, key, now, found_by)), now)
    for began, ended in world.store.facts.get("outages", ()):
        if ended > row.it.call_started_at:
            handle_input(world, tx, row, OutageFound(at=now, began_at=began, ended_at=ended), now)
    return row, decision


def put_effects(
    world: World, tx: Transaction, emergency_id: int | None, effects: Sequence[Effect], now: datetime
) -> None:
    """Effects as outbox rows."""
    store = world.store
    for effect in effects:
        due = _next_slot(tx, now) if effect.is_receipt else now
        id = f"b{store.next_box}"
        store.next_box += 1
        box = Box(
            id,
            emergency_id,
            effect.kind,
            effect.person,
            effect.number,
            effect.text,
            effect.payload,
            due,
            latest_send(effect, due),
            now,
        )
        tx.add(store.boxes, id, box)


def answer(world: World, tx: Transaction, duty: Duty, name: str, words: str, now: datetime) -> None:
    """A text back to somebody, if their phone takes texts."""
    contact = duty.contact(name)
    put_effects(world, tx, None, [text_effect(contact, words)] if contact and contact.takes_texts else [], now)


def texts_stop(
    world: World, tx: Transaction, name: str, code: int | None, now: datetime, besides: Collection[int | None] = ()
) -> None:
    """This phone takes no texts any more: supervisors are told, unanswered pages go on by voice, `besides` those that
    are being refused themselves."""
    dead: frozenset[str] = tx.added(world.store.facts, "sms_dead") or frozenset()
    if name in dead:
        return
    tx.note("sms_dead", dead | {name})
    duty = world.duty(tx)
    slug = "opted-out" if code is None else "texts-refused"
    others = [s for s in duty.supervisors if s.name != name]
    put_effects(world, tx, None, told(others, slug, person=name, code=code), now)
    paged = {b.emergency_id for b in world.store.boxes.values() if b.person == name and b.kind == OutboxKind.PAGE}
    for id in sorted(id for id in paged if id is not None and id not in besides):
        row = tx.row(id)
        if row and row.is_open and row.it.owner is None:
            handle_input(world, tx, row, TextsRefused(at=now, person=name, code=code), now)


def texts_start(world: World, tx: Transaction, name: str) -> bool:
    """This phone takes texts again; False if it did all along."""
    dead: frozenset[str] = tx.added(world.store.facts, "sms_dead") or frozenset()
    tx.note("sms_dead", dead - {name})
    return name in dead


def _summarise(world: World, row: Row, now: datetime) -> None:
    e = row.it
    verdict = world.rules.judge(e, now)
    row.outcome, row.due_at, row.resolved_at = verdict.outcome, promise.due_at(e), e.resolved_at
    row.is_open = not (e.withdrawn_at or e.excluded_at) and (
        e.resolved_at is None or verdict.outcome == Outcome.PENDING
    )


def _opening(world: World, tx: Transaction, row: Row, key: str, now: datetime, found_by: FoundBy) -> Opening:
    seen = world.store.seen.get(key)
    can_wait = seen is not None and seen.choice == "wait"
    taken = {r.e.code for r in world.store.emergencies.values() if r.e}
    code = world.rules.new_code(taken, world.codes.below)
    priority = Priority.P3 if can_wait else Priority.P1
    return Opening(ref_of(row.id), code, world.terms, found_by, priority=priority, can_wait=can_wait)


def _joined(world: World, tx: Transaction, key: str, said: CallSign, now: datetime) -> Row | None:
    """The open emergency of the same caller in which nobody has reached them yet; once joined, a call stays."""
    seen, number = tx.call(key), said.call.number
    if seen and seen.joined:
        return tx.row(seen.joined)
    if number is None:
        return None
    lately = now - world.policy.intake.same_caller_within
    for id, row in reversed(world.store.emergencies.items()):
        e = row.it
        mine = e.number == number and row.is_open and promise.state(e) in (State.OPEN, State.ACKNOWLEDGED)
        if mine and e.opened_at > lately and not (promise.deferred_by_caller(e) or promise.no_message_recorded(e)):
            if seen:
                seen.joined = id
            return tx.row(id)
    return None


def _again(said: CallSign) -> CalledAgain:
    if not isinstance(said, MessageEnded):
        return CalledAgain(at=said.at, call_sid=said.call.sid, number=said.call.number)
    return CalledAgain(
        at=said.at, call_sid=said.call.sid, recording_sid=said.recording_sid, seconds=said.seconds, ready=said.ready
    )


def _cancel(tx: Transaction, emergency_id: int, kinds: Sequence[str], person: str | None) -> None:
    """Rows that nobody has begun to send are no longer wanted."""
    for box in list(tx.store.live.values()):
        mine = box.emergency_id == emergency_id and box.kind in kinds and person in (None, box.person)
        found = tx.box(box.id) if mine else None
        if found and found.state == OutboxState.QUEUED:
            found.state = OutboxState.CANCELLED


def _next_slot(tx: Transaction, now: datetime) -> datetime:
    due = [box.due_at for box in tx.store.live.values() if box.kind == OutboxKind.CUSTOMER_TEXT]
    last = max(due, default=None)
    return max(now, last + COURTESY_GAP) if last else now
