"""The seven times of an emergency, each with who vouches for it: the carrier, a webhook's arrival, or a person.

The carrier's own time rules over our arrival time; where only a report's arrival is known, it says webhook.
"""

from dataclasses import dataclass
from datetime import datetime

from callbacks import promise
from callbacks.emergency import Emergency

CARRIER, WEBHOOK, PERSON = "carrier", "webhook", "person"
NAMES = (
    "call_started", "message_ended", "first_page_sent", "page_delivered", "acknowledged", "first_attempt",
    "human_contact",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Moment:
    """`at` is None while it has not happened."""

    at: datetime | None
    source: str | None


def seven_times(e: Emergency) -> dict[str, Moment]:
    """By name, in the order of NAMES."""
    delivered = min((p.delivered_at for p in e.pages.values() if p.delivered_at), default=None)
    tries = [a for a in promise.attempts(e) if a.tried_at]
    contacts = [a for a in promise.attempts(e) if a.contact_at]
    contact = min(contacts, key=lambda a: a.contact_at or a.at, default=None)
    found = (
        Moment(e.call_started_at, CARRIER if e.call_carrier_timed else WEBHOOK),
        Moment(e.message_ended_at, CARRIER if e.message_carrier_timed else WEBHOOK),
        Moment(e.first_page_at, CARRIER),
        Moment(delivered, CARRIER),
        Moment(e.acknowledged_at, PERSON),
        Moment(min((a.tried_at for a in tries if a.tried_at), default=None), _source(tries[0]) if tries else None),
        Moment(contact.contact_at if contact else None, _source(contact) if contact else None),
    )
    return {name: moment if moment.at else Moment(None, None) for name, moment in zip(NAMES, found, strict=True)}


def _source(attempt: promise.Attempt) -> str:
    return CARRIER if attempt.evidence == "carrier" else PERSON
