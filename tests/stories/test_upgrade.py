"""F83, I28: an upgrade in the middle of a night."""

from pathlib import Path

from sqlalchemy import text

from callbacks.store.database import Database
from callbacks.store.migrations import migrate
from tests.night import Night
from tests.store.test_versions import columns


def test_rows_of_an_older_version_are_worked_on_after_the_upgrade(night: Night) -> None:
    """F83: An open emergency whose rows have only what the version before knew: its climb goes on."""
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    older = Database(f"sqlite:///{Path(night.world.data_dir) / 'older.db'}")
    migrate(older, "0002")
    known = columns(older)["emergency"]
    older.close()
    with night.database.write() as session:
        for name, column in columns(night.database)["emergency"].items():
            if name not in known:
                session.execute(text(f"UPDATE emergency SET {name} = {column['default'] or 'NULL'}"))  # type: ignore[index]
    night.minutes_pass(4)
    bob.gets_sms("E-000001").proves("4").gets_sms("you reached the customer")
    assert night.verdict()["outcome"] == "met"
    night.nobody_else_was_contacted()
