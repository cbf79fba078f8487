"""The last results of the checks that a person asked for on a page, so that every node shows them."""

from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from callbacks.store.tables import ExaminationRow

KEPT = 20


def keep(session: Session, now: datetime, who: str, result: str) -> None:
    """Keeps a result, and the few before it."""
    session.add(ExaminationRow(at=now, who=who[:120], result=result))
    session.flush()
    newest = select(ExaminationRow.id).order_by(col(ExaminationRow.id).desc()).limit(KEPT)
    kept = session.exec(newest).all()
    session.execute(delete(ExaminationRow).where(col(ExaminationRow.id).not_in(kept)))


def latest(session: Session) -> ExaminationRow | None:
    return session.exec(select(ExaminationRow).order_by(col(ExaminationRow.id).desc())).first()
