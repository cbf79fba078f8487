"""Plays an installation of a version and writes its rows and its checkpoint file as one JSON document.

Run in a checkout of that version, before the next one changes the schema:
`python tools/installation.py tests/golden/VERSION.installation`. tests/stories/test_upgrade.py upgrades it.
"""

import json
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path.cwd()))

from sqlalchemy import inspect, text

from app.auth import passwords
from callbacks.engine.jobs import checkpoints, feeds
from callbacks.store.rows import SubscriptionRow
from callbacks.store.sql import customers, sessions, users
from callbacks.store.sql.database import Database
from callbacks.store.sql.migrations import migrate
from tests.core.test_calendars import event, feed
from tests.night import MOMENT, Night, seconds

ROSTER = """
timezone = "America/Toronto"
{people}
[[supervisor]]
name = "sue"
full_name = "Sue Tremblay"
phone = "+15145550199"
[[rotation]]
name = "primary"
members = ["ana"]
every = "1w"
starts = "2026-01-05T09:00"
[[rotation]]
name = "backup"
members = ["bob"]
every = "1w"
starts = "2026-01-05T09:00"
[[calendar]]
rotation = "third"
url = "file://{calendar}"
"""
PEOPLE = (
    ("ana", "Ana Roy", "+15145550111"),
    ("bob", "Bob Chen", "+15145550112"),
    ("cleo", "Cleo Martin", "+15145550113"),
)
PASSWORD, FACTOR, WEBHOOK = "a long pass phrase 1", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "whsec_" + "QUJD" * 8


def play(night: Night, folder: Path) -> None:
    calendar = folder / "third.ics"
    calendar.write_bytes(feed(event("Cleo Martin", ":20261123T230000Z", ":20261130T123000Z")))
    people = "".join(f'[[technician]]\nname = "{n}"\nfull_name = "{f}"\nphone = "{p}"\n' for n, f, p in PEOPLE)
    night.roster(ROSTER.format(people=people, calendar=calendar))
    feeds.refresh(night.context)
    accounts(night)
    ana = night.people["ana"]
    night.customer_leaves_message()  # E-000001: reached over the bridge, resolved
    ana.gets_sms("E-000001").replies("1").is_called_back_by("3").presses("1")
    night.customer.answers(and_talks_for=seconds(90))
    ana.presses("1")
    night.minutes_pass(1)
    ana.replies("6 restarted the relay")
    night.minutes_pass(10)
    night.other_customer.calls().leaves_message()  # E-000002: withdrawn in one step
    night.other_customer.replies("withdraw")
    night.minutes_pass(2)
    with night.database.write() as session:  # E-000003: excluded, the reason in the chain
        customers.block(session, night.other_customer.number, "sue", "threatens staff", "page", night.clock.now())
    night.other_customer.calls()
    night.minutes_pass(45)
    with night.database.write() as session:
        customers.unblock(session, night.other_customer.number, "sue", "page", night.clock.now())
    night.other_customer.calls().leaves_message()  # E-000004: missed
    night.minutes_pass(32)
    night.sue.replies("6 too late")
    night.passes(timedelta(hours=25))
    assert checkpoints.look(night.context) is not None
    night.minutes_pass(30)
    night.customer_leaves_message()  # E-000005: acknowledged, erasable
    ana.replies("1")
    night.minutes_pass(2)
    night.other_customer.calls().leaves_message()  # E-000006: open, its pages go on
    night.minutes_pass(1)
    leave_queued(night)  # E-000007: its first page is written and not sent


def leave_queued(night: Night) -> None:
    def without_engine() -> None:
        end = night.clock.now() + MOMENT
        while True:
            if night.network.run_due():
                continue
            due = night.network.next_due()
            if due is None or due > end:
                return
            night.clock.turn_to(max(due, night.clock.now()))

    night.settle = without_engine  # type: ignore[method-assign]
    night.customer.number = "+15145550177"
    night.customer.calls().leaves_message()


def accounts(night: Night) -> None:
    """A supervisor with a second factor, one who was disabled, an auditor with a password alone; a webhook."""
    now = night.clock.now()
    with night.database.write() as session:
        for name, role in (("sue", "supervisor"), ("gone", "supervisor"), ("audit", "auditor")):
            password = passwords.hashed(PASSWORD)
            row = users.add(
                session, f"{name}@example.com", role, "sue" if name == "sue" else None, password, "test", now
            )
            row.must_change = False
            if name == "sue":
                row.totp_secret, row.totp_since = FACTOR, now
            if name == "gone":
                row.disabled_at = now
            session.flush()
            sessions.begin(session, row.id, now + timedelta(hours=26), True, "test", "127.0.0.1")
        made = SubscriptionRow(
            id="wh_1", url="http://127.0.0.1:9/hook", secret=WEBHOOK, events="opened,missed", created_at=now,
            created_by="sue",
        )  # fmt: skip
        session.subscriptions.add(made)


def rows(database: Database) -> dict[str, Any]:
    with database.connect() as connection:
        found = dict[str, Any]()
        for name in sorted(inspect(connection).get_table_names()):
            if name == "alembic_version":
                continue
            result = connection.execute(text(f'SELECT * FROM "{name}"'))
            keys = list(result.keys())
            lines = [list(r) for r in result]
            if lines:
                found[name] = {"columns": keys, "rows": lines}
        return found


def written(document: dict[str, Any]) -> str:
    """One row a line."""
    tables = []
    for name, table in document.pop("tables").items():
        lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in table["rows"])
        tables.append(f'{json.dumps(name)}: {{"columns": {json.dumps(table["columns"])}, "rows": [\n{lines}\n]}}')
    head = json.dumps(document, ensure_ascii=False)[:-1]
    return head + ', "tables": {\n' + ",\n".join(tables) + "\n}}\n"


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    url = f"sqlite:///{folder / 'old.db'}"
    database = Database(url)
    migrate(database)
    database.close()
    night = Night(url, folder)
    play(night, folder)
    with night.database.connect() as connection:
        newest = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    document = {
        "now": night.clock.now().isoformat(),
        "schema": newest,
        "anchors": (folder / checkpoints.NAME).read_text("utf-8"),
        "tables": rows(night.database),
    }
    night.close()
    Path(sys.argv[1]).write_text(written(document), "utf-8")


if __name__ == "__main__":
    main()
