"""Customers of a night: who calls and when, what they leave, whether they answer, what they text."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from callbacks.simulation.carrier import Inbound, Leg, Sent
from callbacks.simulation.desk import Desk
from callbacks.simulation.faults import Chance
from callbacks.simulation.world import MILLISECOND, MINUTE, SECOND

if TYPE_CHECKING:
    from callbacks.simulation.world import World

LONGEST = 300


@dataclass
class Customer:
    """One caller. `answers`: what their phone does when we call back, mostly."""

    number: str
    answers: str
    withheld: bool
    replies: bool
    spoke: list[Leg] = field(default_factory=list)
    asked: bool = False


class Customers:
    """Everybody who calls tonight."""

    def __init__(self, world: "World", desk: Desk) -> None:
        self.world, self.desk = world, desk
        self.chance, self.people = world.chance, Chance(world.plan.seed, "customers")
        self.them: dict[str, Customer] = {}
        self._calls = self._texts = 0

    def plan(self, many: int, within: int) -> None:
        """The night's calls, within so many microseconds."""
        for n in range(many):
            answers = self.people.weighted(
                ((70, "human"), (12, "no-answer"), (10, "mailbox"), (4, "busy"), (4, "failed"))
            )
            customer = Customer(f"+1514555{2000 + n}", answers, self.chance.happens(0.06), self.people.happens(0.5))
            self.them[customer.number] = customer
            self.world.line.at(self.chance.below(within), self.calls, customer)

    # --- calling us ---

    def calls(self, customer: Customer) -> None:
        chance, line = self.chance, self.world.line
        self._calls += 1
        sid = f"CA{self._calls:031x}i"
        blind = (
            self.world.faults.chance.spread(MILLISECOND, 60 * SECOND) if self.world.faults.strikes("list blind") else 0
        )
        number = "" if customer.withheld else customer.number
        call = Inbound(sid, number, line.now, line.now + blind)
        self.world.carrier.inbound.append(call)
        self.world.watch.called(call)
        self.world.network.report(self.desk.call_began, sid, number)
        what = chance.weighted(((74, "message"), (12, "hangs up"), (7, "silent"), (7, "too short")))
        greeting = chance.between(4, 25) * SECOND if what == "hangs up" else chance.between(12, 40) * SECOND
        length = {"message": chance.spread(3, LONGEST), "hangs up": 0, "silent": 5, "too short": 1}[what]
        choice = "wait" if chance.happens(0.05) else ""
        line.after(greeting + length * SECOND, self._hangs_up, call, what, length, choice)
        if chance.happens(0.12):
            line.after(chance.spread(MINUTE, 25 * MINUTE), self._calls_again, customer)

    def _calls_again(self, customer: Customer) -> None:
        if self.world.faults.stormy and not any(leg.is_human and leg.seconds > 20 for leg in customer.spoke):
            self.calls(customer)

    def _hangs_up(self, call: Inbound, what: str, length: int, choice: str) -> None:
        line, network, desk, chance = self.world.line, self.world.network, self.desk, self.chance
        call.ended = line.now
        recording = f"RE{self._calls:03x}{call.sid[2:31]}" if what == "message" else None
        ready = line.now + chance.spread(SECOND, 30 * SECOND)
        if what == "message":
            call.recording = (recording or "", length, ready)
        if what != "hangs up":
            network.report(desk.message_ended, call.sid, call.number, recording, length, choice)
            began = line.instant(line.now - length * SECOND)
            line.at(ready, network.report, desk.recording_reported, call.sid, recording, began, length)
        at = line.instant(line.now - line.now % SECOND)
        lasted, soon = (line.now - call.began) // SECOND, chance.spread(100 * MILLISECOND, 3 * SECOND)
        line.after(soon, network.report, desk.call_ended, call.sid, call.number, at, lasted)

    # --- being called back ---

    def answers(self, id: int) -> tuple[str, int]:
        """(human, mailbox, no-answer, busy or failed; after how long)."""
        customer, chance = self.of(id), self.people
        span = chance.between(2, 18) * SECOND
        if customer is None:
            return "failed", span
        usual = customer.answers if chance.happens(0.8) else chance.pick(("human", "no-answer", "mailbox"))
        return usual, span

    def talks_for(self, id: int, is_human: bool) -> int:
        chance = self.people
        if not is_human:
            return chance.between(4, 40) * SECOND
        return (chance.spread(3, 28) if chance.happens(0.15) else chance.spread(30, 600)) * SECOND

    def of(self, id: int) -> Customer | None:
        row = self.world.store.emergencies.get(id)
        return self.them.get(row.it.number or "") if row else None

    def spoke(self, leg: Leg) -> None:
        customer = self.of(leg.emergency_id)
        if customer and leg.is_human:
            customer.spoke.append(leg)

    # --- texts ---

    def reads(self, sent: Sent) -> None:
        customer, chance = self.them.get(sent.box.number or ""), self.people
        if customer is None or not customer.replies:
            return
        about = sent.box.payload.get("about")
        if about == "reached" and not customer.asked:
            customer.asked = True
            truth = "1" if chance.happens(0.8) else "2"
            self.world.line.after(chance.spread(10 * SECOND, 10 * MINUTE), self._text, customer, truth)
        elif about == "receipt" and chance.happens(0.12):
            words = chance.pick(("it is the mail server", "RETIRER", "withdraw", "merci", "Withdraw? No"))
            self.world.line.after(chance.spread(10 * SECOND, 20 * MINUTE), self._text, customer, words)

        elif about == "confirm-withdrawal" and chance.happens(0.8):
            words = (sent.box.text or "").rpartition("reply ")[2]
            self.world.line.after(chance.spread(10 * SECOND, 5 * MINUTE), self._text, customer, words)

    def _text(self, customer: Customer, words: str) -> None:
        self._texts += 1
        self.world.network.report(self.desk.text, f"SM{self._texts:031x}c", customer.number, words)
