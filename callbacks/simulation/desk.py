"""What our webhooks do, without HTTP: each handler is one transaction; what it returns goes to the carrier."""

from collections.abc import Callable
from datetime import datetime, timedelta

from callbacks.delivery import code_guessing
from callbacks.delivery.delivery_policy import RANKS
from callbacks.delivery.outbox_row import PAGES
from callbacks.emergency.decide import Decision, dialled_by_key
from callbacks.emergency.inputs import (
    AfterCallKey,
    Call,
    CallOver,
    Command,
    Commanded,
    CustomerDetected,
    CustomerLeg,
    CustomerSaid,
    DialOver,
    Input,
    Meaning,
    MessageAbsent,
    MessageEnded,
    Opening,
    PageKey,
    PageReported,
    TechnicianKey,
    TechnicianLeg,
)
from callbacks.emergency.model import AnsweredBy, Sign, Via
from callbacks.lib.phone import why_not_dialled
from callbacks.lib.sentence import Language
from callbacks.messages import wording
from callbacks.messages.replies import CODE_LIVES, Candidate
from callbacks.oncall.coverage import Contact
from callbacks.oncall.roster import Role
from callbacks.simulation import intake
from callbacks.simulation.store import Box, Row, Seen, Transaction
from callbacks.simulation.world import World

LATELY = timedelta(hours=4)
MOST_PASSIVE = 25
Answer = tuple[str, str | None]  # what the document says: ask, dial, bye or gone; and which callback is dialled
GONE: Answer = ("gone", None)


