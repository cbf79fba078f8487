"""Somebody else's emergency in the same night changes nothing for the first caller: the real rules, in virtual time."""

from dataclasses import dataclass, replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from callbacks.delivery.batching import MINUTE
from callbacks.emergency import events as ev
from callbacks.emergency.promise import judge
from callbacks.policy.model import PUBLISHED, Channel, Step
from callbacks.simulation.carrier import Inbound
from callbacks.simulation.faults import CALM
from callbacks.simulation.night import EPOCHS, Night
from callbacks.simulation.people import made
from callbacks.simulation.store import Row
from callbacks.simulation.world import SECOND, Plan

FIRST, OTHERS = "+15145552000", "+15145553"
BEGINS, SPOKEN, LASTS = 1200 * SECOND, 40 * SECOND, 4500 * SECOND
NETWORK = timedelta(seconds=1)  # how much later or earlier a text or a webhook may be for no reason
ESCALATION = tuple(
    Step(timedelta(minutes=m), who, (Channel.SMS,)) for m, who in ((0, "primary"), (4, "backup"), (8, "supervisors"))
)
POLICY = replace(PUBLISHED, escalation=ESCALATION)
seconds = st.integers(-1100, 1800)


@dataclass(frozen=True)
class Manner:
    """After how many seconds the one who was paged takes it, and says that they spoke with the customer; None: never."""

    takes: int | None
    speaks: int | None


class Scripted(Night):
    """Nobody does anything of their own accord; callers leave a message when they are told to."""

    def __init__(self, seed: int, manner: Manner) -> None:
        super().__init__(Plan(seed, EPOCHS[0], POLICY, made("texts only"), CALM))
        for person in self.people.them.values():
            person.manner = "asleep"
        self.line.at(BEGINS, self._calls, FIRST, 0)
        for after, command, key in ((manner.takes, "acknowledge", "1"), (manner.speaks, "reached", "4")):
            if after is not None:
                self.line.at(BEGINS + SPOKEN + after * SECOND, self._replies, command, key)

    def beside(self, apart: list[int]) -> "Scripted":
        """As many other callers, each so many seconds apart from the first."""
        for n, after in enumerate(apart):
            self.line.at(BEGINS + after * SECOND, self._calls, f"{OTHERS}{n:03}", n + 1)
        return self

    def played(self) -> Row:
        """The first caller's emergency when all is over."""
        for node in self.world.nodes:
            node.start()
        self._until(LASTS)
        return self._first()

    def _first(self) -> Row:
        return next(row for row in self.world.store.emergencies.values() if row.it.number == FIRST)

    def _calls(self, number: str, n: int) -> None:
        call = Inbound(f"CA{n:031x}s", number, self.line.now, self.line.now)
        self.world.carrier.inbound.append(call)
        self.world.watch.called(call)
        self.world.network.report(self.customers.desk.call_began, call.sid, number)
        self.line.after(SPOKEN, self.customers._hangs_up, call, "message", 20, "")

    def _replies(self, command: str, key: str) -> None:
        first = self._first()
        asked = next(event for event in first.story if isinstance(event, ev.PageRequested))
        self.people._says(self.people.them[asked.person], first.id, command, f"{key} {first.it.code}")


def first_page(row: Row) -> timedelta:
    """How long the first page waited until the carrier had it."""
    asked = next(event for event in row.story if isinstance(event, ev.PageRequested))
    sent = next(event for event in row.story if isinstance(event, ev.PageSent) and event.page == asked.page)
    return sent.at - asked.at


# Nobody takes what has not reached them, and a page may wait a minute behind two others.
manners = st.builds(Manner, st.none() | st.integers(65, 600), st.none() | st.integers(601, 2000))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 1000), manners, st.lists(seconds, min_size=1, max_size=3))
def test_others_emergencies_change_no_verdict_and_delay_no_page(seed: int, manner: Manner, apart: list[int]) -> None:
    """I15: the others are left to lie, which is the worst for who is on call. The first has the same facts and the same verdict
    as if it were alone, and its first page waits no longer than the limit of pages to one phone lets it: a minute.

    The same examples each time: where an act falls on the very instant of a timer, the network's own second decides."""
    alone, beside = Scripted(seed, manner).played(), Scripted(seed, manner).beside(apart).played()
    kinds = [sorted(type(event).__name__ for event in row.story) for row in (alone, beside)]
    assert kinds[0] == kinds[1]
    now = beside.story[-1].at + timedelta(hours=1)
    one, other = judge(alone.it, now), judge(beside.it, now)
    assert (one.outcome, one.evidence) == (other.outcome, other.evidence)
    assert abs((one.seconds or 0) - (other.seconds or 0)) <= NETWORK.total_seconds()
    assert first_page(beside) <= first_page(alone) + MINUTE + NETWORK
