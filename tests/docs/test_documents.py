"""What documents say of the code is true, and nothing speaks of where it was made."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from app.cli.main import MODULES, assembled, cli
from app.settings import Settings
from callbacks.emergency.events import EVENTS

ROOT = Path(__file__).parents[2]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text()
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()


def commands() -> list[tuple[str, ...]]:
    """Every command, as words."""
    found = []
    root = typer.main.get_command(cli)
    for name, command in root.commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
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


def test_each_command_is_made_by_the_module_that_the_table_names() -> None:
    for word, module in MODULES.items():
        made = typer.main.get_command(assembled(word)).commands  # type: ignore[attr-defined]
        assert word in made, module
        assert {MODULES[name] for name in made} == {module}
    assert {words[0] for words in commands()} == set(MODULES)


def test_a_command_that_needs_no_pages_imports_none() -> None:
    code = "import sys; from app.cli.main import assembled; assembled('migrate'); print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert {"fastapi", "apprise", "zxcvbn", "app.main"} & set(done.stdout.split()) == set()
