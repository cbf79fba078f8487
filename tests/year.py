"""A year of emergencies with every kind of end, made by the real core from a seed and put into a database in bulk."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

from callbacks.emergency import inputs as given
from callbacks.emergency.decide import decide
from callbacks.emergency.events import Event, to_record
from callbacks.emergency.model import Emergency, Fault, FoundBy, Sign, Terms, Via, ref_of, terms_of
from callbacks.emergency.promise import due_at
from callbacks.emergency.timers import next_wake
from callbacks.engine.intake import summary
from callbacks.lib.sentence import Language
from callbacks.oncall.coverage import Duty
from callbacks.oncall.roster import Role, read_roster
from callbacks.policy.model import PUBLISHED, ClockStart, NoMessage, Priority
from callbacks.store import ledger
from callbacks.store.rows import EmergencyRow, Fact
from callbacks.store.sql.database import Database
from tests.core.pure import ROSTER

YEAR, OVER = datetime(2026, 1, 1, 5, tzinfo=UTC), datetime(2027, 1, 1, 5, tzinfo=UTC)
LOOKED_AT = OVER + timedelta(minutes=12)
DUTY, NOBODY = Duty(read_roster(ROSTER)), Duty(read_roster(ROSTER.replace('starts = "2026', 'starts = "2099')))
CUSTOMERS = [(f"+1514555{n:04d}", name) for n, name in enumerate(
    ("Nora Gagnon", "=1+1", "Hôtel Viger", None, "Blais & Fils", None, "<b>Roy</b>", "Clinique du Parc", None, "Ivy"), 200
)]  # fmt: skip
EDGES = [datetime(2026, 3, 8, 6, 50, tzinfo=UTC), datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 8, 1, 3, 59, 59, tzinfo=UTC), OVER - timedelta(minutes=9)]  # fmt: skip
TERMS = terms_of(PUBLISHED)
OTHER_TERMS = (replace(TERMS, clock_starts=ClockStart.MESSAGE), replace(TERMS, no_message=NoMessage.RECORD))
Act = tuple[datetime, Any]


class Story:
    """One emergency, played against the core up to the instant the year is looked at."""

    def __init__(self, number: int, dice: random.Random) -> None:
        self.number, self.dice = number, dice
        self.e: Emergency | None = None
        self.events: list[tuple[datetime, Event]] = []
        self.duty = NOBODY if dice.random() < 0.03 else DUTY

    def play(self) -> "Story":
        dice = self.dice
        at = dice.choice(EDGES) if dice.random() < 0.03 else YEAR + (OVER - YEAR) * dice.random()
        at = at.replace(microsecond=dice.randrange(1_000_000))
        self._open(at)
        acts = sorted(self._acts(self.it.opened_at), key=lambda act: act[0])
        for when, make in acts:
            if when > LOOKED_AT:
                break
            self._sleep_until(when)
            for said in make():
                self._take(said, max(when, said.at))
        self._sleep_until(min(LOOKED_AT, max(self.it.last_at, due_at(self.it)) + timedelta(minutes=1)))
        return self

    @property
    def it(self) -> Emergency:
        assert self.e is not None
        return self.e

    def _take(self, said: given.Input, now: datetime) -> None:
        decision = decide(self.e, said, now, self.duty)
        self.e = decision.after
        self.events += [(now, event) for event in decision.events]

    def _sleep_until(self, end: datetime) -> None:
        while (due := next_wake(self.it)) and due <= end:
            self._take(given.TimePassed(at=due), due)

    def _open(self, at: datetime) -> None:
        dice = self.dice
        number, name = dice.choice(CUSTOMERS)
        withheld, waits, drill = dice.random() < 0.06, dice.random() < 0.08, dice.random() < 0.02
        call = given.Call(
            f"CA{self.number:032x}", None if withheld else number, withheld, at, dice.choice(tuple(Language))
        )
        terms: Terms = dice.choice(OTHER_TERMS) if dice.random() < 0.3 else TERMS
        opening = given.Opening(
            ref_of(self.number), "K7", terms, FoundBy.WEBHOOK, priority=Priority.P3 if waits else Priority.P1, can_wait=waits, drill=drill,
            name=None if withheld else name, blocked_by="sue" if dice.random() < 0.02 else None, blocked_why="abuse",
        )  # fmt: skip
        long = timedelta(seconds=dice.uniform(5, 200))
        late = timedelta(minutes=dice.uniform(5, 50)) if dice.random() < 0.02 else timedelta()
        if drill:
            said: given.Input = given.DrillBegun(at=at, call=call, opening=opening, sign=Sign.DRILL)
        elif dice.random() < 0.12:
            said = given.MessageAbsent(at=at + long, call=call, opening=opening, sign=Sign.ACTION, why="silent")
        else:
            said = given.MessageEnded(
                at=at + long, call=call, opening=opening, sign=Sign.ACTION, recording_sid=f"RE{self.number:032x}",
                seconds=int(long.total_seconds()),
            )  # fmt: skip
        self._take(said, min(at + long + late, LOOKED_AT))

    # --- what people do ---

    def _acts(self, start: datetime) -> Iterator[Act]:
        dice = self.dice
        end = start
        for _ in range(dice.choice((0, 1, 2, 2, 3, 3))):
            end = end + timedelta(seconds=dice.expovariate(1 / 300))
            yield from dice.choice((self._bridge, self._bridge, self._declare, self._acknowledge, self._pass))(end)
        yield from self._pages(start)
        if dice.random() < 0.06:
            yield self._later(
                start, 2400, lambda at: [self._customer(at, word) for word in ("withdraw", "confirm-withdrawal")]
            )
        if dice.random() < 0.03:
            began = start - timedelta(minutes=dice.uniform(-20, 60))
            found = began + timedelta(minutes=dice.uniform(1, 40))
            when = max(found, start)
            yield when, lambda: [given.OutageFound(at=when, began_at=began, ended_at=found)]
        if dice.random() < 0.7:
            words = dice.choice(("workaround: restarted", "", "fixed"))
            yield self._later(end, 9000, lambda at: [self._order("sue", at, "done", words=words)])
        over = start + timedelta(minutes=dice.uniform(32, 60))
        yield over, lambda: [self._order("sue", over, dice.choice(("reached", "no-answer", "done")))]
        yield over, lambda: [self._order("sue", over, "done")]
        if dice.random() < 0.1:
            to = dice.choice(("P1", "P2", "P3"))
            yield self._later(start, 3000, lambda at: [self._order("sue", at, "priority", priority=to)])
        if dice.random() < 0.3:
            how = dice.choice(("inside", "outside", "billable"))
            yield self._later(start, 5000, lambda at: [self._order("sue", at, "cover", coverage=how)])

    def _pages(self, start: datetime) -> Iterator[Act]:
        """The carrier takes the pages of the first minutes, or does not."""
        for seconds in (1, 70, 260, 500):
            when = start + timedelta(seconds=seconds + self.dice.random())
            refused = self.dice.random() < 0.05
            yield when, lambda when=when, refused=refused: [
                given.PageRefused(at=when, page=key, why=Fault.BUSY, code=None)
                if refused else given.PageAccepted(at=when, page=key, sid=f"SM{key:0>32}")
                for key, page in self.it.pages.items() if page.state == "requested"
            ]  # fmt: skip

    def _later(self, start: datetime, mean: float, make: Any) -> Act:
        at = start + timedelta(seconds=self.dice.expovariate(1 / mean))
        return at, lambda: make(at)

    def _acknowledge(self, at: datetime) -> Iterator[Act]:
        who = self._who()
        yield at, lambda: [self._order(who, at, "acknowledge")]

    def _pass(self, at: datetime) -> Iterator[Act]:
        who = self._who()
        yield at, lambda: [self._order(who, at, "pass")]

    def _declare(self, at: datetime) -> Iterator[Act]:
        who, command = self._who(), self.dice.choice(("reached", "reached", "no-answer"))
        yield at, lambda: [self._order(who, at, command)]
        for _ in range(self.dice.choice((0, 0, 1, 2))):
            says = self.dice.choice(("yes", "no"))
            yield self._later(at, 400, lambda then, says=says: [self._customer(then, says)])

    def _bridge(self, at: datetime) -> Iterator[Act]:
        """A connected call with every kind of end; its reports come as instants of their own."""
        dice, who = self.dice, self._who()
        yield at, lambda: [self._order(who, at, "call")]
        answers = at + timedelta(seconds=dice.uniform(4, 20))
        if dice.random() < 0.12:
            status = dice.choice(("busy", "no-answer", "failed"))
            yield answers, lambda: self._leg(given.TechnicianLeg, answers, status=status)
            return
        yield answers, lambda: self._leg(given.TechnicianKey, answers, key="1")
        rings = answers + timedelta(seconds=dice.uniform(1, 4))
        fate = dice.choice(("talk", "talk", "talk", "short", "machine", "no-answer", "busy", "failed", "lost"))
        if fate not in ("busy", "failed"):
            yield rings, lambda: self._leg(given.CustomerLeg, rings, status="ringing", seconds=0)
        joins = rings + timedelta(seconds=dice.uniform(3, 25))
        if fate in ("no-answer", "busy", "failed"):
            yield joins, lambda: self._leg(given.DialOver, joins, status=fate, bridged=False, seconds=0)
            return
        yield joins, lambda: self._leg(given.CustomerLeg, joins, status="in-progress", seconds=0)
        if fate == "lost":
            return
        if fate == "machine":
            yield joins, lambda: self._leg(given.CustomerDetected, joins, answered_by="machine_start")
        talk = dice.randrange(3, 29) if fate == "short" else dice.randrange(30, 900)
        ends = joins + timedelta(seconds=talk)
        yield ends, lambda: self._leg(given.DialOver, ends, status="completed", bridged=True, seconds=talk)
        key = dice.choice(("", "1", "1", "1", "2", "3"))
        if key:
            says = ends + timedelta(seconds=5)
            yield says, lambda: self._leg(given.AfterCallKey, says, key=key)

    def _who(self) -> str:
        return self.dice.choice(("ana", "ana", "bob", "sue"))

    def _order(self, by: str, at: datetime, command: str, **more: Any) -> given.Commanded:
        role = Role.SUPERVISOR if by == "sue" else Role.TECHNICIAN
        return given.Commanded(
            at=at, by=by, role=role, command=given.Command(command), via=Via.SMS, with_code=True, **more
        )

    def _customer(self, at: datetime, meaning: str) -> given.CustomerSaid:
        return given.CustomerSaid(at=at, meaning=given.Meaning(meaning), words=meaning, digits="731", drawn="731")

    def _leg(self, kind: Any, at: datetime, **facts: Any) -> list[given.Input]:
        """A report about the newest connected call; none if there is none."""
        return [kind(at=at, callback=list(self.it.callbacks)[-1], **facts)] if self.it.callbacks else []


def make_year(database: Database, n: int, seed: int = 5) -> list[Emergency]:
    """Puts `n` emergencies into an empty database; the same seed makes the same year."""
    dice, made = random.Random(seed), []
    for start in range(1, n + 1, 200):
        with database.write() as session:
            stories = [Story(number, dice).play() for number in range(start, min(start + 200, n + 1))]
            for story in stories:
                row, facts = _written(story)
                session.emergencies.add(row)
                session.ledger.add(facts)
        made += [story.it for story in stories]
    return made


def _written(story: Story) -> tuple[EmergencyRow, list[Fact]]:
    last, facts = story.events[-1][0], list[Fact]()
    row = summary.blank(story.number, story.it.call_sid or "", last)
    for now, event in story.events:
        kind, body, private = to_record(event)
        records = [ledger.Record(kind, event.at, body, private)]
        facts += ledger.chained(token_hex, story.number, row.last_seq, row.head_hash, records, now)
        row = replace(row, last_seq=facts[-1].seq, head_hash=facts[-1].hash)
    return replace(summary.refreshed(row, story.it, last), wake_at=next_wake(story.it)), facts
