"""The pure core against the database: how many nights a second each can play."""

import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from benchmarks import ground
from benchmarks.figure import Figure
from callbacks.emergency.inputs import Call, CallSign, Commanded, MessageEnded, Opening
from callbacks.engine.context import EngineContext
from callbacks.engine.intake.handle import handle_input_for_row, open_call
from callbacks.oncall.roster import read_roster
from callbacks.policy.model import PUBLISHED
from callbacks.store.sql import people, tables
from callbacks.store.sql.database import Database
from tests.clock import HandClock
from tests.core.pure import ROSTER, PureNight


def pure() -> None:
    """A message, two escalation steps, an acknowledgement, a declared contact."""
    night = PureNight()
    night.opens()
    night.sleeps(timedelta(minutes=4))
    night.says("ana", "acknowledge")
    night.says("ana", "reached")
    assert night.it.owner == "ana"


def rate(play: Callable[[], None], seconds: float = 1.0) -> float:
    count, ends = 0, time.perf_counter() + seconds
    while time.perf_counter() < ends:
        play()
        count += 1
    return count / seconds


def stored(context: EngineContext, database: Database, number: int) -> None:
    with database.write() as session:
        key = f"CA{number:032x}"
        call = Call(key, "+15145550142", False, context.clock.now(), "en")

        def said(opening: Opening | None) -> CallSign:
            return MessageEnded(
                at=context.clock.now(), call=call, opening=opening, sign="action", recording_sid=None, seconds=20
            )  # fmt: skip

        open_call(context, session, key, said)
    for command in ("acknowledge", "reached"):
        with database.write() as session:
            row = session.get(tables.Emergency, number)
            assert row is not None
            order = Commanded(at=context.clock.now(), by="ana", role="technician", command=command, via="sms")
            handle_input_for_row(context, session, row, order)


def measure(full: bool) -> list[Figure]:
    seconds = 5.0 if full else 1.0
    core = rate(pure, seconds)
    found = [Figure("nights decided by the core alone", core, "a second")]
    for kind in ground.KINDS:
        with tempfile.TemporaryDirectory() as folder:
            database = Database(ground.fresh(kind, Path(folder)))
            with database.write() as session:
                people.load_roster(session, read_roster(ROSTER), "bench", HandClock().now())
            context = EngineContext(database, None, HandClock(), PUBLISHED, str, "+15145550100", Path(folder), "bench")  # type: ignore[arg-type]
            numbers = iter(range(1, 10**9))
            speed = rate(lambda w=context, d=database, n=numbers: stored(w, d, next(n)), seconds)  # type: ignore[misc]
            database.close()
        found.append(Figure(f"emergencies opened and closed, {kind}, three commits each", speed, "a second"))
    return found
