"""Technicians and supervisors of a night: awake or not, quick or slow, willing or not; what they send and press."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from callbacks.delivery.outbox_row import OutboxKind
from callbacks.lib.sentence import Language
from callbacks.oncall.roster import Every, Roster, Rotation, Supervisor, Technician, Turns, Unit
from callbacks.simulation.carrier import Leg, Sent
from callbacks.simulation.desk import Desk
from callbacks.simulation.faults import Chance
from callbacks.simulation.world import MINUTE, SECOND

if TYPE_CHECKING:
    from callbacks.simulation.world import World

# How people are, and how many of a hundred are so; modelled, not measured.
MANNERS = (
    (26, "calls"),
    (18, "takes then calls"),
    (9, "own phone"),
    (14, "asleep"),
    (6, "passes"),
    (6, "stubborn"),
    (5, "confused"),
    (3, "stops texts"),
    (3, "dead phone"),
    (5, "mailbox"),
    (5, "tries in vain"),
)


@dataclass
class Person:
    """One of ours tonight. `meant`: what they truly said about which emergencies."""

    name: str
    number: str
    manner: str
    quickest: int
    slowest: int
    answers_calls: float
    confused: int = 0
    bare: bool = False
    stray: int = 0
    on_phone: bool = False
    meant: set[tuple[str, int]] = field(default_factory=set)
    done: set[int] = field(default_factory=set)
    said: Counter[tuple[str, int]] = field(default_factory=Counter)

    def delay(self, chance: Chance) -> int:
        return chance.spread(self.quickest, self.slowest)


class People:
    """Everybody on the roster, as this seed has them tonight."""

    def __init__(self, world: "World", desk: Desk, learned: "dict[str, Habits] | None" = None) -> None:
        self.world, self.desk, self.chance, self._texts = world, desk, world.people_chance, 0
        roster = world.plan.roster
        self.them = {p.name: self._person(p.name, p.phone, (learned or {}).get(p.name)) for p in roster.people}
        self._by_number = {p.number: p for p in self.them.values()}

    def _person(self, name: str, number: str, habits: "Habits | None") -> Person:
        chance = self.chance
        manner = chance.weighted(MANNERS)
        pace = chance.weighted(((55, (8, 120)), (30, (60, 420)), (15, (240, 1500))))
        answers = chance.weighted(((50, 0.9), (30, 0.6), (20, 0.2)))
        person = Person(name, number, manner, pace[0] * SECOND, pace[1] * SECOND, answers)
        return habits.over(person, chance) if habits else person

    def phone_is_dead(self, name: str) -> bool:
        return self.them[name].manner == "dead phone"

    # --- texts ---

    def reads(self, sent: Sent) -> None:
        """A text came; a sleeper hears none."""
        person = self.them[sent.box.person or ""]
        if person.manner in ("asleep", "mailbox", "dead phone"):
            return
        if sent.box.kind == OutboxKind.TEXT:
            return self._answered(person, sent)
        self.world.line.after(person.delay(self.chance), self._replies, person, sent)
        return None

    def _replies(self, person: Person, sent: Sent) -> None:
        """About the first emergency that the page names, unless they have it in hand."""
        for id in self.world.watch.carried(sent):
            if id not in person.done:
                return self._acts(person, id)
        return None

    def _acts(self, person: Person, id: int) -> None:
        code, manner, chance = self.world.store.emergencies[id].it.code, person.manner, self.chance
        if manner == "passes":
            return self._says(person, id, "pass", f"2 {code}")
        if manner == "confused" and person.confused < 2:
            person.confused += 1
            return self._text(person, chance.pick(("ok je regarde", "1 Z9", "??", "yes boss", "1!1")))
        if manner == "stops texts" and person.confused == 0:
            person.confused = 1
            self.world.carrier.opted_out.add(person.number)
            return self._text(person, chance.pick(("STOP", "END", "arrêt")))
        person.done.add(id)
        if manner == "calls":
            return self._says(person, id, "call", chance.pick((f"3 {code}", f"call {code}", f"{code} 3", "3")))
        self._says(person, id, "acknowledge", chance.pick((f"1 {code}", f"ok {code}", "1", f"1{code}")))
        if manner in ("takes then calls", "confused", "stops texts"):
            self._soon(person, id, "call", f"3 {code}")
        elif manner == "own phone":
            self._soon(person, id, "reached", f"4 {code}")
        elif manner == "tries in vain":
            self._soon(person, id, "no-answer", f"5 {code}")
        return None

    def _soon(self, person: Person, id: int, command: str, words: str) -> None:
        self.world.line.after(
            self.chance.spread(20 * SECOND, 12 * MINUTE), self._follows_up, person, id, command, words
        )

    def _follows_up(self, person: Person, id: int, command: str, words: str) -> None:
        e = self.world.store.emergencies[id].e if id in self.world.store.emergencies else None
        if e and e.owner in (None, person.name):
            self._says(person, id, command, words)

    def _answered(self, person: Person, sent: Sent) -> None:
        """A text that is no page: taken back or reminded, they may try after all; a callback that failed, again."""
        id, words = sent.box.emergency_id, sent.box.text or ""
        e = self.world.store.emergencies[id].it if id in self.world.store.emergencies else None
        if e is None or id is None or e.owner != person.name or person.manner == "stubborn":
            return
        if not e.callbacks and not e.declarations and self.chance.happens(0.4) and e.code in words:
            self._soon(person, id, "call", f"3 {e.code}")

    def _says(self, person: Person, id: int, command: str, words: str) -> None:
        person.meant.add((command, id))
        person.said[command, id] += 1
        person.bare = person.bare or len(words) == 1
        self._text(person, words)

    def _text(self, person: Person, words: str) -> None:
        if self.world.faults.strikes("inbound text lost"):
            return
        self._texts += 1
        sid = f"SM{self._texts:031x}i"
        self.world.network.report(self.desk.text, sid, person.number, words)

    def overhears(self, name: str) -> None:
        """Somebody whom nobody paged wants to take what they heard of, or somebody's phone number is forged."""
        rows = [row for row in self.world.store.emergencies.values() if row.is_open]
        if rows:
            person, row = self.them[name], self.chance.pick(rows)
            person.stray += 1
            person.meant.add(("acknowledge", row.id))
            self._text(person, f"{self.chance.pick(('1', '3', '2'))} {row.it.code}")

    # --- calls ---

    def answers(self, sent: Sent) -> tuple[str, int]:
        """(human, mailbox, busy or no-answer, after how long)."""
        person, chance = self.them[sent.box.person or ""], self.chance
        span = chance.between(3, 18) * SECOND
        if person.manner == "dead phone":
            return "no-answer", span
        if person.on_phone:
            return "busy", span
        if person.manner == "mailbox":
            return "mailbox", 20 * SECOND
        wakes = (
            0.35 if person.manner == "asleep" else 0.97 if sent.box.kind == OutboxKind.BRIDGE else person.answers_calls
        )
        if chance.happens(wakes):
            return "human", span
        return chance.weighted(((6, "no-answer"), (1, "busy"), (3, "mailbox"))), 20 * SECOND

    def presses(self, sent: Sent) -> tuple[str, int]:
        """(the key, after how long); "" for none."""
        person, chance = self.them[sent.box.person or ""], self.chance
        span = chance.between(6, 35) * SECOND
        if sent.box.kind == OutboxKind.BRIDGE:
            return ("1" if chance.happens(0.93) else ""), span
        id = sent.box.emergency_id or 0
        key = self._key(person)
        commands = {"1": "acknowledge", "2": "pass", "3": "call"}
        for each in self.world.watch.carried(sent)[:1]:
            id = each
        if key:
            person.meant.add((commands[key], id))
        if key == "1" and person.manner not in ("stubborn",) and id not in person.done:
            person.done.add(id)
            self._soon(person, id, "call", f"3 {self.world.store.emergencies[id].it.code}")
        return key, span

    def _key(self, person: Person) -> str:
        if person.manner == "passes":
            return "2"
        if person.manner in ("stubborn", "own phone", "takes then calls"):
            return "1"
        return self.chance.weighted(((4, "3"), (4, "1"), (1, "2"), (1, "")))

    def reports(self, leg: Leg) -> str:
        """The key after the call: the truth, mostly; a fool or a liar now and then; often none."""
        chance = self.chance
        if leg.joined is None:
            return ""
        if chance.happens(0.02):
            return "1" if not leg.is_human else "2"
        truth = "1" if leg.is_human and leg.seconds >= 8 else "3" if not leg.is_human else "2"
        return truth if chance.happens(0.75) else ""

    def after_callback(self, leg: Leg, key: str) -> None:
        """Spoken: mostly resolved soon. Not reached: perhaps another try."""
        person, id = self.them[leg.technician], leg.emergency_id
        row = self.world.store.emergencies.get(id)
        if row is None:
            return
        code = row.it.code
        if leg.is_human and leg.seconds >= 8:
            if self.chance.happens(0.85):
                line = self.world.line
                line.after(
                    self.chance.spread(30 * SECOND, 10 * MINUTE), self._says, person, id, "done", f"6 {code} redémarré"
                )
        elif self.chance.happens(0.5):
            self._soon(person, id, "call", f"3 {code}")


