"""The schema, brought to head or compared with it. Scripts lie in `alembic/` of the checkout, or inside the
installed package."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from callbacks.store.sql.database import Database, our_errors

CHECKOUT = Path(__file__).parents[3] / "alembic"
INSTALLED = Path(__file__).parents[2] / "_alembic"


def migrate(database: Database, revision: str = "head") -> None:
    """Moves the schema to `revision`, in one transaction."""
    config = _config()
    with our_errors(), database.connect() as connection:
        config.attributes["connection"] = connection
        if revision == "base":
            command.downgrade(config, revision)
        else:
            command.upgrade(config, revision)
        connection.commit()


def schema_is_current(database: Database) -> bool:
    """Whether the database stands at the newest revision that this software knows, or at a later one: scripts only add
    (expand, migrate, contract a release later), so a node of the version before goes on beside a newer one."""
    with our_errors(), database.connect() as connection:
        at = MigrationContext.configure(connection).get_current_revision()
    known = [script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()]
    return at is not None and (at == known[0] or (at not in known and at > known[0]))


def differences(database: Database) -> None:
    """Raises alembic's CommandError when the tables differ from what the scripts make."""
    config = _config()
    with database.connect() as connection:
        config.attributes["connection"] = connection
        command.check(config)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(INSTALLED if INSTALLED.is_dir() else CHECKOUT))
    return config
