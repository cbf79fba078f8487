"""A text from somebody who is not on the roster: a customer with an emergency, or nobody we know.

- It becomes a note that whoever has the emergency gets; 1 and 2 answer "did we reach you?"; withdraw closes it.
- It is answered only by the texts that the emergency itself calls for, so that two machines never talk on.
- The carrier's opt-out words end our texts to this number. A stranger's text changes nothing.
"""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from callbacks.engine.callers import of_number
from callbacks.engine.intake import take_in_row
from callbacks.engine.stories import load
from callbacks.engine.world import World
from callbacks.inputs import CustomerSaid, NumberProved
from callbacks.replies import read_customer
from callbacks.store import customers
from callbacks.store.tables import EmergencyRow

ANSWERS_WITHIN = timedelta(hours=24)
MOST_LOOKED_AT = 20


def understand(world: World, session: Session, number: str, text: str) -> None:
    """Takes in one text of a customer, inside the caller's transaction."""
    now = world.clock.now()
    said = read_customer(text)
    row = latest(session, number, now, said.meaning)
    if said.meaning in ("opt-out", "opt-in"):
        if row or customers.known(session, number):
            customers.mark_sms(session, number, "opted-out" if said.meaning == "opt-out" else None, now)
        return
    if row is None or said.meaning == "carrier-help":
        return
    take_in_row(world, session, row, NumberProved(at=now, number=number))
    take_in_row(world, session, row, CustomerSaid(at=now, meaning=said.meaning, words=said.words))


def latest(session: Session, number: str, now: datetime, meaning: str = "") -> EmergencyRow | None:
    """The one whose question a yes or no answers; else the open emergency of this number, or its last one of the
    last day."""
    newest = select(EmergencyRow).where(of_number(number)).order_by(col(EmergencyRow.id).desc())
    rows = list(session.exec(newest.limit(MOST_LOOKED_AT)))
    if meaning in ("yes", "no"):
        asked = [(at, r) for r in rows if (at := _asked_at(session, r)) and at > now - ANSWERS_WITHIN]
        if asked:
            return max(asked, key=lambda x: x[0])[1]
    live = [r for r in rows if r.is_open] or [r for r in rows if r.opened_at > now - ANSWERS_WITHIN]
    return live[0] if live else None


def _asked_at(session: Session, row: EmergencyRow) -> datetime | None:
    e = load(session, row.id or 0)
    return e.reached_asked_at if e else None
