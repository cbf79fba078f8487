"""Wakes the emergencies whose time has come. A failing one is put off and reported; the others go on.

Its alarm is put into the outbox with the failure that raises it, so that a notify URL that is down loses nothing;
it is raised again every few minutes, a bounded number of times, until the emergency can be worked on.
"""

from collections.abc import Sequence

import structlog
from sqlmodel import Session

from callbacks.delivery import delivery_policy
from callbacks.emergency.inputs import TimePassed
from callbacks.emergency.model import ref_of
from callbacks.engine.context import EngineContext
from callbacks.engine.intake.handle import handle_input_for_row
from callbacks.engine.notify import notify
from callbacks.messages.effects import CHANNELS
from callbacks.oncall.coverage import Contact
from callbacks.store import outbox
from callbacks.store.database import Conflict
from callbacks.store.tables import EmergencyRow

log = structlog.get_logger()
BATCH = 50


def run_due(context: EngineContext) -> int:
    """Takes one batch of due emergencies through `TimePassed`; how many there were."""
    now = context.clock.now()
    with context.database.write() as session:
        claimed = outbox.claim_wakes(session, now, context.node, context.lease, BATCH)
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
        row = session.get(EmergencyRow, emergency_id)
        if row is None or row.fence != fence:
            return
        handle_input_for_row(context, session, row, TimePassed(at=context.clock.now()))
        row.owner, row.lease_until, row.failures = None, None, 0


def _release(context: EngineContext, emergency_id: int, fence: int) -> None:
    with context.database.write() as session:
        outbox.release(session, emergency_id, fence)


def _put_off(context: EngineContext, session: Session, emergency_id: int, fence: int) -> None:
    """Nothing about this emergency is trusted here: it is told to people without the core."""
    row = session.get(EmergencyRow, emergency_id)
    if row is None or row.fence != fence:
        return
    now = context.clock.now()
    row.failures += 1
    row.owner, row.lease_until = None, None
    row.wake_at = now + delivery_policy.PAUSE
    if delivery_policy.alarms_at(row.failures):
        recipients = [*_supervisors(context, session), CHANNELS]
        notify(session, recipients, "failing", now, ref=ref_of(emergency_id))


def _supervisors(context: EngineContext, session: Session) -> Sequence[Contact]:
    """A roster that cannot be read may be the very reason: then the alarm goes to the notify URLs alone."""
    try:
        return context.duty(session).supervisors
    except Exception:
        log.error("roster.unreadable", exc_info=True)
        return ()
