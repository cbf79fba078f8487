"""Every figure of every month of a simulated year, against a computation that shares no code with the product."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from callbacks.engine.jobs.export import outcomes_between
from callbacks.reporting import compliance
from callbacks.reporting.record import report
from callbacks.store.sql.database import Database
from tests import recount
from tests.conftest import fresh_database
from tests.year import LOOKED_AT, make_year

TORONTO = ZoneInfo("America/Toronto")


def reported(database: Database, month: int) -> dict[str, Any]:
    """The month's report as JSON, groups by their names."""
    first, last = compliance.month(f"2026-{month:02d}")
    with database.read() as session:
        found = outcomes_between(session, *compliance.span(first, last, TORONTO), LOOKED_AT)
    told: dict[str, Any] = json.loads(json.dumps(report(compliance.figures(first, last, found, TORONTO)).shown()))
    for name, members in told["groups"].items():
        told["groups"][name] = {m.pop("name"): m for m in members}
    return told


def differences(database: Database, path: str) -> list[str]:
    """Month, figure, ours and theirs, wherever the two computations disagree."""
    found = []
    for month, expected in recount.months(path, LOOKED_AT).items():
        told = reported(database, month)
        found += [f"{month}: {k}: {told[k]} != {v}" for k, v in expected.items() if told[k] != v]
    return found


def test_each_month_adds_up_to_what_its_ledgers_say(tmp_path: Path) -> None:
    database = Database(fresh_database("sqlite", tmp_path))
    made = make_year(database, 300)
    assert len(made) == 300
    assert differences(database, str(tmp_path / "callbacks.db")) == []
    seen = [reported(database, month) for month in range(1, 13)]
    assert all(sum(m[outcome] for m in seen) > 3 for outcome in ("met", "missed", "void", "withdrawn", "excluded"))
    database.close()
    assert asdict(compliance.figures(*compliance.month("2026-02"), [], TORONTO))["misses"] == ()
