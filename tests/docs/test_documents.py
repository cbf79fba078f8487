"""What documents say of the code is true, and nothing speaks of where it was made."""

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from app.cli.main import COMMANDS, cli
from app.settings import Settings
from callbacks.emergency.events import EVENTS

ROOT = Path(__file__).parents[2]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text()
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()


ROOT_GROUP = typer.main.get_command(cli)


def made(name: str) -> Any:
    """The command behind a word of the command line."""
    return ROOT_GROUP.get_command(typer.Context(ROOT_GROUP), name)  # type: ignore[attr-defined]


def commands() -> list[tuple[str, ...]]:
    """Every command, as words."""
    found: list[tuple[str, ...]] = []
    for name in COMMANDS:
        inner = getattr(made(name), "commands", None)
        found += [(name, sub) for sub in inner] if inner else [(name,)]
    return found


def test_the_example_lists_exactly_the_settings() -> None:
    example = (ROOT / ".env.example").read_text()
    listed = re.findall(r"^([A-Z_]+)=", example, re.MULTILINE)
    assert sorted(listed) == sorted(str(field.alias) for field in Settings.model_fields.values())


@pytest.mark.parametrize("name", EVENTS)
def test_every_fact_stands_in_the_glossary(name: str) -> None:
    assert f"| `{name}` |" in GLOSSARY


def test_the_glossary_names_no_fact_that_is_not() -> None:
    assert set(re.findall(r"^\| `([A-Z]\w+)` \|", GLOSSARY, re.MULTILINE)) == set(EVENTS)


@pytest.mark.parametrize("words", commands(), ids=" ".join)
def test_every_command_is_documented_and_helps_with_an_example(words: tuple[str, ...]) -> None:
    assert f"`callbacks {' '.join(words)}`" in OPERATIONS
    shown = CliRunner().invoke(cli, [*words, "--help"])
    assert shown.exit_code == 0
    assert f"Example: callbacks {' '.join(words)}" in " ".join(shown.output.split())


@pytest.mark.parametrize(
    "path", sorted(p.relative_to(ROOT).as_posix() for p in ROOT.glob("**/*.md") if ".venv" not in p.parts)
)
def test_links_lead_somewhere(path: str) -> None:
    text = (ROOT / path).read_text()
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert ((ROOT / path).parent / target).exists(), target


def committed() -> list[Path]:
    kinds = {".py", ".md", ".toml", ".txt", ".in", ".ini", ".html", ".css", ".js", ".mako", ""}
    skipped = {
        ".git",
        ".venv",
        "var",
        ".mypy_cache",
        ".ruff_cache",
        ".import_linter_cache",
        "__pycache__",
        ".test-artifacts",
        ".hypothesis",
    }
    files = (p for p in ROOT.rglob("*") if p.is_file() and not skipped & set(p.parts))
    return [p for p in files if p.suffix in kinds]


def test_no_file_names_a_package_index_or_a_machine() -> None:
    hosts = ["pypi" + ".org", "python" + "hosted", "npm" + "js", "--index" + "-url", "--find" + "-links", "/wo" + "rk/"]
    for path in committed():
        text = path.read_text(errors="replace")
        found = [h for h in hosts if h in text and not (h.startswith("--") and path.name == "Makefile")]
        assert not found, (path, found)


def test_the_locks_are_hashed() -> None:
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-tools.txt"):
        pins = re.findall(r"^[a-z0-9].*==", (ROOT / name).read_text(), re.MULTILINE)
        hashed = re.findall(r"^[a-z0-9].*== ?\S+ \\\n +--hash=sha256:", (ROOT / name).read_text(), re.MULTILINE)
        assert len(pins) == len(hashed) > 20


def test_every_pitfall_names_tests_that_exist() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / "pitfalls.md").read_text()))
    sources = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    assert len(named) > 40
    assert {name for name in named if f"def {name}(" not in sources} == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_what_each_commands_help_says(name: str) -> None:
    assert made(name).help.split("\n\n")[0].replace("\n", " ") == COMMANDS[name].summary


HEAVY = {"sqlalchemy", "sqlmodel", "fastapi", "structlog", "httpx", "twilio", "apprise", "zxcvbn", "app.main"}


def imported_by(*words: str) -> set[str]:
    code = """import sys, app.cli.main
sys.argv = ["callbacks", *sys.argv[1:]]
try:
    app.cli.main.main()
finally:
    print(*sys.modules, file=sys.stderr)"""
    done = subprocess.run([sys.executable, "-c", code, *words], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


def test_help_imports_no_command() -> None:
    assert (HEAVY | {"pydantic", "app.settings", "app.cli.console"}) & imported_by("--help") == set()


@pytest.mark.parametrize(
    "line",
    [
        "hours",
        "deadline --from 2026-11-24T17:30:00-05:00",
        "policy check app/samples/policy.toml --roster app/samples/roster.toml",
        "oncall --roster app/samples/roster.toml",
    ],
)
def test_a_command_that_needs_no_database_imports_none(line: str) -> None:
    assert HEAVY & imported_by(*line.split()) == set()


def test_a_command_that_needs_no_pages_imports_none() -> None:
    assert {"fastapi", "apprise", "zxcvbn", "app.main"} & imported_by("migrate", "--help") == set()


def test_a_mistyped_command_is_answered_with_the_nearest() -> None:
    shown = CliRunner().invoke(cli, ["deadlin"])
    assert shown.exit_code == 2
    assert "Did you mean 'deadline'?" in shown.output


# Nothing in them can contact anybody: no night is made.
WITHOUT_PHONES = {
    "test_what_is_not_a_file_is_not_read",
    "test_the_whole_text_of_a_calendar_is_bounded",
    "test_a_role_that_owns_one_database_and_is_no_superuser_is_enough",
    "test_doctor_tells_a_rotation_from_a_wrong_token",
    "test_doctor_says_that_a_token_could_not_be_checked",
    "test_what_rows_are_about_is_read_from_payloads_and_notes",
    "test_overrides_of_the_older_version_become_rows_with_who_added_them",
}


@pytest.mark.parametrize("path", sorted((ROOT / "tests" / "stories").glob("test_*.py")), ids=lambda path: path.stem)
def test_every_story_ends_with_who_else_was_contacted(path: Path) -> None:
    functions = [f for f in ast.parse(path.read_text("utf-8")).body if isinstance(f, ast.FunctionDef)]
    stories = {f.name: ast.unparse(f.body[-1]) for f in functions if f.name.startswith("test_")}
    others = [name for name, last in stories.items() if not last.endswith(".nobody_else_was_contacted()")]
    assert [name for name in others if name not in WITHOUT_PHONES] == []
