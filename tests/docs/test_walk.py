"""The walk and the pictures name files, functions and commands that are there."""

import ast
import importlib.util
import re
import sys
from pathlib import Path

import pytest

from tests.docs.test_documents import commands

ROOT = Path(__file__).parents[2]
WALK = (ROOT / "docs" / "walk.md").read_text()
STEPS = re.findall(r"^\|[^|]*\| `([\w/.]+\.py)` \|([^|]*)\|", WALK, re.MULTILINE)
FILE = re.compile(r"(?<![\w./<-])((?:[\w-]+/)*[\w-]+\.py)\b")
DOCUMENTS = [p for p in ROOT.glob("**/*.md") if not {".venv", "var"} & set(p.parts) and p.name != "CHANGELOG.md"]
FOLDERS = ("alembic", "app", "benchmarks", "callbacks", "sandbox", "tests", "tools")
SOURCES = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
OTHERS = {"2fpage.py", "recordings/x.py", "2e/main.py"}  # addresses that tests ask for


def functions(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize(("path", "names"), STEPS)
def test_each_step_names_functions_of_its_file(path: str, names: str) -> None:
    assert set(re.findall(r"`(\w+)`", names)) <= functions(path)


def test_the_walk_has_steps() -> None:
    assert len(STEPS) > 25


def test_the_walk_names_commands_that_exist() -> None:
    known = {words[0] for words in commands()}
    assert set(re.findall(r"callbacks ([a-z-]+)", WALK)) <= known
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"make ([a-z]+)", WALK)) <= targets


def test_the_walk_names_tests_that_exist() -> None:
    sources = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    for name in re.findall(r"`(test_\w+)`", WALK):
        assert f"def {name}(" in sources


def files() -> list[str]:
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    return [path.relative_to(ROOT).as_posix() for path in found]


def test_every_file_that_is_named_exists() -> None:
    paths = files()
    wrong = []
    for place in (*DOCUMENTS, *SOURCES):
        for named in FILE.findall(place.read_text()):
            is_there = any(path == named or path.endswith(f"/{named}") for path in paths)
            if not is_there and named not in OTHERS:
                wrong.append(f"{place.relative_to(ROOT)}: {named}")
    assert wrong == []


def test_the_pictures_show_the_code() -> None:
    for tool in ("rooms", "states"):
        spec = importlib.util.spec_from_file_location(tool, ROOT / "tools" / f"{tool}.py")
        assert spec and spec.loader
        module = importlib.util.module_from_spec(spec)
        sys.modules[tool] = module
        spec.loader.exec_module(module)
        assert module.drawn() in (ROOT / "docs" / "architecture.md").read_text(), f"run python tools/{tool}.py"


def test_the_architecture_is_one_page() -> None:
    assert len((ROOT / "docs" / "architecture.md").read_text().splitlines()) <= 120
