"""The figures of a month among many emergencies, against the plain SQL that counts as much without percentiles; and
every figure of a simulated year against an independent computation.

`python -m benchmarks.month_report 1000000`
"""

import random
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, insert, select
from sqlmodel import Session, col

from benchmarks import ground
from callbacks.engine.jobs.export import outcomes_between
from callbacks.reporting import compliance
from callbacks.store.sql import tables
from callbacks.store.sql.database import Database
from tests.conftest import fresh_database
from tests.core.test_year import differences
from tests.year import LOOKED_AT, OVER, YEAR, make_year

ZONE = ZoneInfo("America/Toronto")
TEMPLATES, BATCH = 1000, 20_000
SPANS = ("first_page_at", "first_acknowledged_at", "contact_at", "resolved_at")


def fill(database: Database, n: int, seed: int = 1) -> None:
    """`n` summaries over a year: a simulated year's, copied to other instants. The copies have no ledger."""
    make_year(database, min(n, TEMPLATES))
    dice = random.Random(seed)
    with database.read() as session:
        rows = [row.model_dump() for row in session.execute(select(tables.Emergency)).scalars()]
    for start in range(TEMPLATES, n, BATCH):
        batch = [_copy(dice, dice.choice(rows), number) for number in range(start + 1, min(start + BATCH, n) + 1)]
        with database.write() as session:
            session.execute(insert(tables.Emergency), batch)


def _copy(dice: random.Random, row: dict[str, Any], number: int) -> dict[str, Any]:
    shift = YEAR + (OVER - YEAR - timedelta(hours=2)) * dice.random() - row["call_started_at"]
    moved = {name: at + shift for name, at in row.items() if name.endswith("_at") and at is not None}
    outcome = "void" if row["outcome"] == "pending" else row["outcome"]
    fresh = {"id": number, "source_key": f"X{number}", "call_sid": None, "is_open": False, "wake_at": None}
    return row | moved | fresh | {"outcome": outcome}


def plain_sql(session: Session, since: Any, until: Any) -> None:
    """What SQL alone can say of the same groups: counts by outcome and the slowest of each time."""
    row = tables.Emergency
    in_span = (col(row.call_started_at) >= since) & (col(row.call_started_at) < until)
    counts = [func.sum(case((col(row.outcome) == o, 1), else_=0)) for o in ("met", "missed", "void")]
    slowest = [func.max(col(getattr(row, name))) for name in SPANS]
    hour = (
        func.substr(row.clock_started_at, 12, 2) if _is_sqlite(session) else func.extract("hour", row.clock_started_at)
    )
    technician, customer = func.coalesce(row.contact_by, row.acknowledged_by), func.coalesce(row.name, row.number)
    for group in (col(row.outcome), col(row.first_priority), technician, customer, hour, col(row.coverage)):
        session.execute(select(group, func.count(), *counts, *slowest).where(in_span).group_by(group)).fetchall()


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def report(n: int = 10_000) -> None:
    first, last = compliance.month("2026-11")
    since, until = compliance.span(first, last, ZONE)
    for kind in ("sqlite", "postgres"):
        with tempfile.TemporaryDirectory() as folder:
            database = Database(fresh_database(kind, Path(folder)))
            fill(database, n)

            def ours(database: Database = database) -> compliance.Figures:
                with database.read() as session:
                    found = outcomes_between(session, since, until, LOOKED_AT)
                return compliance.figures(first, last, found, ZONE)

            def theirs(database: Database = database) -> None:
                with database.read() as session:
                    plain_sql(session, since, until)

            mine, raw = ground.milliseconds(ours), ground.milliseconds(theirs)
            size = f"{n} emergencies, a month of {ours().n}"
            print(f"{kind:9} {size}: {mine:5.0f} ms, plain SQL {raw:5.0f} ms, x{mine / raw:.1f}")
            database.close()


def recount(n: int = 2400, seed: int = 5) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(fresh_database("sqlite", Path(folder)))
        make_year(database, n, seed)
        found = differences(database, str(Path(folder) / "callbacks.db"))
        print(f"a year of {n} emergencies recounted from its ledgers: {len(found)} differences", *found, sep="\n")
        database.close()


if __name__ == "__main__":
    report(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
    recount()
