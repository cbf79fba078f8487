"""What the code must never hold, and the sheet of the application security standard."""

import ast
import csv
import re
from collections import Counter
from pathlib import Path

from tests.source import tree

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for room in ("app", "callbacks", "sandbox") for path in (ROOT / room).rglob("*.py"))
SHEET = ROOT / "docs" / "security" / "asvs.csv"


def calls(path: Path) -> set[str]:
    """Names of what is called in a file: `eval`, `pickle.loads`, `random.choice`."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            found.add(ast.unparse(node.func))
    return found


def test_no_code_is_made_from_words() -> None:
    """No eval, no pickles, no shell, no template from a string, no word marked as safe."""
    forbidden = re.compile(
        r"(eval|exec|os\.system|os\.popen|pickle\..*|marshal\..*|subprocess\..*|yaml\.load|Markup|.*\.from_string)"
    )
    apart = {"feed_process.py": ["subprocess.run"]}  # our own program with a list of arguments, never a shell
    for path in SOURCES:
        assert [name for name in calls(path) if forbidden.fullmatch(name)] == apart.get(path.name, []), path
        assert "shell=" not in path.read_text("utf-8"), path
    for template in (ROOT / "app").rglob("*.html"):
        assert not re.search(r"\|\s*safe\b|autoescape\s+false", template.read_text("utf-8")), template


def test_no_secret_comes_from_chance_that_can_be_guessed() -> None:
    """`random` may spread retries and nights in virtual time; it makes nothing that must not be guessed."""
    allowed = {
        "database.py",
        "percentiles.py",
        "webhooks.py",
        "wire.py",
    }  # pauses between tries; the sandbox's faults
    users = {
        path.name
        for path in SOURCES
        if "simulation" not in path.parts and any(name.startswith("random.") for name in calls(path))
    }
    assert users <= allowed, users


def rows() -> list[dict[str, str]]:
    with SHEET.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_requirement_of_both_levels_has_an_answer() -> None:
    found = rows()
    assert len({row["id"] for row in found}) == len(found) == 253
    assert Counter(row["level"] for row in found) == {"1": 70, "2": 183}
    for row in found:
        assert row["answer"] in ("pass", "not applicable", "deviation"), row["id"]
        if row["answer"] == "pass":
            assert row["test"] and row["where"], row["id"]
        else:
            assert row["reason"], row["id"]
        if row["where"]:
            assert (ROOT / row["where"]).exists(), row["where"]


def test_every_test_that_is_named_exists() -> None:
    for row in rows():
        for test in row["test"].split():
            path, _, name = test.partition("::")
            found = tree(ROOT / path)
            assert any(isinstance(node, ast.FunctionDef) and node.name == name for node in ast.walk(found)), test


def test_the_counts_are_told() -> None:
    counts = Counter(row["answer"] for row in rows())
    told = (ROOT / "docs" / "security" / "README.md").read_text("utf-8")
    assert f"{counts['pass']} pass, {counts['not applicable']} not applicable, {counts['deviation']} deviations" in told


def known_tests() -> set[str]:
    return {
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef)
    }


def table(name: str) -> list[str]:
    """The lines of a table, without its head."""
    text = (ROOT / "docs" / "security" / name).read_text("utf-8")
    return [line for line in text.splitlines() if line.startswith("| ")][1:]


def test_every_threat_names_tests_that_exist() -> None:
    known = known_tests()
    for line in table("threats.md"):
        named = re.findall(r"`(test_\w+)`", line)
        assert named and set(named) <= known, line


def test_every_kind_of_input_names_its_file_and_tests_that_exist() -> None:
    known, lines = known_tests(), table("hostile-input.md")
    assert len(lines) > 20
    for line in lines:
        _, _, place, _, tests, _ = line.split("|")
        assert (ROOT / place.strip().strip("`")).is_file(), line
        named = re.findall(r"`(test_\w+)`", tests)
        assert named and set(named) <= known, line


def test_what_a_production_must_have_are_settings_that_there_are() -> None:
    """Each setting that the list names stands in the example, and each secret of the example in the list."""
    told = set(re.findall(r"\b(?:CALLBACKS|TWILIO)_[A-Z_]+", (ROOT / "SECURITY.md").read_text("utf-8")))
    example = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE))
    assert told <= example
    assert {
        name for name in example if name.endswith(("_KEY", "_TOKEN", "_NEXT", "_SECRET", "_URL", "_URLS"))
    } <= told | {"CALLBACKS_SSO_CLIENT_SECRET"}
