"""The tables in memory."""

from typing import Any

from callbacks.store.memory.tables import Table, Tables


class Data(Tables):
    """One attribute for each table. `tasks` has no rows: its keys are held by those who are alone at a task."""

    def __init__(self) -> None:
        super().__init__()
        self.tasks: Table[str, Any] = Table(str)
