"""The engine of one node: wakes what is due, sends what is owed, beats, sweeps, and stops cleanly.

- Woken at once after a commit (`context.wake`, NOTIFY across nodes); a tick of at most 1 s is the safety net.
- Pages, bridges and alarms, patient rows (audio, look-ups), other texts and webhooks have
  workers of their own: a receiver that is slow holds up nobody's page.
- `run_once` does the same work in the caller's thread, for a clock that is turned by hand.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Protocol

import structlog

from callbacks.delivery import delivery_policy
from callbacks.delivery.outbox_row import WORKERS, Lane, OutboxKind, kinds_of
from callbacks.emergency.inputs import TimePassed
from callbacks.emergency.model import ref_of
from callbacks.engine.context import DatabaseClock, EngineContext, MonotonicWallClock
from callbacks.engine.delivery import dispatch
from callbacks.engine.intake.handle import handle_input_for_row
from callbacks.engine.jobs import audit, erasure, feeds
from callbacks.engine.jobs.periodic import periodic_jobs
from callbacks.engine.notify import notify
from callbacks.engine.reconcile import reconcile
from callbacks.engine.runtime.watchdog import Watchdog
from callbacks.messages.effects import CHANNELS
from callbacks.oncall.coverage import Contact
from callbacks.store.errors import Conflict
from callbacks.store.interface import Lock, Transaction
from callbacks.store.outbox import Bundle
from callbacks.store.rows import OutboxRow

log = structlog.get_logger()
TICK_SECONDS = 1.0
MOST_IDLE = 5  # ticks
BEAT_SECONDS = 1.5  # three in the time of a claim
SWEEP_SECONDS = 30.0
STOP_SECONDS = 12.0


class Pool(Protocol):
    """Who carries out what a lane claimed."""

    def submit(self, send: Callable[[Bundle], None], bundle: Bundle, /) -> object: ...

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None: ...


class Engine:
    """Owns the threads of one node. Raises EngineLocked at start if the SQLite file has an engine already. `stopping`
    and `pools` (of so many workers, by the name of their lane): what else than threads the loops may run on."""

    def __init__(
        self,
        context: EngineContext,
        version: str = "",
        stopping: threading.Event | None = None,
        pools: Callable[[int, str], Pool] = ThreadPoolExecutor,
    ) -> None:
        self.context, self._version = context, version
        self._stopping = stopping or threading.Event()
        self._threads: list[threading.Thread] = []
        self._lock: Lock | None = None
        self._lanes = tuple(_Workers(context, lane, WORKERS[lane], pools) for lane in Lane)

    def acquire(self) -> None:
        """Makes sure that this is the only engine on a SQLite file. Raises EngineLocked."""
        self._lock = self._lock or self.context.database.engine_lock()

    def start(self) -> None:
        """Registers the node and starts working."""
        self.acquire()
        self.register()
        self._guarded("feeds", lambda: feeds.take_old_copies(self.context))
        for name, loop in self.loops().items():
            self._thread(name, loop, awaited=name != "retention")
        Watchdog({"engine": self.context.pulse}).start(self._stopping)
        self._thread("listen", lambda: self.context.database.listen(self.context.wake.set, self._stopping))

    def loops(self) -> dict[str, Callable[[], None]]:
        """What the threads of a node do until it stops, by their names."""
        return {
            "engine": self._run,
            "beat": self._beat,
            "sweep": lambda: self._again({"sweep": lambda: reconcile.sweep(self.context)}),
            "feeds": lambda: self._again({"feeds": lambda: feeds.refresh(self.context)}),
            "jobs": lambda: self._again(periodic_jobs(self.context)),
            "retention": lambda: self._again({"retention": self._retention}),
            "audit": self._audit,
        }

    def in_hand(self) -> list[OutboxRow]:
        """The rows that lead what is being sent, of each lane those claimed last behind."""
        return [row for lane in self._lanes for row in lane.in_hand()]

    def stop(self) -> None:
        """Lets work in hand finish, then signs off."""
        self._stopping.set()
        self.context.wake.set()
        for thread in self._threads:
            thread.join(STOP_SECONDS)
        for lane in self._lanes:
            lane.close()
        with self.context.database.write() as session:
            session.nodes.stop(self.context.node, self.context.clock.now())
        if self._lock:
            self._lock.close()

    def register(self) -> None:
        """Signs the node in; finds out about an outage before it, and tells the emergencies it touched."""
        context = self.context
        if isinstance(context.clock, MonotonicWallClock):
            with context.database.read() as session:
                context.clock.not_before(session.nodes.last_beat())
        now = context.clock.now()
        with context.database.write() as session:
            outage = session.nodes.start(context.node, self._version, now)
            if context.database.is_sqlite:
                session.emergencies.expire_claims(now)
                session.outbox.expire_all(now)
        dispatch.open_line(context)
        if outage:
            reconcile.report_outages(context, outage)

    def run_once(self) -> int:
        """Everything that is due now, in this thread; how many pieces of work there were."""
        done = run_due(self.context)
        due = self._due_kinds()
        for lane in Lane:
            for bundle in dispatch.claim(self.context, 100, lane) if not due.isdisjoint(kinds_of(lane)) else ():
                dispatch.send(self.context, bundle)
                done += 1
        return done

    # --- the threads ---

    def _run(self) -> None:
        """Claims cost a transaction each, so they are made when something is due, and now and then all the same."""
        idle = 0
        while not self._stopping.is_set():
            due, left = self._next()
            woken = self.context.wake.wait(left)
            self.context.wake.clear()
            self.context.pulse.beat()
            idle += 1
            if woken or idle >= MOST_IDLE or (due and due <= self.context.clock.now()):
                idle = 0
                self._guarded("engine", self._work)

    def _work(self) -> None:
        busy = True
        while busy and not self._stopping.is_set():
            busy = run_due(self.context) > 0
            due = self._due_kinds()
            for lane in self._lanes:
                self.context.pulse.beat()
                busy = (not due.isdisjoint(kinds_of(lane.lane)) and lane.fill()) or busy

    def _due_kinds(self) -> set[OutboxKind]:
        """A claim takes SQLite's one writer, so it is made for the lanes that have something to do."""
        with self.context.database.read() as session:
            return session.outbox.due_kinds(self.context.clock.now())

    def _next(self) -> tuple[datetime | None, float]:
        """When the next work is due, if any, and how many seconds to wait for it: a tick at most."""
        try:
            with self.context.database.read() as session:
                due = [session.emergencies.next_wake(), session.outbox.next_due()]
        except Exception:
            log.error("engine.unreadable", exc_info=True)
            return None, TICK_SECONDS
        soonest = min((at for at in due if at), default=None)
        if soonest is None:
            return None, TICK_SECONDS
        left = (soonest - self.context.clock.now()).total_seconds()
        # Work that is due but cannot be claimed yet (all workers busy) is tried again shortly, not in a spin.
        return soonest, min(max(left, 0.02), TICK_SECONDS)

    def _beat(self) -> None:
        while not self._stopping.wait(BEAT_SECONDS):
            self._guarded("beat", self.beat)

    def beat(self) -> None:
        """One heartbeat: also keeps our claims, and reads the database's clock anew."""
        context = self.context
        if isinstance(context.clock, DatabaseClock):
            context.clock.refresh()
        now = context.clock.now()
        # Of a row that was claimed twice, the later claim.
        held = {row.id: row for row in self.in_hand()}
        with context.database.write() as session:
            session.nodes.beat(context.node, self._version, now)
            kept = session.outbox.renew(context.node, now + context.lease, list(held))
        for row_id in held.keys() & set(kept):
            context.renewed[row_id, held[row_id].fence] = now + context.lease  # who is about to send it looks at this

    def _again(self, looks: dict[str, Callable[[], object]]) -> None:
        """Now and every SWEEP_SECONDS. The sweep, which finds lost calls, has a thread to itself, and so have calendars
        on somebody else's server, and what the carrier is asked to delete, which may take hours."""
        while not self._stopping.is_set():
            for name, look in looks.items():
                self._guarded(name, look)
            self._stopping.wait(SWEEP_SECONDS)

    def _retention(self) -> None:
        erasure.apply_retention(self.context, self._stopping.is_set)

    def _audit(self) -> None:
        auditor = audit.Auditor(self.context)
        while not self._stopping.wait(audit.EVERY_SECONDS):
            self._guarded("audit", auditor.look)

    def _guarded(self, name: str, step: Callable[[], object]) -> None:
        """A thread of the engine never dies of one bad step; it says so and goes on."""
        try:
            step()
        except Exception:
            log.error("engine.step_failed", thread=name, exc_info=True)

    def _thread(self, name: str, target: Callable[[], None], *, awaited: bool = True) -> None:
        """`awaited`: a stop waits for it to finish what it is at."""
        thread = threading.Thread(target=target, name=name, daemon=True)
        if awaited:
            self._threads.append(thread)
        thread.start()


