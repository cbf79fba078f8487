"""The sender of a simulated node: claims, sends and settles as `engine/delivery/` does,
by the same rules (`delivery_policy.py`, `batching.py`)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from callbacks.delivery.delivery_policy import (
    LEASE,
    LOOK_AGAIN,
    NO_TEXTS,
    SETTLE_AFTER_ERROR,
    SHORTEST_VALID,
    SKEW,
    AfterFailure,
    AfterLookUp,
)
from callbacks.delivery.outbox_row import (
    CALLS,
    PAGES,
    TEXTS_TO_PEOPLE,
    WAITING,
    About,
    Lane,
    OutboxKind,
    OutboxState,
    kinds_of,
)
from callbacks.emergency.inputs import (
    CallerLearned,
    Input,
    PageAccepted,
    PageRefused,
    RecordingFetched,
    RecordingLost,
    TechnicianLeg,
)
from callbacks.emergency.model import Fault
from callbacks.lib.gsm import MOST_SEGMENTS, segments
from callbacks.messages import wording
from callbacks.simulation import intake
from callbacks.simulation.nodes import Node
from callbacks.simulation.store import Box, Transaction
from callbacks.simulation.world import World
from callbacks.telephony.gateway import CarrierError

STORM_SPAN = timedelta(minutes=1)
STORM_SIZE = 10
WAIT_IN_STORM = timedelta(seconds=30)
PAGES_FIRST = timedelta(seconds=0.25)
SEGMENT = timedelta(seconds=1)
LONGEST_BUSY = timedelta(minutes=1)
Bundle = list[Box]
Facts = Callable[[Box, datetime], list[Input]]


class Sender:
    """Carries out what is due, for any node."""

    def __init__(self, world: World) -> None:
        self.world = world

    def work(self, node: Node) -> None:
        now = node.now()
        due = {box.kind for box in self.world.store.live.values() if self.due(box, now)}
        for lane in Lane if due else ():
            if not due.isdisjoint(kinds_of(lane)):
                node.transact(partial(self._claim, node, lane), partial(self._send_all, node))

    # --- claiming ---

    def due(self, box: Box, now: datetime) -> bool:
        if box.state != OutboxState.CLAIMED:
            return box.due_at <= now
        return box.lease_until is not None and box.lease_until <= now and not self.world.is_held(box)

    def _claim(self, node: Node, lane: Lane, tx: Transaction, now: datetime) -> list[Bundle]:
        due = sorted(
            (b for b in self.world.store.live.values() if b.kind in kinds_of(lane) and self.due(b, now)), key=_order
        )
        if lane is Lane.TEXTS:
            due = self._next_text(tx, due, now)
        is_pages = lane is Lane.PAGES
        bundles = self._pages(node, tx, due, now) if is_pages else [[box] for b in due if (box := tx.box(b.id))]
        if is_pages or (bundles and lane is Lane.TEXTS):
            self._take_line(tx, [bundle[0] for bundle in bundles if bundle[0].kind != OutboxKind.PAGE_CALL], now)
        for bundle in bundles:
            for box in bundle:
                self.take(box, bundle[0] if is_pages else None, node.name, now)
            self.world.watch.claimed(bundle, now)
        return bundles

    def take(self, box: Box, leader: Box | None, owner: str, now: datetime) -> None:
        """Claimed; what was claimed before and ran out may have been carried out."""
        if box.state == OutboxState.CLAIMED:
            box.absent_from = now
        box.state, box.owner, box.lease_until = OutboxState.CLAIMED, owner, now + LEASE
        box.bundle = leader.id if leader else box.bundle
        box.fence, box.attempts = box.fence + 1, box.attempts + 1

    def _is_storm(self, now: datetime) -> bool:
        lately = sum(row.it.opened_at > now - STORM_SPAN for row in self.world.store.emergencies.values())
        return lately >= STORM_SIZE

    def _next_text(self, tx: Transaction, due: Bundle, now: datetime) -> Bundle:
        """One, when the line is free and no page is due; answers first. The others wait."""
        if self._is_storm(now):
            due = [box for box in due if not self._put_off(tx, box, now)]
        free_at = self._busy_until(tx, now)
        if any(box.kind in PAGES and self.due(box, now) for box in self.world.store.live.values()):
            free_at = max(free_at, now + PAGES_FIRST)
        due.sort(key=lambda b: b.kind != OutboxKind.TEXT)
        first = due[:1] if free_at <= now else []
        until = max(free_at, now + SEGMENT)
        for box in due[len(first) :]:
            self._wait(tx, box, until)
        return first

    def _wait(self, tx: Transaction, found: Box, until: datetime) -> None:
        box = tx.box(found.id) if found.state != OutboxState.CLAIMED else None
        if box:
            box.due_at = until

    def _take_line(self, tx: Transaction, boxes: Bundle, now: datetime) -> None:
        size = sum(MOST_SEGMENTS if box.payload.get("link") else segments(box.text or "") for box in boxes)
        if size:
            tx.note("line", self._busy_until(tx, now) + size * SEGMENT)

    def _busy_until(self, tx: Transaction, now: datetime) -> datetime:
        at: datetime = tx.added(self.world.store.facts, "line") or now
        return at if now < at <= now + LONGEST_BUSY else now

    def _put_off(self, tx: Transaction, found: Box, now: datetime) -> bool:
        waits = found.payload.get("about") in tuple(About) and found.state == OutboxState.QUEUED
        box = tx.box(found.id) if waits else None
        if box:
            box.due_at = now + WAIT_IN_STORM
        return box is not None

    def _pages(self, node: Node, tx: Transaction, due: Bundle, now: datetime) -> list[Bundle]:
        """Each person's pages, put together and held back as the policy says."""
        rows, rules = self.world.store.emergencies, self.world.rules
        due.sort(key=lambda b: (rows[b.emergency_id or 0].due_at, b.created_at))
        ranked = rules.one_per_caller_first((box, rows[box.emergency_id or 0].it.number) for box in due)
        uncovered = {b.id for b in due if rows[b.emergency_id or 0].it.first_page_at is None}
        found: list[Bundle] = []
        for person in dict.fromkeys(box.person for box in ranked):
            if self._is_busy(person, now):
                continue
            mine = [box for b in ranked if b.person == person and (box := tx.box(b.id))]
            bundles = rules.put_together(mine, uncovered, now)
            departed = self._recent_sends(person, now - timedelta(minutes=2))
            limit = self.world.policy.limits.pages_per_technician_per_minute
            going, held = rules.leaving(bundles, departed, now, limit)
            for bundle, until in held:
                for box in bundle:
                    self.hold_back(box, now, until)
            found += going
        for bundle in found:
            self._put_together(tx, bundle)
        return found

    def hold_back(self, box: Box, now: datetime, until: datetime) -> None:
        """Put off, never dropped."""
        if box.expires_at:
            box.expires_at += until - now
        box.due_at = until
        if box.state == OutboxState.CLAIMED:
            box.state, box.owner, box.lease_until, box.absent_from = OutboxState.AMBIGUOUS, None, None, now

    def _is_busy(self, person: str | None, now: datetime) -> bool:
        live = self.world.store.live.values()
        mine = (b for b in live if b.person == person and b.kind in PAGES and b.state == OutboxState.CLAIMED)
        return any(self.world.is_held(b) or (b.lease_until and b.lease_until > now) for b in mine)

    def _recent_sends(self, person: str | None, since: datetime) -> list[tuple[datetime, int]]:
        left: dict[str | None, tuple[datetime, int]] = {}
        for box in self.world.store.boxes.values():
            if box.person == person and box.kind in PAGES and box.sent_at and box.sent_at > since:
                at, size = left.get(box.sid, (box.sent_at, 0))
                left[box.sid] = (max(at, box.sent_at), size + 1)
        return sorted(left.values())

    def _put_together(self, tx: Transaction, bundle: Bundle) -> None:
        first = bundle[0]
        alone = len(bundle) == 1
        if first.kind != OutboxKind.PAGE or first.absent_from or (alone and first.attempts == 0):
            return
        found = [self.world.store.emergencies[b.emergency_id or 0].it for b in bundle]
        duty = self.world.duty(tx)
        contact = duty.contact(first.person or "")
        language, zone = contact.language if contact else "en", duty.roster.timezone
        first.text = wording.page(found[0], language, zone) if alone else wording.bundle(found, language, zone)

    # --- sending ---

    def _send_all(self, node: Node, bundles: list[Bundle]) -> None:
        for bundle in bundles:
            node.hand.update(box.id for box in bundle)
            self._send(node, bundle)

    def _send(self, node: Node, bundle: Bundle) -> None:
        box, carrier = bundle[0], self.world.carrier
        if box.kind in (OutboxKind.FETCH, OutboxKind.LOOK_UP):
            return self._read(node, bundle)
        if box.kind == OutboxKind.ALARM:
            carrier.alarms.append(box.text or "")
            return self._settle(node, bundle, _nothing, state=OutboxState.DONE)
        if box.absent_from and not self._goes_out(node, bundle):
            return None
        if box.expires_at and node.now() >= box.expires_at:
            return self._give_up(node, bundle, Fault.EXPIRED, None)
        left = (box.expires_at - node.now()).total_seconds() if box.expires_at else 600
        valid = max(SHORTEST_VALID, int(left))
        is_call = box.kind in CALLS
        ask = partial(carrier.start_call if is_call else carrier.send_text, box, valid)
        return carrier.request(node, ask, partial(self._answered, node, bundle))

    def _goes_out(self, node: Node, bundle: Bundle) -> bool:
        """Whether an ambiguous send is to be made again."""
        box, rules = bundle[0], self.world.rules
        assert box.absent_from is not None
        try:
            sid = self.world.carrier.find(node, box, box.created_at - SKEW)
        except CarrierError:
            sid = None
        crossing = sid is not None and self._another_is_on_its_way(box)
        move = rules.after_look_up(box.kind, sid, node.now(), box.absent_from, crossing)
        if move == AfterLookUp.ADOPT:
            self.world.watch.sometimes("look-up adopted")
            self._sent(node, bundle, sid or "")
        elif move == AfterLookUp.LOOK_AGAIN:
            self._settle(node, bundle, _nothing, state=OutboxState.AMBIGUOUS, due_at=node.now() + LOOK_AGAIN)
        elif move == AfterLookUp.GIVE_UP:
            self._give_up(node, bundle, Fault.FAILED, None)
        else:
            self.world.watch.sometimes("sent again after look-up")
        return bool(move == "send")

    def _another_is_on_its_way(self, box: Box) -> bool:
        lead = box.bundle or box.id
        placing = (
            b for b in self.world.store.live.values() if b.state == OutboxState.CLAIMED and b.number == box.number
        )
        return box.kind in CALLS and any(
            b.kind in CALLS and not b.absent_from and (b.bundle or b.id) != lead for b in placing
        )

    def _answered(self, node: Node, bundle: Bundle, answer: str | CarrierError) -> None:
        if isinstance(answer, CarrierError):
            return self.failed(node, bundle, answer)
        return self._sent(node, bundle, answer)

    def failed(self, node: Node, bundle: Bundle, error: CarrierError) -> None:
        move = self.world.rules.after_failure(bundle[0].kind, error)
        if move == AfterFailure.GIVE_UP:
            return self._give_up(node, bundle, Fault.REFUSED, error.code)
        if move == AfterFailure.ASK:
            absent = self.world.rules.absent_from(bundle[0].kind, error, node.now())
            due = node.now() + SETTLE_AFTER_ERROR
            return self._settle(node, bundle, _nothing, state=OutboxState.AMBIGUOUS, due_at=due, absent_from=absent)
        return self._later(node, bundle)

    def _read(self, node: Node, bundle: Bundle) -> None:
        box, carrier, now = bundle[0], self.world.carrier, node.now()
        try:
            if box.kind == OutboxKind.LOOK_UP:
                call = carrier.fetch_call(node, box.payload["call_sid"])
                said: Input = CallerLearned(
                    at=now,
                    number=call.from_number or None,
                    withheld=not call.from_number,
                    call_started_at=call.started_at,
                )
            else:
                said = carrier.fetch_audio(node, box.payload["recording_sid"], now)
        except CarrierError as error:
            if not error.refused or box.kind == OutboxKind.LOOK_UP:
                return self._later(node, bundle)
            said = RecordingLost(at=now, recording_sid=box.payload["recording_sid"], why="gone")
        assert isinstance(said, CallerLearned | RecordingFetched | RecordingLost)
        return self._settle(node, bundle, lambda b, at: [said], state=OutboxState.DONE)

    # --- settling ---

    def _sent(self, node: Node, bundle: Bundle, sid: str) -> None:
        now = node.now()

        def facts(box: Box, at: datetime) -> list[Input]:
            page = box.payload.get("page")
            return [PageAccepted(at=now, page=page, sid=sid)] if page else []

        self._settle(node, bundle, facts, state=OutboxState.SENT, sid=sid, sent_at=now)

    def _give_up(self, node: Node, bundle: Bundle, why: Fault, code: int | None) -> None:
        name = bundle[0].person
        if code in NO_TEXTS and bundle[0].kind in TEXTS_TO_PEOPLE and name:
            refused = {box.emergency_id for box in bundle if box.kind == OutboxKind.PAGE}
            node.transact(lambda tx, now: intake.texts_stop(self.world, tx, name, code, now, refused))

        def facts(box: Box, at: datetime) -> list[Input]:
            if "page" in box.payload:
                return [PageRefused(at=at, page=box.payload["page"], why=why, code=code)]
            if "callback" in box.payload:
                return [TechnicianLeg(at=at, callback=box.payload["callback"], status="failed")]
            return []

        self._settle(node, bundle, facts, state=OutboxState.FAILED, error=why)

    def _later(self, node: Node, bundle: Bundle) -> None:
        first = bundle[0]
        due = node.now() + self.world.rules.pause(first.kind, first.attempts)
        self._settle(
            node, bundle, _nothing, state=OutboxState.AMBIGUOUS if first.absent_from else OutboxState.QUEUED, due_at=due
        )

    def _settle(self, node: Node, bundle: Bundle, facts: Facts, **changes: Any) -> None:
        """Outcome and facts under the fence; when the database fails, `outcome.later` is what the engine tries."""
        held = [(box.id, box.fence) for box in bundle]
        step = partial(self._write, held, facts, changes)
        let_go = partial(self._let_go, node, bundle)
        again = changes.get("state") not in WAITING
        node.transact(step, let_go, partial(self._unwritten, node, bundle) if again else let_go)

    def _let_go(self, node: Node, bundle: Bundle, _: Any = None) -> None:
        node.hand.difference_update(box.id for box in bundle)

    def _unwritten(self, node: Node, bundle: Bundle) -> None:
        """The carrier answered, and that could not be written down."""
        self.world.watch.sometimes("outcome not written")
        if self.world.rules.after_surprise(bundle[0].kind) == AfterFailure.LATER:
            return node.later(1, self._later, node, bundle)
        now = node.now()
        due = now + self.world.rules.pause(bundle[0].kind, bundle[0].attempts)
        changes = {"state": OutboxState.AMBIGUOUS, "due_at": due, "absent_from": now}
        return node.later(1, partial(self._settle, node, bundle, _nothing, **changes))

    def is_ours(self, box: Box, fence: int) -> bool:
        return box.state == OutboxState.CLAIMED and box.fence == fence

    def _write(
        self, held: list[tuple[str, int]], facts: Facts, changes: dict[str, Any], tx: Transaction, now: datetime
    ) -> None:
        for id, fence in held:
            box = tx.box(id)
            if box is None or not self.is_ours(box, fence):
                self.world.watch.sometimes("zombie refused")
                continue
            self.world.watch.settled(box, fence)
            box.__dict__.update(changes, owner=None, lease_until=None)
            row = tx.row(box.emergency_id)
            for fact in facts(box, now) if row else ():
                assert row is not None
                intake.handle_input(self.world, tx, row, fact, now)


def _order(box: Box) -> tuple[datetime, datetime, int]:
    return (box.due_at, box.created_at, int(box.id[1:]))


def _nothing(box: Box, now: datetime) -> list[Input]:
    return []
