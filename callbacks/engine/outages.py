"""Outages of our own, told to the emergencies whose promise they touched."""

import structlog
from sqlmodel import col, select

from callbacks.emergency.inputs import OutageFound
from callbacks.engine.intake import ref_of, take_in
from callbacks.engine.world import World
from callbacks.store.tables import EmergencyRow, OutageRow

log = structlog.get_logger()


def tell(world: World, outage: OutageRow) -> None:
    """Every emergency whose time from call to deadline overlaps the outage keeps it as a fact. One that
    cannot be worked on is passed over: this runs at the start of the engine, and the others wait for it."""
    with world.database.read() as session:
        touched = (col(EmergencyRow.call_started_at) < outage.ended_at) & (col(EmergencyRow.due_at) > outage.began_at)
        ids = list(session.exec(select(EmergencyRow.id).where(touched)))
    for emergency_id in ids:
        assert emergency_id is not None
        try:
            take_in(world, emergency_id, _found(world, outage))
        except Exception:
            log.error("outage.untold", ref=ref_of(emergency_id), exc_info=True)


def _found(world: World, outage: OutageRow) -> OutageFound:
    return OutageFound(at=world.clock.now(), began_at=outage.began_at, ended_at=outage.ended_at)
