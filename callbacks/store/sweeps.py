"""How far each comparison with the carrier's lists has succeeded."""

from datetime import datetime

from sqlalchemy import delete
from sqlmodel import col

from callbacks.store.database import Database, with_retries
from callbacks.store.tables import SweepRow

MOST_ERROR = 200
# Not comparisons, but kept like them: when a request that claims our account was last refused, when a call or text was
# last found that no webhook told of, and whether the carrier takes our tokens.
REFUSED, FOUND, TOKEN = "refused-webhooks", "found-by-sweep", "webhook-token"


def succeeded_through(database: Database, name: str) -> datetime | None:
    """Everything before this instant was compared."""
    with database.read() as session:
        row = session.get(SweepRow, name)
    return row.succeeded_through if row else None


def forget(database: Database, name: str) -> None:
    """Nothing is known of it any more. Without a row nothing is written."""
    with database.read() as session:
        if session.get(SweepRow, name) is None:
            return

    def once() -> None:
        with database.write() as session:
            session.execute(delete(SweepRow).where(col(SweepRow.name) == name))

    with_retries(once)


def note(database: Database, name: str, now: datetime, through: datetime | None, error: str | None) -> None:
    """A comparison ran; `through` stays as it was when it failed."""

    def once() -> None:
        with database.write() as session:
            row = session.get(SweepRow, name) or SweepRow(name=name)
            row.ran_at, row.error = now, error and error[:MOST_ERROR]
            row.succeeded_through = through or row.succeeded_through
            session.add(row)

    with_retries(once)
