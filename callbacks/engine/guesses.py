"""Texts of a technician with codes that are nobody's, or not theirs: counted where they are kept, told to supervisors.

The count stands on the received texts themselves, so all nodes count together; paging does not look at it.
"""

from datetime import datetime

import structlog
from sqlmodel import Session

from callbacks import guessing
from callbacks.duty import Contact, Duty
from callbacks.engine.alarms import raise_once
from callbacks.store import audits, received

log = structlog.get_logger()
TOLD = "codes.guessed"


def wrong_code(session: Session, contact: Contact, key: str, duty: Duty, now: datetime) -> None:
    """The text `key` of this person had a code that is not theirs."""
    mark = f"wrong code {contact.name}"
    received.answered(session, "sms", key, mark)
    wrong = received.marked_since(session, "sms", mark, now - guessing.WITHIN)
    if not guessing.is_guessing(wrong, audits.last_about(session, TOLD, contact.name), now):
        return
    key = f"codes {contact.name} {now:%Y-%m-%dT%H}"  # two nodes at once: one tells
    if raise_once(session, duty, key, "audit-codes", now, what=len(wrong), person=duty.full_name(contact.name)):
        log.warning("texts.codes_guessed", n=len(wrong))
        audits.put(session, now, "callbacks", "sms", TOLD, contact.name, texts=len(wrong))
