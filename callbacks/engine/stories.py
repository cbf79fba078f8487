"""From the ledger to the emergency it adds up to."""

from collections.abc import Sequence

from sqlmodel import Session

from callbacks.emergency.events import Event, from_record
from callbacks.emergency.fold import fold
from callbacks.emergency.model import Emergency
from callbacks.store import ledger


def load(session: Session, emergency_id: int) -> Emergency | None:
    """The emergency its ledger adds up to."""
    return fold(events_of(ledger.read(session, emergency_id)))


def events_of(entries: Sequence[ledger.Entry]) -> list[Event]:
    return [from_record(x.kind, x.at, x.body, x.private) for x in entries]
