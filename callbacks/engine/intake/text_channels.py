"""Whose phone takes no texts: learnt from every sign of it, told to supervisors; unanswered pages go on by voice.

- Signs: the word STOP or the carrier's own `OptOutType`, a refusal for good of any text of ours, two failures in a row
  that say unreachable.
- START from that phone brings texts back, and so does another number in the roster.
- Both words can be forged: however often they alternate, supervisors are told of a person once an hour. What they were
  told last, that the texts have stopped, is also what holds until START has been let stand.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from callbacks.delivery.delivery_policy import NO_TEXTS
from callbacks.delivery.outbox_row import TEXTS_TO_PEOPLE, OutboxKind
from callbacks.emergency.inputs import TextsRefused
from callbacks.engine.context import EngineContext
from callbacks.engine.intake.handle import handle_input_for_row
from callbacks.engine.notify import notify
from callbacks.oncall.coverage import Contact, Duty
from callbacks.store import notices, outbox, people
from callbacks.store.tables import EmergencyRow, OutboxRow

log = structlog.get_logger()
UNREACHABLE = (30004, 30005)
IN_A_ROW = 2
AGAIN = timedelta(hours=1)


def stopped(
    context: EngineContext,
    session: Session,
    contact: Contact,
    why: str,
    code: int | None = None,
    besides: Collection[int | None] = (),
) -> bool:
    """This phone takes no texts any more; False if that was known. `besides`: emergencies whose page is being refused
    itself, which becomes a fact of its own."""
    now = context.clock.now()
    if not people.mark_sms(session, contact.name, contact.role, why, now):
        return False
    log.warning("texts.refused", person=contact.name, why=why, code=code)
    session.flush()
    duty = context.duty(session)
    if notices.is_due(session, f"texts stopped {contact.name}", AGAIN, now):
        _tell(session, duty, contact, code, now)
    for emergency_id in outbox.paged_about(session, contact.name):
        row = session.get(EmergencyRow, emergency_id) if emergency_id not in besides else None
        if row:
            handle_input_for_row(context, session, row, TextsRefused(at=now, person=contact.name, code=code))
    return True


def _tell(session: Session, duty: Duty, contact: Contact, code: int | None, now: datetime) -> None:
    slug = ("opted-out" if code is None else "texts-refused") + ("" if contact.takes_calls else "-no-voice")
    others = [s for s in duty.supervisors if s.name != contact.name]
    notify(session, others, slug, now, person=duty.roster.display_name(contact.name), code=code)


def starts_again(context: EngineContext, session: Session, contact: Contact) -> bool:
    """This phone takes texts again; False if it did all along."""
    return people.mark_sms(session, contact.name, contact.role, None, context.clock.now())


def failed(context: EngineContext, session: Session, bundle: Sequence[OutboxRow], code: int | None) -> None:
    """A text to one of ours was refused, or did not arrive, for the reason that the carrier's code says. `bundle`: what
    it carried, its leader first."""
    row = bundle[0]
    contact = context.duty(session).contact(row.person) if row.kind in TEXTS_TO_PEOPLE and row.person else None
    if contact is None or code is None or row.number not in (None, contact.number):
        return
    why = NO_TEXTS.get(code)
    if code in UNREACHABLE and people.count_unreachable(session, contact.name, contact.role) >= IN_A_ROW:
        why = "unreachable"
    if why:
        pages = {part.emergency_id for part in bundle if part.kind == OutboxKind.PAGE}
        stopped(context, session, contact, why, code, pages)


def arrived(session: Session, row: OutboxRow) -> None:
    """A text to one of ours was delivered."""
    if row.kind in TEXTS_TO_PEOPLE and row.person:
        people.forget_unreachable(session, row.person)


def refused(context: EngineContext, bundle: Sequence[OutboxRow], code: int | None) -> None:
    """The same as `failed`, in a transaction of its own: before the refusal becomes a fact and the next step starts."""
    if bundle[0].kind not in TEXTS_TO_PEOPLE or code is None:
        return

    context.database.transact(lambda session: failed(context, session, bundle, code))
