"""Texts of technicians with wrong codes: counted where they are kept, blocked when too many, told to supervisors.

The count stands on the received texts themselves, so all nodes count together. One text at a time is looked at: tries
sent at the same instant do not slip past the count. Paging does not look at it.
"""

from datetime import datetime

import structlog
from sqlmodel import Session

from callbacks.delivery import code_guessing as rule
from callbacks.engine.alarms import raise_once
from callbacks.engine.world import World
from callbacks.oncall.coverage import Contact, Duty
from callbacks.store import audits, received

log = structlog.get_logger()
TOLD = "codes.guessed"
WRONG, ODD = "wrong code ", "word like a code "
EVERYBODY = "everybody"
SINCE = rule.WITHIN + rule.BLOCKED_FOR


def wrong_code(world: World, session: Session, contact: Contact, key: str, duty: Duty, now: datetime) -> None:
    """The text `key` of this person had a code that is not theirs."""
    if blocked_until(world, session, contact, now):
        return  # it proves nothing either way; one number alone does not block everybody's
    received.answered(session, "sms", key, WRONG + contact.name)
    wrong = received.marked_since(session, "sms", WRONG + contact.name, now - rule.WITHIN)
    if rule.is_to_be_told(wrong, rule.MOST_WRONG, audits.last_about(session, TOLD, contact.name), now):
        _tell(session, duty, contact.name, "audit-codes", len(wrong), now)
    in_all = received.marked_since(session, "sms", WRONG, now - rule.WITHIN, begins=True)
    if rule.is_to_be_told(in_all, rule.MOST_WRONG_IN_ALL, audits.last_about(session, TOLD, EVERYBODY), now):
        _tell(session, duty, EVERYBODY, "audit-codes-in-all", len(in_all), now)


def _tell(session: Session, duty: Duty, whom: str, slug: str, n: int, now: datetime) -> None:
    key = f"codes {whom} {now:%Y-%m-%dT%H}"
    if raise_once(session, duty, key, slug, now, what=n, person=duty.full_name(whom)):
        log.warning("texts.codes_guessed", n=n, whom=whom)
        audits.put(session, now, "callbacks", "sms", TOLD, whom, texts=n)


def odd_word(world: World, session: Session, contact: Contact, key: str, duty: Duty, now: datetime) -> None:
    """The text `key` had no code, and a word that looks like one and is nobody's, where a code would have counted."""
    if blocked_until(world, session, contact, now):
        return
    received.answered(session, "sms", key, ODD + contact.name)
    odd = received.marked_since(session, "sms", ODD + contact.name, now - rule.WITHIN)
    if rule.is_to_be_told(odd, rule.MOST_ODD_WORDS, audits.last_about(session, TOLD, contact.name), now):
        _tell(session, duty, contact.name, "audit-codes", len(odd), now)


def blocked_until(world: World, session: Session, contact: Contact, now: datetime) -> datetime | None:
    """Until when codes in this person's texts prove nothing, if they do not now."""
    world.database.wait_alone(session, "codes")
    counts = (
        (received.marked_since(session, "sms", WRONG + contact.name, now - SINCE), rule.MOST_WRONG),
        (received.marked_since(session, "sms", WRONG, now - SINCE, begins=True), rule.MOST_WRONG_IN_ALL),
        (received.marked_since(session, "sms", ODD + contact.name, now - SINCE), rule.MOST_ODD_WORDS),
    )
    found = [rule.blocked_until(wrong, most, now) for wrong, most in counts]
    return max((until for until in found if until), default=None)
