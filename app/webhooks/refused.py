"""Refused requests that claim to be of our account: noted, because they may be the carrier's own.

- With a token that the carrier does not sign with, or behind a proxy that changes addresses, every call and text is
  refused. Beside calls that the sweep finds that is an alarm (`callbacks/engine/jobs/audit.py`).
- A stranger makes us write one row at most every `NOTE_EVERY`, and read one by its key; nothing of the request is kept.
- The first request that is taken after one that was refused ends that alarm; `doctor` signs its own, and that one does
  not. No caller waits for it.
- Of a call that we placed, known by its row and its SID, the carrier is asked at once what became of it.
"""

import re
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from starlette.concurrency import run_in_threadpool

from callbacks.engine.context import World
from callbacks.engine.reconcile import lost_calls
from callbacks.store import checks
from callbacks.telephony.reports import Report

NOTE_EVERY = timedelta(seconds=10)
OWN_CHECK = "/twilio/check"
OUR_CALL = re.compile(r"/twilio/(?:page|bridge|status/call)/([0-9a-f]{32})(?:/key)?")
log = structlog.get_logger()


class Refusals:
    """One per process."""

    def __init__(self) -> None:
        self._lock, self._noted_at = threading.Lock(), datetime.min
        self._is_refusing = True  # or a process before did

    async def heard(self, world: World, path: str, report: Report) -> None:
        """Takes note of one. Raises nothing: the request is refused whatever happens here."""
        await run_in_threadpool(self._note, world, path, report)

    def taken(self, world: World, path: str) -> None:
        """One was taken: whatever made us refuse the carrier's requests is over. Raises nothing."""
        if self._is_refusing and path != OWN_CHECK:
            with self._lock:
                self._is_refusing, self._noted_at = False, datetime.min
            threading.Thread(target=self._over, args=(world,), name="refusals", daemon=True).start()

    def _over(self, world: World) -> None:
        _guarded(lambda: checks.forget(world.database, checks.REFUSED))

    def _note(self, world: World, path: str, report: Report) -> None:
        if self._is_time(world.clock.now()):
            _guarded(lambda: checks.note_sweep(world.database, checks.REFUSED, world.clock.now(), None, None))
        ours, sid = OUR_CALL.fullmatch(path), report.call_sid()
        if ours and sid:
            _guarded(lambda: lost_calls.request_refused(world, ours[1], sid))

    def _is_time(self, now: datetime) -> bool:
        with self._lock:
            if abs(now.replace(tzinfo=None) - self._noted_at) < NOTE_EVERY:
                return False
            self._noted_at, self._is_refusing = now.replace(tzinfo=None), True
            return True


def _guarded(step: Callable[[], None]) -> None:
    try:
        step()
    except Exception:
        log.error("webhook.refusal_not_noted", exc_info=True)
