"""How far each comparison with the carrier's lists got: read and written in transactions of their own."""

from datetime import datetime

from callbacks.engine.context import EngineContext
from callbacks.store.rows import SweepRow


def last_sweep(context: EngineContext, name: str) -> SweepRow:
    """How the last comparison of this name ended."""
    with context.database.read() as session:
        return session.checks.sweep(name)


def note_sweep(context: EngineContext, name: str, now: datetime, through: datetime | None, error: str | None) -> None:
    """A comparison ran; `through` stays as it was when it failed."""
    context.database.transact(lambda session: session.checks.note_sweep(name, now, through, error))


def forget_sweep(context: EngineContext, name: str) -> None:
    """Nothing is known of it any more. Where nothing was, nothing is written."""
    if last_sweep(context, name).ran_at:
        context.database.transact(lambda session: session.checks.forget(name))
