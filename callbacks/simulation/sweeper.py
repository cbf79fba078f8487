"""Our records against the carrier's lists, as `engine/reconcile/reconcile.py` and `lost_calls.py` compare them."""

from collections.abc import Callable
from datetime import datetime

from callbacks.delivery.delivery_policy import LAST_RANK
from callbacks.delivery.outbox_row import CALLS, OutboxKind
from callbacks.delivery.sweeping import AUDIO_GIVEN_UP, AUDIO_LATE, WHOLE_SECOND, ended
from callbacks.emergency.inputs import (
    Call,
    CallerLearned,
    CallOver,
    CallSign,
    CustomerDetected,
    CustomerLeg,
    MessageEnded,
    Opening,
)
from callbacks.emergency.model import AnsweredBy, Callback, FoundBy, Sign
from callbacks.lib.sentence import Language
from callbacks.simulation import intake
from callbacks.simulation.nodes import Node
from callbacks.simulation.store import Box, Row, Transaction
from callbacks.simulation.world import World
from callbacks.telephony.gateway import CarrierCall, CarrierError

OVER = ("completed", "busy", "no-answer", "failed", "canceled")
THROUGH = "succeeded_through"


class Sweeper:
    """One comparison, for any node."""

    def __init__(self, world: World) -> None:
        self.world = world

    def sweep(self, node: Node) -> None:
        now, world = node.now(), self.world
        try:
            since = world.rules.look_from(world.store.facts.get(THROUGH), now)
            calls = world.carrier.inbound_calls(node, since)
        except CarrierError:
            return
        news = [call for call in calls if not self._is_known(call)]
        lost = [call for call in news if self._is_lost(call, now)] if news else news
        through = world.rules.settled_through(calls, now)
        if lost:
            _Round(self, node, lost, through).open_next(True)
        else:
            node.notes(THROUGH, through)
        for call in news:
            self._take_over_time(node, call, now)
        self._late_audio(node, now)
        self._bridges(node, now)

    def _is_known(self, call: CarrierCall) -> bool:
        """Nothing is left to learn about it: a short cut, with the same outcome."""
        id = self.world.store.by_key.get(call.sid)
        row = self.world.store.emergencies.get(id) if id else None
        start = row.e.call_started_at if row and row.e else None
        return start is not None and call.started_at is not None and start - call.started_at < WHOLE_SECOND

    def _is_lost(self, call: CarrierCall, now: datetime) -> bool:
        if not self.world.rules.is_settled(call, now) or self._row(call.sid):
            return False
        seen = self.world.store.seen.get(call.sid)
        return not (seen and seen.joined)

    def _take_over_time(self, node: Node, call: CarrierCall, now: datetime) -> None:
        """The carrier's own start of a call that we know, when it is earlier than ours."""
        row = self._row(call.sid)
        if row is None or not self.world.rules.is_settled(call, now):
            return
        if call.started_at and row.it.call_started_at - call.started_at >= WHOLE_SECOND:
            learned = CallerLearned(
                at=now, number=call.from_number or None, withheld=not call.from_number, call_started_at=call.started_at
            )
            self._tell(node, row.id, learned)

    def _row(self, sid: str) -> Row | None:
        return self.world.store.emergencies.get(self.world.store.by_key.get(sid, 0))

    def _recording(self, node: Node, sid: str) -> tuple[str, int] | None:
        try:
            return self.world.carrier.recording_of(node, sid)
        except CarrierError:
            return None

    def open(self, node: Node, call: CarrierCall, done: Callable[[bool], None]) -> None:
        """A lost call's emergency; `done` is told whether that was written."""
        recorded = self._recording(node, call.sid)
        if not self.is_worth_opening(recorded):
            return done(True)

        def step(tx: Transaction, now: datetime) -> bool:
            if tx.added(self.world.store.by_key, call.sid):
                return False
            make = self._sign(call, recorded, now)
            found = intake.open_call(self.world, tx, call.sid, make, now, found_by=FoundBy.SWEEP)
            return bool(found and found[0].it.call_sid == call.sid)

        return node.transact(step, lambda opened: done(True), lambda: done(False))

    def is_worth_opening(self, recorded: tuple[str, int] | None) -> bool:
        """Always: a silent or hung-up caller has no recording."""
        return True

    def _sign(
        self, call: CarrierCall, recorded: tuple[str, int] | None, now: datetime
    ) -> Callable[[Opening | None], CallSign]:
        number = call.from_number or None
        who = Call(call.sid, number, number is None, call.started_at or now, Language.EN)
        at = ended(call, now)
        if recorded:
            sid, seconds = recorded
            return lambda opening: MessageEnded(
                at=at, call=who, opening=opening, sign=Sign.SWEEP, recording_sid=sid, seconds=seconds, ready=True
            )
        return lambda opening: CallOver(
            at=at, call=who, opening=opening, sign=Sign.SWEEP, status=call.status, seconds=call.seconds
        )

    def _late_audio(self, node: Node, now: datetime) -> None:
        """Emergencies whose recording webhook never came: the carrier is asked for it."""
        for row in list(self.world.store.emergencies.values()):
            e = row.e
            if e and e.recording_state is None and e.call_sid and AUDIO_LATE < now - e.opened_at < AUDIO_GIVEN_UP:
                found = self._recording(node, e.call_sid)
                if found:
                    call = Call(e.call_sid, e.number, e.withheld, e.call_started_at, e.language)
                    left = MessageEnded(
                        at=e.opened_at,
                        call=call,
                        opening=None,
                        sign=Sign.SWEEP,
                        recording_sid=found[0],
                        seconds=found[1],
                        ready=True,
                    )
                    self._tell(node, row.id, left)

    # --- callbacks whose end was never told ---

    def _bridges(self, node: Node, now: datetime) -> None:
        for row in list(self.world.store.emergencies.values()):
            for key, callback in row.e.callbacks.items() if row.e else ():
                if callback.accepted_at and not (callback.ended_at and callback.answered_by):
                    self._look_at(node, row, key, callback, now)

    def _look_at(self, node: Node, row: Row, key: str, callback: Callback, now: datetime) -> None:
        if not callback.is_to_ask(now, True):  # whatever became of the technician's leg
            return
        sid = next((b.sid for b in self._legs(row) if _carries(b, key, callback, row)), None)
        seen = self.world.store.seen.get(sid or "")
        is_over = seen is not None and (seen.rank or 0) >= LAST_RANK
        if sid is None or not callback.is_to_ask(now, is_over):
            return
        try:
            legs = self.world.carrier.legs_of(node, sid)
        except CarrierError:
            return
        if not legs or legs[0].status not in OVER:
            return
        leg = legs[0]
        at = min(leg.ended_at or now, now)
        if leg.answered_by:
            self._tell(node, row.id, CustomerDetected(at=at, callback=key, answered_by=AnsweredBy(leg.answered_by)))
        if callback.ended_at:
            return
        self.world.watch.sometimes("callback's end found by sweep")
        self._tell(node, row.id, CustomerLeg(at=at, callback=key, status=leg.status, seconds=leg.seconds or 0))

    def _legs(self, row: Row) -> list[Box]:
        mine = [b for b in self.world.store.boxes.values() if b.emergency_id == row.id and b.kind in CALLS and b.sid]
        return sorted(mine, key=lambda b: b.sent_at or b.created_at, reverse=True)

    def _tell(self, node: Node, id: int, said: "CallerLearned | MessageEnded | CustomerDetected | CustomerLeg") -> None:
        def step(tx: Transaction, now: datetime) -> None:
            row = tx.row(id)
            if row:
                intake.handle_input(self.world, tx, row, said, now)

        node.transact(step)


class _Round:
    """One sweep's lost calls, opened one after the other; only when all are does the sweep count as done."""

    def __init__(self, sweeper: Sweeper, node: Node, lost: list[CarrierCall], through: datetime) -> None:
        self._sweeper, self._node, self._lost, self._through = sweeper, node, lost, through
        self._failed = False

    def open_next(self, written: bool) -> None:
        self._failed = self._failed or not written
        if self._lost:
            self._sweeper.open(self._node, self._lost.pop(0), self.open_next)
        elif not self._failed:
            self._node.notes(THROUGH, self._through)


def _carries(box: Box, key: str, callback: Callback, row: Row) -> bool:
    """Whether the customer was dialled on this call: one made for it, or the page on which 3 was pressed."""
    if box.kind == OutboxKind.BRIDGE:
        return bool(box.payload.get("callback") == key)
    page = row.it.pages.get(box.payload.get("page", ""))
    proven = callback.accepted_at == callback.requested_at
    return proven and page is not None and page.person == callback.by and page.key == "3"
