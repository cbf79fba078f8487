"""The list of what may go wrong, and what must hold: each with a test that says its number."""

import ast
import csv
import re
from pathlib import Path

import pytest

from tests.source import tree

ROOT = Path(__file__).parents[2]
LISTS = {"faults.csv": [f"F{n:02d}" for n in range(1, 93)], "invariants.csv": [f"I{n}" for n in range(1, 36)]}


def rows(name: str) -> list[dict[str, str]]:
    with (ROOT / "docs" / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", LISTS)
def test_every_number_is_there_once_with_its_words(name: str) -> None:
    found = rows(name)
    key = next(iter(found[0]))
    assert [row[key] for row in found] == LISTS[name]
    assert all(len(value) > 1 for row in found for value in row.values())


@pytest.mark.parametrize("name", LISTS)
def test_every_number_has_a_test_that_says_it(name: str) -> None:
    key = next(iter(rows(name)[0]))
    for row in rows(name):
        named = row["tests"].split()
        assert named, row[key]
        for test in named:
            path, _, function = test.partition("::")
            docs = [
                ast.get_docstring(node) or ""
                for node in ast.walk(tree(ROOT / path))
                if isinstance(node, ast.FunctionDef) and node.name == function
            ]
            assert docs, f"{row[key]}: there is no {test}"
            assert re.search(rf"\b{row[key]}\b", docs[0]), f"{test} does not say {row[key]}"


def test_what_was_not_tried_is_said_so() -> None:
    """In the list and in the document alike."""
    untested = [row["fault"] for row in rows("faults.csv") if row["what is promised"].startswith("untested")]
    told = (ROOT / "docs" / "reliability.md").read_text("utf-8")
    assert f"{92 - len(untested)} of 92" in told
    assert all(fault in told for fault in untested)
