"""docs/policy.md names code and tests that exist."""

import re
from pathlib import Path

import pytest

from callbacks.policy.model import PUBLISHED, read_policy

ROOT = Path(__file__).parents[2]
ROWS = [line for line in (ROOT / "docs" / "policy.md").read_text().splitlines() if line.startswith("|")][2:]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip()[:50])
def test_a_sentence_has_its_code_and_its_test(row: str) -> None:
    _, _, code, tests, _ = row.split("|")
    named = re.findall(r"`([^`]+)`", code + tests)
    assert any(name.startswith("tests/") for name in named)
    assert any(not name.startswith("tests/") for name in named)
    for name in named:
        path, _, test = name.partition("::")
        text = (ROOT / path).read_text()
        assert not test or f"def {test}(" in text, name


def test_the_sample_policy_is_the_published_one_key_by_key() -> None:
    text = (ROOT / "app" / "samples" / "policy.toml").read_text()
    assert read_policy(text) == PUBLISHED
    for key in re.findall(r"^(\w+) = ", text, re.MULTILINE):
        assert key in (ROOT / "callbacks" / "policy" / "model.py").read_text()
