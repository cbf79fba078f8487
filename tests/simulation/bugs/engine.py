"""Bugs of the engine around the core: claims, sends, sweeps, webhooks."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from callbacks.delivery.delivery_policy import LEASE, Failure, after_failure, after_look_up
from callbacks.delivery.outbox_row import OutboxKind, OutboxState
from callbacks.delivery.sweeping import Listed
from callbacks.simulation.desk import Desk
from callbacks.simulation.network import Network
from callbacks.simulation.nodes import Node, Waker
from callbacks.simulation.sender import Bundle, Sender
from callbacks.simulation.store import Box, Transaction
from callbacks.simulation.sweeper import Sweeper
from callbacks.telephony.gateway import CarrierCall, CarrierError
from tests.simulation.bugs.bug import Bug, instead, part

# --- claims and fences ---


class NoFence(Sender):
    def is_ours(self, box: Box, fence: int) -> bool:
        return True


class LostInFlight(Sender):
    """GoAlert: what was being sent when the process died stays so."""

    def due(self, box: Box, now: datetime) -> bool:
        return box.state != "claimed" and super().due(box, now)


class TimeOnlyRescue(Sender):
    """What was claimed for six seconds is anybody's, alive or not, and was surely not sent."""

    def due(self, box: Box, now: datetime) -> bool:
        ran_out = box.lease_until is not None and box.lease_until <= now
        return ran_out if box.state == "claimed" else super().due(box, now)

    def take(self, box: Box, leader: Box | None, owner: str, now: datetime) -> None:
        before = box.absent_from
        super().take(box, leader, owner, now)
        box.absent_from = before


class RescueUnmarked(Sender):
    """A claim that ran out is sent again as if it had never been begun."""

    def take(self, box: Box, leader: Box | None, owner: str, now: datetime) -> None:
        before = box.absent_from
        super().take(box, leader, owner, now)
        box.absent_from = before


class DropsOnFailure(Sender):
    """A request that failed is the end of the row."""

    def failed(self, node: Node, bundle: Bundle, error: CarrierError) -> None:
        self._settle(node, bundle, lambda box, now: [], state="failed", error=error.why)


class LimitDrops(Sender):
    def hold_back(self, box: Box, now: datetime, until: datetime) -> None:
        box.state = OutboxState.FAILED


class LockHeld(Waker):
    """The row lock is held while working: a frozen node hides its emergencies from everybody."""

    def _claim(self, node: Node) -> Any:
        step = super()._claim(node)

        def held(tx: Transaction, now: datetime) -> list[tuple[int, int]]:
            claimed: list[tuple[int, int]] = step(tx, now)
            for id, _ in claimed:
                row = tx.row(id)
                assert row is not None
                row.lease_until = now + 300 * LEASE
            return claimed

        return held


class PoisonUntold(Waker):
    def _put_off(self, id: int, fence: int, tx: Transaction, now: datetime) -> None:
        real, self.world.rules = self.world.rules, _silent(self.world.rules)
        super()._put_off(id, fence, tx, now)
        self.world.rules = real


def _silent(rules: Any) -> Any:
    from dataclasses import replace

    return replace(rules, alarms_at=lambda failures: False)


class OnlyWhenTold(Node):
    """No tick: a node that missed a notification waits for the next one."""

    def notified(self, due: datetime, by: str) -> None:
        if by != self.name and self.world.faults.strikes("wake lost"):
            return
        super().notified(due, by)


class NoTick(OnlyWhenTold):
    def _look(self, when: int) -> None:
        self._asleep = self._armed == when
        super()._look(when)
        if self._asleep and self.world.is_cluster:
            self._armed = None


# --- after a failure ---


def _ambiguous_is_not_sent(kind: OutboxKind, error: Failure) -> str:
    found = after_failure(kind, error)
    return "later" if found == "ask" else found


def _limited_is_refused(kind: OutboxKind, error: Failure) -> str:
    return "give-up" if error.why == "429" else after_failure(kind, error)


def _bridge_again(kind: OutboxKind, sid: str | None, now: datetime, absent: datetime, crossing: bool) -> str:
    found = after_look_up(kind, sid, now, absent, crossing)
    return "send" if found == "give-up" else found


def _absent_at_once(kind: OutboxKind, error: Failure, now: datetime) -> datetime:
    return now


def _never_found(listed: Sequence[str], others: Any) -> str | None:
    """The list is filtered by a date that a queued message does not have yet."""
    return None


def _any_of_that_number(listed: Sequence[str], others: Any) -> str | None:
    return next(iter(listed), None)


def _no_limit(bundles: Sequence[Bundle], departed: Any, now: datetime, per_minute: int) -> Any:
    return list(bundles), []


# --- sweeps ---