class Desk:
    """Every handler: (transaction, now, what the request says) → the document, if the carrier waits for one."""

    def __init__(self, world: World) -> None:
        self.world = world

    # --- the customer's call ---

    def call_began(self, tx: Transaction, now: datetime, sid: str, number: str) -> None:
        if tx.is_new("voice", sid) and tx.call(sid) is None:
            tx.add(self.world.store.seen, sid, Seen(sid, number, now))

    def message_ended(
        self, tx: Transaction, now: datetime, sid: str, number: str, recording: str | None, length: int, choice: str
    ) -> None:
        def make(call: Call, opening: Opening | None) -> MessageEnded | MessageAbsent:
            if recording is None:
                return MessageAbsent(at=now, call=call, opening=opening, sign=Sign.ACTION, why="silent")
            return MessageEnded(
                at=now, call=call, opening=opening, sign=Sign.ACTION, recording_sid=recording, seconds=length
            )

        self._sign(tx, now, f"action {recording}", sid, number, make, choice)

    def recording_reported(
        self, tx: Transaction, now: datetime, sid: str, recording: str | None, began: datetime, length: int
    ) -> None:
        def make(call: Call, opening: Opening | None) -> MessageEnded | MessageAbsent:
            if recording is None:
                return MessageAbsent(at=now, call=call, opening=opening, sign=Sign.RECORDING, why="too-short")
            at = min(began + timedelta(seconds=length), now)
            return MessageEnded(
                at=at,
                call=call,
                opening=opening,
                sign=Sign.RECORDING,
                recording_sid=recording,
                seconds=length,
                carrier_timed=True,
                ready=True,
            )

        self._sign(tx, now, f"recording {recording}", sid, None, make)

    def call_ended(self, tx: Transaction, now: datetime, sid: str, number: str, at: datetime, length: int) -> None:
        def make(call: Call, opening: Opening | None) -> CallOver:
            return CallOver(at=at, call=call, opening=opening, sign=Sign.ENDED, status="completed", seconds=length)

        self._sign(tx, now, "ended", sid, number, make, "", at - timedelta(seconds=length))

    def _sign(
        self,
        tx: Transaction,
        now: datetime,
        source: str,
        sid: str,
        number: str | None,
        make: Callable[[Call, Opening | None], MessageEnded | MessageAbsent | CallOver],
        choice: str = "",
        began: datetime | None = None,
    ) -> None:
        if not tx.is_new(source, sid):
            return
        seen = tx.call(sid)
        if seen is None and number is not None:
            seen = Seen(sid, number, min(began or now, now))
            tx.add(self.world.store.seen, sid, seen)
        if seen and choice:
            seen.choice = seen.choice or choice
        raw = number if number is not None else seen.number if seen else None
        withheld = raw == ""
        started = seen.started_at if seen and seen.started_at else min(began or now, now)
        call = Call(sid, raw or None, withheld, started, Language.EN)
        intake.open_call(self.world, tx, sid, lambda opening: make(call, opening), now)

    # --- our own calls and texts ---

    def status(
        self, tx: Transaction, now: datetime, box_id: str, sid: str, status: str, code: int | None = None
    ) -> None:
        """A status report of a text or call of ours, about every page that it carried."""
        leader = tx.box(box_id)
        if leader is None or not tx.is_new("status", f"{sid}:{status}"):
            return
        seen = tx.call(sid)
        if not self.world.rules.moves_on(seen.rank if seen else None, status):
            return
        if seen is None:
            seen = Seen(sid)
            tx.add(self.world.store.seen, sid, seen)
        seen.rank = RANKS.get(status, 0)
        heard = False
        for box in self._members(tx, leader):
            if box is leader or not (heard and status == "completed"):
                self._tell(tx, now, box, status, code)
                heard = heard or (box is leader and self._has_key(tx, box))

    def _members(self, tx: Transaction, leader: Box) -> list[Box]:
        rest = [b.id for b in self.world.store.boxes.values() if b.bundle == leader.id and b.id != leader.id]
        return [leader, *(box for id in rest if (box := tx.box(id)))]

    def _has_key(self, tx: Transaction, box: Box) -> bool:
        row = tx.row(box.emergency_id)
        page = row.it.pages.get(box.payload.get("page", "")) if row else None
        return page is not None and page.key is not None

    def _tell(self, tx: Transaction, now: datetime, box: Box, status: str, code: int | None) -> None:
        row = tx.row(box.emergency_id)
        if row and "page" in box.payload:
            intake.handle_input(
                self.world, tx, row, PageReported(at=now, page=box.payload["page"], status=status, code=code), now
            )
        elif row and "callback" in box.payload:
            intake.handle_input(
                self.world, tx, row, TechnicianLeg(at=now, callback=box.payload["callback"], status=status), now
            )

    def answered(self, tx: Transaction, now: datetime, box_id: str) -> Answer:
        """Our call to a technician was answered, by whatever."""
        box = self.world.store.boxes.get(box_id)
        return ("ask", None) if box and box.emergency_id in self.world.store.emergencies else GONE

    def page_key(self, tx: Transaction, now: datetime, box_id: str, key: str) -> Answer:
        box = tx.box(box_id)
        row = tx.row(box.emergency_id) if box else None
        if box is None or row is None or "page" not in box.payload:
            return GONE
        decision = intake.handle_input(self.world, tx, row, PageKey(at=now, page=box.payload["page"], key=key), now)
        said = decision.answer
        if said is None:
            return GONE
        callback = said.facts.get("callback")
        if said.about == "callback-under-way":
            callback = dialled_by_key(row.it, box.person, now)
        if said.about in ("calling", "callback-under-way") and callback:
            return self._dial(row, callback)
        return ("ask", None) if said.about in ("acknowledged", "already-yours") else ("bye", None)

    def bridge_key(self, tx: Transaction, now: datetime, box_id: str, key: str) -> Answer:
        box = tx.box(box_id)
        row = tx.row(box.emergency_id) if box else None
        if box is None or row is None:
            return GONE
        name = box.payload["callback"]
        intake.handle_input(self.world, tx, row, TechnicianKey(at=now, callback=name, key=key), now)
        callback = row.it.callbacks.get(name)
        is_on = callback and callback.accepted_at and not callback.ended_at
        return self._dial(row, name) if is_on else ("bye", None)

    def _dial(self, row: Row, callback: str) -> Answer:
        if row.it.number is None or why_not_dialled(row.it.number, row.it.terms.bridge_prefixes):
            return ("bye", None)
        return ("dial", callback)

    def leg(
        self, tx: Transaction, now: datetime, id: int, callback: str, status: str, length: int, at: datetime
    ) -> None:
        self._about(
            tx, now, id, f"leg {status}", callback, CustomerLeg(at=at, callback=callback, status=status, seconds=length)
        )

    def machine(self, tx: Transaction, now: datetime, id: int, callback: str, answered_by: AnsweredBy) -> None:
        self._about(
            tx,
            now,
            id,
            "machine",
            callback,
            CustomerDetected(at=now, callback=callback, answered_by=answered_by),
        )

    def dial_over(
        self,
        tx: Transaction,
        now: datetime,
        id: int,
        callback: str,
        status: str,
        bridged: bool,
        length: int,
        at: datetime,
    ) -> bool:
        said = DialOver(at=at, callback=callback, status=status, bridged=bridged, seconds=length)
        self._about(tx, now, id, "dial", callback, said)
        return bridged

    def after_key(self, tx: Transaction, now: datetime, id: int, callback: str, key: str) -> None:
        self._about(tx, now, id, f"after {key}", callback, AfterCallKey(at=now, callback=callback, key=key))

    def _about(self, tx: Transaction, now: datetime, id: int, source: str, callback: str, said: Input) -> None:
        row = tx.row(id)
        if tx.is_new(source, f"{id} {callback}") and row:
            intake.handle_input(self.world, tx, row, said, now)

    # --- texts ---

    def text(self, tx: Transaction, now: datetime, sid: str, number: str, words: str) -> None:
        if not tx.is_new("sms", sid):
            return
        duty = self.world.duty(tx)
        person = duty.roster.person_by_phone(number)
        contact = duty.contact(person.name) if person else None
        if contact is None:
            return self._customer_text(tx, now, number, words)
        candidates = self._candidates(contact, now)
        in_use = {r.it.code for r in self.world.store.emergencies.values()}
        reply = self.world.rules.read_reply(words, {c.code for c in candidates}, in_use)
        where = self.world.rules.route(reply, contact.name, candidates)
        to = where.to
        if where.ask == "unknown-code":
            for whom in () if self._blocked_until(tx, contact.name, now) else (contact.name, ""):
                tx.note(f"wrong codes {whom}", (*self._wrong_codes(tx, whom), now))
            rows = self.world.store.emergencies.values()
            to = next((r.id for r in rows if r.it.code == reply.code and r.is_open), None)
        if to is None:
            return self._generally(tx, now, contact, where.ask or "")
        row = tx.row(to)
        assert row is not None
        said = Commanded(
            at=now,
            by=contact.name,
            role=contact.role,
            command=Command(reply.command),
            via=Via.SMS,
            words=reply.words,
            priority=reply.priority,
            can_talk=contact.takes_calls,
            takes_texts=contact.takes_texts,
            with_code=reply.code is not None,
            blocked_until=self._blocked_until(tx, contact.name, now),
        )
        self._say(tx, now, contact, row, intake.handle_input(self.world, tx, row, said, now))
        return None

    def _wrong_codes(self, tx: Transaction, whom: str) -> tuple[datetime, ...]:
        """When texts with wrong codes came from this person; "" for everybody's."""
        return tx.added(self.world.store.facts, f"wrong codes {whom}") or ()

    def _blocked_until(self, tx: Transaction, name: str, now: datetime) -> datetime | None:
        limits = ((name, code_guessing.MOST_WRONG), ("", code_guessing.MOST_WRONG_IN_ALL))
        found = [code_guessing.blocked_until(self._wrong_codes(tx, whom), most, now) for whom, most in limits]
        return max((until for until in found if until), default=None)

    def _candidates(self, contact: Contact, now: datetime) -> list[Candidate]:
        boxes = [b for b in self.world.store.boxes.values() if b.person == contact.name]
        contacted = {b.emergency_id for b in boxes}
        paged = {b.emergency_id for b in boxes if b.kind in PAGES}
        found = []
        for id, row in reversed(self.world.store.emergencies.items()):
            e = row.it
            theirs = id in contacted and (row.is_open or e.opened_at > now - CODE_LIVES)
            if theirs or (contact.role == Role.SUPERVISOR and row.is_open):
                lately = not row.is_open and row.resolved_at is not None and row.resolved_at > now - LATELY
                assert row.due_at is not None
                found.append(
                    Candidate(
                        id=id,
                        code=e.code,
                        owner=e.owner,
                        is_open=row.is_open,
                        is_resolved=row.resolved_at is not None,
                        is_paged=id in paged,
                        due_at=row.due_at,
                        opened_at=e.opened_at,
                        lately=lately,
                    )
                )
        return found

    def _generally(self, tx: Transaction, now: datetime, contact: Contact, ask: str) -> None:
        duty = self.world.duty(tx)
        if ask == "opt-out":
            return intake.texts_stop(self.world, tx, contact.name, None, now)
        if ask == "opt-in" and intake.texts_start(self.world, tx, contact.name):
            return
        ask = "unclear" if ask == "opt-in" else ask
        if ask in ("unclear", "no-open"):
            tx.note(f"passive {contact.name}", (tx.added(self.world.store.facts, f"passive {contact.name}") or 0) + 1)
            if tx.added(self.world.store.facts, f"passive {contact.name}") > MOST_PASSIVE:
                return
        intake.answer(self.world, tx, duty, contact.name, wording.general("unclear", contact.language), now)

    def _say(self, tx: Transaction, now: datetime, contact: Contact, row: Row, decision: Decision) -> None:
        duty, e, said = self.world.duty(tx), row.it, decision.answer
        assert said is not None
        words = wording.answer(said, e, contact.language, duty.roster.timezone, now, e.owner or "")
        intake.answer(self.world, tx, duty, contact.name, words, now)
        tx.note(f"passive {contact.name}", 0)

    def _customer_text(self, tx: Transaction, now: datetime, number: str, words: str) -> None:
        said = self.world.rules.read_customer(words)
        mine = [r for r in reversed(self.world.store.emergencies.values()) if r.it.number == number]
        if said.meaning in (Meaning.YES, Meaning.NO):
            asked = [r for r in mine if r.it.reached_asked_at]
            mine = sorted(asked, key=lambda r: r.it.reached_asked_at or now, reverse=True) or mine
        else:
            mine = [r for r in mine if r.is_open] or mine
        if not mine or said.meaning in (Meaning.OPT_OUT, Meaning.OPT_IN, Meaning.CARRIER_HELP):
            return
        row = tx.row(mine[0].id)
        assert row is not None
        drawn = str(100 + self.world.codes.below(900))
        text = CustomerSaid(at=now, meaning=said.meaning, words=said.words, digits=said.digits, drawn=drawn)
        intake.handle_input(self.world, tx, row, text, now)
