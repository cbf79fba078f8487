"""Answers to technicians' and supervisors' texts: so many per number, so many in all, then a last one and silence.

A sender can be forged, and each answer takes a second of the number that pages need. Commands act all the same, and
pages do not look at any of this. The windows are the database's, so all nodes count together.
"""

from datetime import datetime, timedelta

from sqlmodel import Session

from callbacks.engine.alarms import raise_once
from callbacks.engine.intake import put_effects
from callbacks.messages import wording
from callbacks.messages.effects import text_effect
from callbacks.oncall.coverage import Contact, Duty
from callbacks.store import rates

MOST, MOST_IN_ALL, WITHIN = 20, 60, timedelta(minutes=10)


def put(
    session: Session, contact: Contact, emergency_id: int | None, words: str, duty: Duty, now: datetime,
    linked: bool = False,
) -> None:  # fmt: skip
    """Answers, unless this number or all together have had too many answers lately."""
    given, left, until = rates.take(session, f"answers {contact.name}"[:80], 1, MOST + 1, WITHIN, now)
    if given and not left:
        clock = wording.local_time(until, duty.roster.timezone)
        words = wording.general("answers-paused", contact.language, until=clock)
        key, who = f"answers {contact.name} {now:%Y-%m-%dT%H}", duty.full_name(contact.name)
        raise_once(session, duty, key, "audit-answers", now, what=MOST, person=who)
    if given:
        given, left, _ = rates.take(session, "answers", 1, MOST_IN_ALL, WITHIN, now)
        if not given:
            raise_once(session, duty, f"answers {now:%Y-%m-%dT%H}", "audit-all-answers", now, what=MOST_IN_ALL)
    if given:
        put_effects(session, emergency_id, [text_effect(contact, words, linked)], now)