@dataclass(frozen=True)
class Habits:
    """What somebody's own past says: how long pages waited for their answer (seconds), and how often one came."""

    answered_after: tuple[int, ...]
    paged: int

    def over(self, person: Person, chance: Chance) -> Person:
        """The person tonight, drawn from their own past."""
        if not self.paged:
            return person
        if chance.below(self.paged) >= len(self.answered_after):
            person.manner = "asleep"
            return person
        if person.manner in ("asleep", "mailbox", "dead phone"):
            person.manner = "calls"
        after = max(1, chance.pick(self.answered_after)) * SECOND
        person.quickest, person.slowest = after, after
        return person


# Rosters of simulated nights: complete, with a gap, with phones that take only texts or only calls.

ZONE = "America/Toronto"
PEOPLE: tuple[Technician, ...] = (
    Technician("ana", "Ana Roy", "+15145550111", language=Language.FR),
    Technician("bob", "Bob Chen", "+15145550112"),
    Technician("cleo", "Cleo Martin", "+15145550113"),
)
SUPERVISORS: tuple[Supervisor, ...] = (
    Supervisor("sue", "Sue Tremblay", "+15145550199"),
    Supervisor("tom", "Tom Lee", "+15145550198", language=Language.FR),
)


def drawn(chance: Chance) -> Roster:
    """One of a few, mostly the whole one."""
    return made(
        chance.weighted(
            ((14, "whole"), (2, "gap"), (1, "texts only"), (1, "calls only"), (1, "one supervisor"), (1, "nobody"))
        )
    )


@cache
def made(kind: str) -> Roster:
    people, supervisors = PEOPLE, SUPERVISORS
    if kind == "texts only":
        people = tuple(replace(p, voice=False) for p in people)
    if kind == "calls only":
        people = tuple(replace(p, sms=False) for p in people)
    if kind == "one supervisor":
        supervisors = supervisors[:1]
    if kind == "nobody":
        return Roster(ZONE, people, supervisors, ())
    starts = datetime(2040, 1, 1) if kind == "gap" else datetime(2026, 1, 5, 9)
    turns = (
        Rotation("primary", ("ana", "bob", "cleo"), Every(1, Unit.WEEKS), Turns.CALENDAR, starts, ZONE),
        Rotation("backup", ("bob", "cleo", "ana"), Every(1, Unit.WEEKS), Turns.CALENDAR, datetime(2026, 1, 5, 9), ZONE),
    )
    return Roster(ZONE, people, supervisors, turns)
