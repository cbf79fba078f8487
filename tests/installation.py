"""An installation of an older version: its rows, put into a database of that version's schema on SQLite or PostgreSQL.

`tests/golden/VERSION.installation` was written by `tools/installation.py`, run in a checkout of that version.
"""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from alembic import command
from sqlalchemy import Boolean, MetaData, Table, text
from sqlmodel import Session

from callbacks.engine.jobs import checkpoints
from callbacks.store.sql import migrations
from callbacks.store.sql.database import Database
from callbacks.store.sql.migrations import migrate

GOLDEN = Path(__file__).parent / "golden"


def put_into(url: str, folder: Path, version: str, without: int | None = None) -> datetime:
    """Makes the older version's database, and its checkpoint file; the instant at which it was stopped. `without`: an
    emergency that is left out."""
    found = _read(version)
    database = Database(url)
    migrate(database, found["schema"])
    with database.write() as session:
        _put(session, found, lambda of: without is None or of != without)
    database.close()
    (folder / checkpoints.NAME).write_text(found["anchors"], "utf-8")
    return datetime.fromisoformat(found["now"])


def put_beside(url: str, version: str, emergency_id: int) -> None:
    """Adds one emergency as a node of the older version writes it, whatever the schema is by now."""
    database = Database(url)
    with database.write() as session:
        _put(session, _read(version), lambda of: of == emergency_id)
    database.close()


def step_back(database: Database, revision: str) -> None:
    """Moves the schema down to `revision`."""
    config = migrations._config()
    with database.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
        connection.commit()


def _read(version: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((GOLDEN / f"{version}.installation").read_text("utf-8"))
    return found


def _put(session: Session, found: dict[str, Any], is_wanted: Callable[[object], bool]) -> None:
    known = MetaData()
    known.reflect(session.connection())
    for table in known.sorted_tables:
        there = found["tables"].get(table.name)
        if there:
            of = "id" if table.name == "emergency" else "emergency_id"
            at = there["columns"].index(of) if of in there["columns"] else None
            rows = [row for row in there["rows"] if is_wanted(row[at] if at is not None else None)]
            _insert(session, table, there["columns"], rows)
    if session.get_bind().dialect.name == "postgresql":
        _number_on(session, known)


def _insert(session: Session, table: Table, names: list[str], rows: list[list[Any]]) -> None:
    """As text: the driver of either database reads its own times in it."""
    flags = {column.name for column in table.columns if isinstance(column.type, Boolean)}
    columns = ", ".join(f'"{name}"' for name in names)
    statement = text(f'INSERT INTO "{table.name}" ({columns}) VALUES ({", ".join(f":{name}" for name in names)})')
    for row in rows:
        values = dict(zip(names, row, strict=True))
        session.execute(statement, {k: bool(v) if k in flags and v is not None else v for k, v in values.items()})


def _number_on(session: Session, known: MetaData) -> None:
    """The server goes on behind the numbers that are there."""
    for table in known.sorted_tables:
        for column in table.columns:
            place = {"n": f'"{table.name}"', "c": column.name}
            if session.execute(text("SELECT pg_get_serial_sequence(:n, :c)"), place).scalar():
                last = session.execute(text(f'SELECT max("{column.name}") FROM "{table.name}"')).scalar()
                if last:
                    session.execute(text("SELECT setval(pg_get_serial_sequence(:n, :c), :v)"), place | {"v": last})
