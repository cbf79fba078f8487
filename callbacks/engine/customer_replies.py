"""A text from somebody who is not on the roster: a customer with an emergency, or nobody we know.

- It becomes a note that whoever has the emergency gets; 1 and 2 answer "did we reach you?"; withdraw closes it.
- It is answered only by the texts that the emergency itself calls for, so that two machines never talk on.
- The carrier's opt-out words end our texts to this number. A stranger's text changes nothing.
"""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from callbacks.engine.intake import take_in_row
from callbacks.engine.world import World
from callbacks.inputs import CustomerSaid
from callbacks.replies import read_customer
from callbacks.store import customers
from callbacks.store.tables import EmergencyRow

ANSWERS_WITHIN = timedelta(hours=24)


def understand(world: World, session: Session, number: str, text: str) -> None:
    """Takes in one text of a customer, inside the caller's transaction."""
    now = world.clock.now()
    row = latest(session, number, now)
    said = read_customer(text)
    if said.meaning in ("opt-out", "opt-in"):
        if row or customers.known(session, number):
            customers.mark_sms(session, number, "opted-out" if said.meaning == "opt-out" else None, now)
        return
    if row is None or said.meaning == "carrier-help":
        return
    take_in_row(world, session, row, CustomerSaid(at=now, meaning=said.meaning, words=said.words))


def latest(session: Session, number: str, now: datetime) -> EmergencyRow | None:
    """The open emergency of this number, else its last one of the last day."""
    mine = (col(EmergencyRow.number) == number) & (col(EmergencyRow.opened_at) > now - ANSWERS_WITHIN)
    newest = select(EmergencyRow).where(mine).order_by(col(EmergencyRow.is_open).desc(), col(EmergencyRow.id).desc())
    open_longer = (col(EmergencyRow.number) == number) & col(EmergencyRow.is_open)
    older = select(EmergencyRow).where(open_longer).order_by(col(EmergencyRow.id).desc())
    return session.exec(newest.limit(1)).first() or session.exec(older.limit(1)).first()
