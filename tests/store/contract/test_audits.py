"""What people did, and what must be true of the live rows."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from callbacks.emergency.model import Outcome, State
from callbacks.engine.intake import summary
from callbacks.store.interface import Store
from callbacks.store.rows import EmergencyRow
from tests.clock import NIGHT

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def row(n: int, **changes: Any) -> EmergencyRow:
    return replace(summary.blank(n, f"CA{n}", NIGHT), code=f"K{n}", opened_at=NIGHT, is_open=True, **changes)


def fill(store: Store, *rows: EmergencyRow) -> None:
    with store.write() as session:
        for one in rows:
            session.emergencies.add(one)


def test_when_something_was_last_done(store: Store) -> None:
    with store.write() as session:
        for after in (0, 2):
            session.audits.put(NIGHT + after * HOUR, "sue", "page", "override.added", "ana", to="bob", reason="é")
        session.audits.put(NIGHT + 3 * HOUR, "sue", "page", "override.removed", "ana")
        assert session.audits.last_about("override.added", "ana") == NIGHT + 2 * HOUR
        assert session.audits.last_about("override.added", "bob") is None


def test_what_nothing_will_wake_is_found(store: Store) -> None:
    late = {"outcome": Outcome.MISSED, "state": State.OPEN}
    fill(
        store,
        row(1),
        row(2, wake_at=NIGHT),
        row(3, wake_at=NIGHT + 2 * HOUR),
        row(4, lease_until=NIGHT + 2 * HOUR),
        row(5, lease_until=NIGHT),
        row(6, contact_at=NIGHT),
        replace(row(7), is_open=False),
        row(8, **late),
        replace(row(9, **late), priority="P3", first_priority="P3"),
        replace(row(10), outcome=Outcome.MET),
    )
    with store.read() as session:
        assert set(session.audits.unwatched(NIGHT + HOUR, MINUTE)) == {1, 2, 5, 8}


def test_what_nobody_is_paged_for_or_cannot_be_worked_is_found(store: Store) -> None:
    fill(
        store,
        row(1),
        replace(row(2), opened_at=NIGHT + HOUR),
        replace(row(3), priority="P2"),
        replace(row(4), state=State.REACHED),
        row(5, failures=99, outcome=Outcome.MET),
    )
    with store.read() as session:
        assert session.audits.unpaged(NIGHT + HOUR, MINUTE) == [1]
        assert session.audits.unworkable(NIGHT - HOUR) == [5]
        assert session.audits.unworkable(NIGHT) == []
        assert session.audits.stuck(NIGHT + HOUR, MINUTE) == []
