"""F75: what is asked at every tick, and every day, goes by an index, without statistics and however many are closed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from callbacks.delivery.outbox_row import OutboxKind
from callbacks.store.outbox import claim_bundles, claim_due
from callbacks.store.sql import erasing
from callbacks.store.sql.database import Database
from callbacks.store.sql.transaction import Transaction
from tests.clock import NIGHT
from tests.conftest import fresh_database

MINUTE = timedelta(minutes=1)
ASKED: dict[str, Callable[[Transaction], object]] = {
    "the next wake-up": lambda s: s.emergencies.next_wake(),
    "the next message": lambda s: s.outbox.next_due(),
    "wake-ups that are due": lambda s: s.emergencies.claim_wakes(NIGHT, "n", MINUTE, 50),
    "messages that are due": lambda s: claim_due(s, NIGHT, "n", MINUTE, 50, (OutboxKind.TEXT,)),
    "pages that are due": lambda s: claim_bundles(s, NIGHT, "n", MINUTE, 50, 2),
    "pages that left for somebody": lambda s: s.outbox.recent_sends("ana", NIGHT),
    "what is stuck": lambda s: s.audits.stuck(NIGHT, MINUTE),
    "what sleeps": lambda s: s.audits.unwatched(NIGHT, MINUTE),
    "reports to empty": lambda s: erasing.old_reports(s, NIGHT, 50),
    "messages to empty": lambda s: erasing.old_messages(s, NIGHT, 50),
    "calls to empty": lambda s: erasing.old_calls(s, NIGHT, 50),
    "audio to erase": lambda s: s.erasing.with_audio_before(NIGHT, 0, 50),
    "what the carrier keeps of some": lambda s: s.erasing.carriers_copies([1, 2]),
}
LEADS_PAST_ALL = ("SCAN", "ix_emergency_due_at", "ix_outbox_kind_created_at", "ix_outbox_due_at", "autoindex_received")


@contextmanager
def plans(database: Database) -> Iterator[list[str]]:
    """How SQLite goes about each question that is asked meanwhile."""
    found: list[str] = []

    def explain(connection: Any, cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if statement.lstrip().startswith("SELECT"):
            raw = connection.connection.cursor()
            raw.execute(f"EXPLAIN QUERY PLAN {statement}", values)
            found.extend(row[3] for row in raw.fetchall())

    event.listen(database._writer, "before_cursor_execute", explain)
    try:
        yield found
    finally:
        event.remove(database._writer, "before_cursor_execute", explain)


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED)
def test_no_question_leads_past_everything(tmp_path: Path, ask: Callable[[Transaction], object]) -> None:
    database = Database(fresh_database("sqlite", tmp_path))
    with plans(database) as found, database.write() as session:
        ask(session)
    assert found and not [plan for plan in found if any(word in plan for word in LEADS_PAST_ALL)], found
    database.close()