def _from_two_minutes_ago(through: datetime | None, now: datetime) -> datetime:
    return now - timedelta(minutes=2)


def _no_overlap(through: datetime | None, now: datetime) -> datetime:
    return through or now - timedelta(hours=24)


def _to_now(calls: Sequence[Listed], now: datetime) -> datetime:
    return now


class RecordingsOnly(Sweeper):
    def is_worth_opening(self, recorded: tuple[str, int] | None) -> bool:
        return recorded is not None


class NoSweep(Sweeper):
    def sweep(self, node: Node) -> None:
        return None


class NoBridges(Sweeper):
    def _bridges(self, node: Node, now: datetime) -> None:
        return None


class AnswersWithoutSeen(Sweeper):
    def _is_lost(self, call: CarrierCall, now: datetime) -> bool:
        return super()._is_lost(call, now) and call.seconds is not None and call.seconds > 20


# --- webhooks ---


def _promises_first(network: Network, node: Node, request: Any, tries: int) -> None:
    """2xx before the commit."""
    node.transact(request.run)
    network.served(request, ("ask", None))


class ForgetfulDesk(Desk):
    """Nothing is remembered of what was heard before: a report that comes twice counts twice."""

    def text(self, tx: Transaction, now: datetime, sid: str, number: str, words: str) -> None:
        super().text(tx, now, f"{sid}{self.world.line.steps}", number, words)


class BySidAlone(Desk):
    """The second report about a call is taken for a repeat of the first."""

    def status(
        self, tx: Transaction, now: datetime, box_id: str, sid: str, status: str, code: int | None = None
    ) -> None:
        if tx.is_new("sid", sid):
            super().status(tx, now, box_id, sid, status, code)


class HeardOnlyWhenFirst(Desk):
    """A state that comes out of order is ignored for good, and with it the failure it tells of."""

    def _tell(self, tx: Transaction, now: datetime, box: Box, status: str, code: int | None) -> None:
        if status not in ("busy", "no-answer"):
            super()._tell(tx, now, box, status, code)


def _same_code(taken: set[str], choose: Any) -> str:
    return "K7"


BUGS: tuple[Bug, ...] = (
    part("no fence", "a node that lost its claim writes all the same", sender=NoFence),
    part("lost in flight", "what was being sent when a node died is never taken up", sender=LostInFlight),
    part("time-only rescue", "a claim is anybody's after six seconds, though its node lives", sender=TimeOnlyRescue),
    part("rescue unmarked", "a claim that ran out is sent again without asking", sender=RescueUnmarked),
    part("drops on failure", "a request that failed ends the row, and the core is not told", sender=DropsOnFailure),
    part("limit drops", "what the limit holds back is dropped", sender=LimitDrops),
    part("lock held", "an emergency is locked while it is worked on, for as long as that takes", waker=LockHeld),
    part("poison untold", "nobody hears of an emergency that cannot be worked on", waker=PoisonUntold),
    part("no tick", "a node that missed a notification sleeps on", node=NoTick),
    instead("ambiguous is not sent", "a time-out is sent again without asking", after_failure=_ambiguous_is_not_sent),
    instead(
        "surprise is not sent", "an exception of ours is sent again without asking", after_surprise=lambda kind: "later"
    ),
    instead("bridge again", "a callback that may have been placed is placed again", after_look_up=_bridge_again),
    instead("absent at once", "a time-out is absent when the first look does not find it", absent_from=_absent_at_once),
    instead("never found", "the look-up filters by a date that a queued text has not", found_again=_never_found),
    instead("anybody's call", "the look-up takes any call to that number", found_again=_any_of_that_number),
    instead("no limit", "a phone gets as many pages as there are", leaving=_no_limit),
    instead(
        "two minutes back", "the sweep looks back from now, not from its last success", look_from=_from_two_minutes_ago
    ),
    instead(
        "cursor is now",
        "the sweep counts as done up to now, whatever it saw",
        look_from=_no_overlap,
        settled_through=_to_now,
    ),
    part("recordings only", "the sweep looks for recordings, not for calls", sweeper=RecordingsOnly),
    part("no sweep", "nobody compares with the carrier", sweeper=NoSweep),
    part("short calls do not count", "the sweep passes over short calls", sweeper=AnswersWithoutSeen),
    part("ends unasked", "the end of a callback that nobody told of is not asked for", sweeper=NoBridges),
    part("promises first", "a webhook is acknowledged before it is written", serve=_promises_first),
    part("no dedupe", "a text that comes twice counts twice", desk=ForgetfulDesk),
    part("dedupe by SID alone", "the second report about a call is dropped", desk=BySidAlone),
    part("busy unheard", "busy and no answer are not written down", desk=HeardOnlyWhenFirst),
    instead("code reused", "every emergency has the same code", new_code=_same_code),
)
