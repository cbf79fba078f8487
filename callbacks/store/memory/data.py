"""The tables in memory."""

from typing import Any

from callbacks.delivery.delivery_policy import Source
from callbacks.store.memory.tables import Table, Tables
from callbacks.store.rows import CarrierRow, EmergencyRow, OutboxRow, ReceivedRow


class Data(Tables):
    """One attribute for each table. `tasks` has no rows: its keys are held by those who are alone at a task."""

    def __init__(self) -> None:
        super().__init__()
        self.emergencies: Table[int, EmergencyRow] = Table(
            lambda row: row.id, (lambda row: row.source_key,), subset=_is_live
        )
        self.carrier: Table[str, CarrierRow] = Table(lambda row: row.sid)
        self.outbox: Table[str, OutboxRow] = Table(lambda row: row.id)
        self.received: Table[tuple[Source, str], ReceivedRow] = Table(
            lambda row: (row.source, row.external_id), subset=lambda row: row.mark is not None
        )
        self.tasks: Table[str, Any] = Table(str)


def _is_live(row: EmergencyRow) -> bool:
    """Whether it is open, leased, or to be woken."""
    return row.is_open or row.wake_at is not None or row.lease_until is not None
