"""I24, I28, F84: ledgers that any released version wrote mean today what they meant then."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from callbacks.emergency.events import from_record
from callbacks.emergency.fold import fold
from tools.golden import meaning

FILES = sorted((Path(__file__).parents[1] / "golden").glob("*/*.json"))


def test_there_are_golden_ledgers() -> None:
    assert {path.parent.name for path in FILES} >= {"0.1.0"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_ledgers_of_every_release_fold_as_they_did(path: Path) -> None:
    """F84, I24, I28."""
    told: dict[str, Any] = json.loads(path.read_text("utf-8"))
    facts = [
        from_record(fact["kind"], datetime.fromisoformat(fact["at"]), fact["body"], fact["private"])
        for fact in told["facts"]
    ]
    e = fold(facts)
    assert e is not None
    assert meaning(e, datetime.fromisoformat(told["now"])) == told["means"]
