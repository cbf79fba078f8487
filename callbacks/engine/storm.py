"""A storm: so many callers that the number's one segment a second belongs to the pages alone."""

from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from callbacks.store.tables import EmergencyRow

SPAN, SIZE = timedelta(minutes=1), 10


def is_storm(session: Session, now: datetime) -> bool:
    lately = select(func.count()).where(col(EmergencyRow.opened_at) > now - SPAN)
    return session.exec(lately).one() >= SIZE
