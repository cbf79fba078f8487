"""`callbacks serve` as a process that stops at its k-th point: before and after every commit and every exchange with the
carrier that matters to the night. Run as: python -m tests.faults.stepping_node serve --port N

STEP_AT is k (0: never), STEP_SIGNAL the signal it sends itself, STEP_LOG a file that gets a line with the time per point. Points are
counted from the first webhook on; beats, sweeps and audits, which go on for ever, are no part of the night.
"""

import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from app.cli.main import main
from callbacks.engine.intake import calls
from callbacks.telephony.transport import HttpxTransport

AT, SIGNAL = int(os.environ["STEP_AT"]), signal.Signals[os.environ["STEP_SIGNAL"]]
LOG = Path(os.environ["STEP_LOG"])
APART = ("beat", "sweep", "audit", "MainThread")


class Points:
    """Counts, and ends the process at the chosen one."""

    def __init__(self) -> None:
        self._lock, self._n, self._armed = threading.Lock(), 0, False

    def arm(self) -> None:
        self._armed = True

    def reach(self, name: str) -> None:
        thread = threading.current_thread().name
        if not self._armed or thread in APART:
            return
        with self._lock:
            self._n += 1
            with LOG.open("a") as log:
                log.write(f"{self._n} {time.time():.3f} {name} {thread.split('_')[0]}\n")
            if self._n == AT:
                os.kill(os.getpid(), SIGNAL)


points = Points()


@event.listens_for(Session, "before_commit")
def _before(session: Session) -> None:
    if session.new or session.dirty or session.deleted or session.info.get("wrote"):
        points.reach("before-commit")


@event.listens_for(Session, "after_flush")
def _wrote(session: Session, *_: Any) -> None:
    session.info["wrote"] = True


@event.listens_for(Session, "do_orm_execute")
def _executed(state: Any) -> None:
    if state.is_update or state.is_delete or state.is_insert:
        state.session.info["wrote"] = True


@event.listens_for(Session, "after_commit")
def _after(session: Session) -> None:
    if session.info.pop("wrote", False):
        points.reach("after-commit")


_exchange = HttpxTransport.exchange


def _stepped(self: HttpxTransport, method: str, *args: Any, **more: Any) -> Any:
    points.reach(f"before-{method}")
    answer = _exchange(self, method, *args, **more)
    points.reach(f"after-{method}")
    return answer


HttpxTransport.exchange = _stepped  # type: ignore[method-assign]


def _arm_at_first_webhook() -> None:
    """The night begins with the first request of the carrier."""
    began = calls.call_began

    def begin(*args: Any) -> None:
        points.arm()
        began(*args)

    calls.call_began = begin  # type: ignore[assignment]


if __name__ == "__main__":
    _arm_at_first_webhook()
    sys.argv[0] = "callbacks"
    main()
