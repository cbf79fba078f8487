"""Wakes the emergencies whose time has come. A poison one is put off and reported; the others go on."""

import traceback
from datetime import timedelta

import structlog

from callbacks.engine.intake import ref_of, take_in_row
from callbacks.engine.world import World
from callbacks.inputs import TimePassed
from callbacks.store import claims
from callbacks.store.database import Conflict
from callbacks.store.tables import EmergencyRow

log = structlog.get_logger()
BATCH = 50
POISON_PAUSE = timedelta(seconds=15)
POISON_AFTER = 3


def run_due(world: World) -> int:
    """Takes one batch of due emergencies through `TimePassed`; how many there were."""
    now = world.clock.now()
    with world.database.write() as session:
        claimed = claims.claim_wakes(session, now, world.node, world.lease, BATCH)
    for emergency_id, fence in claimed:
        try:
            _pass_time(world, emergency_id, fence)
        except Conflict:
            _release(world, emergency_id, fence)
        except Exception:
            _put_off(world, emergency_id, fence)
    return len(claimed)


def _pass_time(world: World, emergency_id: int, fence: int) -> None:
    with world.database.write() as session:
        row = session.get(EmergencyRow, emergency_id)
        if row is None or row.fence != fence:
            return
        take_in_row(world, session, row, TimePassed(at=world.clock.now()))
        row.owner, row.lease_until, row.failures = None, None, 0


def _release(world: World, emergency_id: int, fence: int) -> None:
    with world.database.write() as session:
        claims.release(session, emergency_id, fence)


def _put_off(world: World, emergency_id: int, fence: int) -> None:
    """Nothing about this emergency is trusted here: it is told to people without the core."""
    log.error("emergency.poison", ref=ref_of(emergency_id), trace=traceback.format_exc(limit=6))
    with world.database.write() as session:
        row = session.get(EmergencyRow, emergency_id)
        if row is None or row.fence != fence:
            return
        row.failures += 1
        row.owner, row.lease_until = None, None
        row.wake_at = world.clock.now() + POISON_PAUSE
        first_alarm = row.failures == POISON_AFTER
    if first_alarm and world.alarm:
        world.alarm(f"{ref_of(emergency_id)} cannot be worked on; look at it by hand now")