class _Workers:
    """Of one lane. Claims no more than they can take up at once. Filled by one thread."""

    def __init__(
        self, context: EngineContext, lane: Lane, workers: int, pools: Callable[[int, str], Pool] = ThreadPoolExecutor
    ) -> None:
        self.lane, self._context, self._workers = lane, context, workers
        # By the bundle, not by its row: a row that was lost and claimed anew is in two workers' hands for a while.
        self._hand = dict[int, Bundle]()
        self._pool = pools(workers, lane)

    def fill(self) -> bool:
        """Claims and hands out due rows; True if there were any."""
        room = self._workers - len(self._hand)
        bundles = dispatch.claim(self._context, room, self.lane) if room > 0 else []
        for bundle in bundles:
            self._hand[id(bundle)] = bundle
            self._pool.submit(self._send, bundle)
        return bool(bundles)

    def in_hand(self) -> list[OutboxRow]:
        """The rows that lead what is being sent, those claimed last behind."""
        return [bundle[0] for bundle in self._hand.copy().values()]

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _send(self, bundle: Bundle) -> None:
        try:
            dispatch.send(self._context, bundle)
        finally:
            del self._hand[id(bundle)]
            self._context.renewed.pop((bundle[0].id, bundle[0].fence), None)
            self._context.wake.set()


