"""A text from somebody who is not on the roster: a customer with an emergency, or nobody we know.

- It becomes a note that whoever has the emergency gets; 1 and 2 answer "did we reach you?"; withdraw is answered with a
  number, and closes with it.
- It is answered only by the texts that the emergency itself calls for, so that two machines never talk on.
- The carrier's opt-out words end our texts to this number. A stranger's text changes nothing.
"""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from callbacks.emergency.inputs import AttachmentsSent, CustomerSaid, NumberProved
from callbacks.emergency.model import marks
from callbacks.engine import attachments
from callbacks.engine.callers import of_number
from callbacks.engine.intake import take_in_row
from callbacks.engine.stories import load
from callbacks.engine.world import World
from callbacks.messages.replies import OPT_OUT_TYPES, read_customer
from callbacks.store import customers
from callbacks.store.tables import EmergencyRow
from callbacks.telephony.reports import Report

ANSWERS_WITHIN = timedelta(hours=24)
MOST_LOOKED_AT = 20


def understand(world: World, session: Session, number: str, report: Report) -> int | None:
    """Takes in one text of a customer, inside the caller's transaction; the emergency that it was about."""
    now = world.clock.now()
    said = read_customer(report["Body"])
    said = replace(said, meaning=OPT_OUT_TYPES.get(report["OptOutType"], said.meaning))
    media, kinds = attachments.found_in(report)
    row = latest(session, number, now, said.meaning, said.digits)
    if said.meaning in ("opt-out", "opt-in"):
        if row or customers.known(session, number):
            customers.mark_sms(session, number, "opted-out" if said.meaning == "opt-out" else None, now)
        return None
    if row is None or said.meaning == "carrier-help":
        return None
    take_in_row(world, session, row, NumberProved(at=now, number=number))
    words = " ".join(part for part in (marks(kinds), attachments.place_of(report), said.words) if part)
    drawn = str(100 + secrets.randbelow(900))
    told = CustomerSaid(at=now, meaning=said.meaning, words=words, digits=said.digits, drawn=drawn, number=number)
    take_in_row(world, session, row, told)
    if said.meaning == "confirm-withdrawal" and _digits(session, row) != said.digits:
        _mistyped_elsewhere(world, session, row, told)
    if kinds and said.meaning != "note":  # an answer alone would tell nobody what came with it
        take_in_row(world, session, row, CustomerSaid(at=now, meaning="note", words=words))
    if media:
        sent = AttachmentsSent(at=now, by="customer", message_sid=report["MessageSid"], found=media)
        take_in_row(world, session, row, sent)
    return row.id


def latest(session: Session, number: str, now: datetime, meaning: str = "", digits: str = "") -> EmergencyRow | None:
    """The one whose question a yes, a no or a withdrawal's digits answer; else the open emergency of this number, or
    its last one of the last day."""
    newest = select(EmergencyRow).where(of_number(number)).order_by(col(EmergencyRow.id).desc())
    rows = list(session.exec(newest.limit(MOST_LOOKED_AT)))
    if meaning in ("yes", "no"):
        asked = [(at, r) for r in rows if (at := _asked_at(session, r)) and at > now - ANSWERS_WITHIN]
        if asked:
            return max(asked, key=lambda x: x[0])[1]
    live = [r for r in rows if r.is_open and digits and _digits(session, r) == digits]
    live = live or [r for r in rows if r.is_open] or [r for r in rows if r.opened_at > now - ANSWERS_WITHIN]
    return live[0] if live else None


def _mistyped_elsewhere(world: World, session: Session, row: EmergencyRow, told: CustomerSaid) -> None:
    """A wrong number is a try at each open emergency of this phone that waits for one: it counts in all, and is a note
    in the newest alone."""
    mine = of_number(told.number or "") & col(EmergencyRow.is_open) & (col(EmergencyRow.id) != row.id)
    newest = select(EmergencyRow).where(mine).order_by(col(EmergencyRow.id).desc())
    for other in session.exec(newest.limit(MOST_LOOKED_AT)).all():
        if _digits(session, other) is not None:
            take_in_row(world, session, other, replace(told, is_note_elsewhere=True))


def _digits(session: Session, row: EmergencyRow) -> str | None:
    e = load(session, row.id or 0)
    return e.withdrawal_digits if e else None


def _asked_at(session: Session, row: EmergencyRow) -> datetime | None:
    e = load(session, row.id or 0)
    return e.reached_asked_at if e else None
