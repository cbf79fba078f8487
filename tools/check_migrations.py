"""Upgrade, compare with the tables, downgrade, upgrade again: `python tools/check_migrations.py [URL]`.

Without a URL: an SQLite file and a PostgreSQL server of the tests.
"""

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from callbacks.store.sql.database import Database
from callbacks.store.sql.migrations import differences, migrate, schema_is_current
from tests import postgres


def check(url: str) -> None:
    """Raises when a script fails or the tables differ from the models."""
    database = Database(url)
    try:
        migrate(database)
        differences(database)
        migrate(database, "base")
        migrate(database)
        if not schema_is_current(database):
            raise SystemExit(f"{url.split(':')[0]}: not at head after upgrade")
    finally:
        database.close()
    print(f"migrations: {url.split(':')[0]} up, checked, down, up")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        check(sys.argv[1])
    else:
        with tempfile.TemporaryDirectory() as folder:
            check(f"sqlite:///{folder}/check.db")
        check(postgres.new_database())
