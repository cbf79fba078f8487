"""F83, F84, I28: versions side by side. Scripts only add, so an older node goes on, and what it wrote is worked on."""

from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from callbacks.store.sql.database import Database
from callbacks.store.sql.migrations import migrate, schema_is_current


def columns(database: Database) -> dict[str, dict[str, object]]:
    with database.connect() as connection:
        look = inspect(connection)
        return {
            name: {column["name"]: column for column in look.get_columns(name)}
            for name in look.get_table_names()
            if name != "alembic_version"
        }


@pytest.mark.parametrize("older", ["0001", "0002", "0003"])
def test_what_an_older_node_writes_fits_the_newer_schema(tmp_path: Path, older: str) -> None:
    """Every table and column of the older schema is there, and every column it does not know may be left out."""
    old, new = (Database(f"sqlite:///{tmp_path / name}.db") for name in ("old", "new"))
    migrate(old, older)
    migrate(new)
    before, after = columns(old), columns(new)
    for table, known in before.items():
        assert table in after
        assert known.keys() <= after[table].keys(), table
        for name in after[table].keys() - known.keys():
            column = after[table][name]
            assert column["nullable"] or column["default"] is not None, f"{table}.{name}"  # type: ignore[index]
    old.close()
    new.close()


def test_a_schema_of_a_later_version_is_taken(tmp_path: Path) -> None:
    """A node of the version before starts again beside a newer one; one on an older schema is refused."""
    database = Database(f"sqlite:///{tmp_path / 'x.db'}")
    migrate(database, "0002")
    assert not schema_is_current(database)
    migrate(database)
    assert schema_is_current(database)
    for revision, taken in (("9999", True), ("0000", False)):
        with database.write() as session:
            session.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": revision})
        assert schema_is_current(database) is taken
    database.close()
