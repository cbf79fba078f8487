"""Every ledger recomputed: chains, private parts, summaries and verdicts, against hashing the same bytes."""

import hashlib
import tempfile
from pathlib import Path

from sqlmodel import col, select

from benchmarks import ground
from benchmarks.figure import Figure, Reach
from callbacks.engine.jobs import verification
from callbacks.store.sql import tables
from callbacks.store.sql.database import Database
from tests.year import make_year

EMERGENCIES, FULL_EMERGENCIES = 500, 4_000
FIVE = (Reach("ratio", 5),)


def measure(full: bool) -> list[Figure]:
    found = []
    for kind in ground.KINDS:
        with tempfile.TemporaryDirectory() as folder:
            database = Database(ground.fresh(kind, Path(folder)))
            make_year(database, FULL_EMERGENCIES if full else EMERGENCIES)
            found.append(_verified(database, kind))
            database.close()
    return found


def _verified(database: Database, kind: str) -> Figure:
    with database.read() as session:
        order = (col(tables.Ledger.emergency_id), col(tables.Ledger.seq))
        bodies = session.exec(select(tables.Ledger.body).order_by(*order)).all()

    def hashed() -> None:
        previous = "0" * 64
        for body in bodies:
            previous = hashlib.sha256((previous + body).encode()).hexdigest()

    def verified() -> None:
        with database.read() as session:
            assert verification.verify(session) is None

    ours = ground.once(verified)
    what = f"verify of {len(bodies):,} facts, {kind}, per 1000"
    share = 1000 / len(bodies)
    return Figure(what, ours * share, "ms", "SHA-256 of the same bytes", ground.milliseconds(hashed) * share, FIVE)
