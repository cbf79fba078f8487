"""The door behind the link in a text: no login, one emergency, one person, until it closes.

- The secret in the address is the whole door: 128 random bits, known here by their digest. Whatever is typed is looked
  up alike, so a malformed one takes no less time than an unknown one.
- A closed emergency, a person who left the roster, and three days shut it for good (410): a later text brings another.
  An unknown secret is 404.
- Looking changes nothing: previews of messages fetch every address they see.
"""

from dataclasses import dataclass
from datetime import timedelta

from fastapi import Request

from app.runtime import AppDep
from callbacks.emergency.commands import is_closed
from callbacks.emergency.model import Emergency
from callbacks.engine.intake.summary import load
from callbacks.oncall.coverage import Contact, Duty
from callbacks.store import magic_links

LONGEST = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Valid:
    """Who came through the door, and to what."""

    id: int
    emergency: Emergency
    contact: Contact
    duty: Duty


@dataclass(frozen=True, slots=True)
class Expired:
    """`status`: 404 for a door that never was, 410 for one that is over."""

    status: int


Door = Valid | Expired


def link_door(token: str, request: Request, app: AppDep) -> Door:
    """The door that the address's secret opens now."""
    with app.context.database.read() as session:
        door = magic_links.find(session, token)
        if door is None:
            return Expired(404)
        e, duty = load(session, door.emergency_id), app.context.duty(session)
    contact, now = duty.contact(door.person), app.context.clock.now()
    if e is None or contact is None or is_closed(e, now) or now - door.created_at > LONGEST:
        return Expired(410)
    return Valid(door.emergency_id, e, contact, duty)


link_door.right = "link"  # type: ignore[attr-defined]