# Wakes the emergencies whose time has come. A failing one is put off and reported; the others go on.
#
# Its alarm is put into the outbox with the failure that raises it, so that a notify URL that is down loses nothing;
# it is raised again every few minutes, a bounded number of times, until the emergency can be worked on.


BATCH = 50


def run_due(context: EngineContext) -> int:
    """Takes one batch of due emergencies through `TimePassed`; how many there were."""
    now = context.clock.now()
    with context.database.write() as session:
        claimed = session.emergencies.claim_wakes(now, context.node, context.lease, BATCH)
    for emergency_id, fence in claimed:
        context.pulse.beat()
        try:
            with context.span("wake", {"callbacks.emergency": ref_of(emergency_id)}):
                _work_on(context, emergency_id, fence)
        except Exception:
            # Not even put off: its claim runs out by itself, and the rest of the batch does not wait for that.
            log.error("emergency.not_deferred", ref=ref_of(emergency_id), exc_info=True)
    return len(claimed)


def _work_on(context: EngineContext, emergency_id: int, fence: int) -> None:
    try:
        _pass_time(context, emergency_id, fence)
    except Conflict:
        _release(context, emergency_id, fence)
    except Exception:
        log.error("emergency.failing", ref=ref_of(emergency_id), exc_info=True)
        context.commit(lambda session: _put_off(context, session, emergency_id, fence))


def _pass_time(context: EngineContext, emergency_id: int, fence: int) -> None:
    with context.database.write() as session:
        row = session.emergencies.find(emergency_id)
        if row is None or row.fence != fence:
            return
        handle_input_for_row(context, session, row, TimePassed(at=context.clock.now()))
        session.emergencies.give_back(emergency_id, fence, done=True)


def _release(context: EngineContext, emergency_id: int, fence: int) -> None:
    with context.database.write() as session:
        session.emergencies.give_back(emergency_id, fence, done=False)


def _put_off(context: EngineContext, session: Transaction, emergency_id: int, fence: int) -> None:
    """Nothing about this emergency is trusted here: it is told to people without the core."""
    now = context.clock.now()
    failures = session.emergencies.put_off(emergency_id, fence, now + delivery_policy.PAUSE)
    if failures and delivery_policy.alarms_at(failures):
        recipients = [*_supervisors(context, session), CHANNELS]
        notify(session, recipients, "failing", now, ref=ref_of(emergency_id))


def _supervisors(context: EngineContext, session: Transaction) -> Sequence[Contact]:
    """A roster that cannot be read may be the very reason: then the alarm goes to the notify URLs alone."""
    try:
        return context.duty(session).supervisors
    except Exception:
        log.error("roster.unreadable", exc_info=True)
        return ()
