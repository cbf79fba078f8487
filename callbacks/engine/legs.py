"""What a call of ours is about, for the document it is answered with: read, never decided."""

import json
from dataclasses import dataclass

from sqlmodel import Session

from callbacks.emergency.model import Emergency
from callbacks.engine.stories import load
from callbacks.engine.world import World
from callbacks.store.pagequeue import members
from callbacks.store.tables import OutboxRow


@dataclass(frozen=True, slots=True)
class Leg:
    """The emergency behind a call to a technician, whose language it speaks and whose time zone it tells.
    `others`: how many more emergencies the same call carries."""

    emergency_id: int
    emergency: Emergency
    language: str
    zone: str
    callback: str | None
    person: str | None
    others: int = 0


def leg_of(world: World, outbox_id: str) -> Leg | None:
    """The leg that an outbox row made; None when there is no such row."""
    with world.database.read() as session:
        row = session.get(OutboxRow, outbox_id)
        return _leg(world, session, row) if row else None


def of_callback(world: World, emergency_id: int, callback: str) -> Leg | None:
    """The leg on which a callback's technician is: a bridge call, or the page call it began on."""
    with world.database.read() as session:
        emergency = load(session, emergency_id)
        found = emergency.callbacks.get(callback) if emergency else None
        if emergency is None or found is None:
            return None
        duty = world.duty(session)
        contact = duty.contact(found.by)
        language = contact.language if contact else "en"
        return Leg(emergency_id, emergency, language, duty.roster.timezone, callback, found.by)


def _leg(world: World, session: Session, row: OutboxRow) -> Leg | None:
    emergency = load(session, row.emergency_id) if row.emergency_id else None
    if emergency is None or row.emergency_id is None:
        return None
    payload = json.loads(row.payload)
    zone = world.duty(session).roster.timezone
    language, others = payload.get("language", "en"), len(members(session, row)) - 1
    return Leg(row.emergency_id, emergency, language, zone, payload.get("callback"), row.person, others)
