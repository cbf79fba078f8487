"""House words stay out of what people read: documents, samples, the help of the commands, and every catalogue."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli.main import cli
from callbacks.messages import catalog
from tests.catalogues import french_pages
from tests.docs.test_documents import commands

ROOT = Path(__file__).parents[2]
PLACES = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / "app" / "samples").iterdir(),
    ROOT / ".env.example",
]
# A word and what to write instead. Log events and settings in `backticks` are names, not prose.
INSTEAD = {
    r"mend(s|ed|ing)?": "fix",
    r"ladders?|rungs": "escalation policy, step",
    r"poison": "failing, quarantine",
    r"rota": "rotation, roster",
    r"strangers?": "unknown number, unknown user",
    r"newcomers?": "new user",
    r"courtes(y|ies)": "customer notification",
    r"harsh(est)?": "strict",
    r"audit list|list of deeds": "audit log",
    r"signs? of life": "heartbeat",
    r"worthless": "revoked",
    r"takes? (it )?along": "download, export",
    r"foresight|outlook": "preview, next action",
    r"last instant": "deadline",
    r"bad night": "incident",
    r"let in (again|no more)": "enable, disable",
    r"is (no|of no) (plain|account|technician|rotation|kind|pace)": "is not a …",
    r"by this (account|house)": "belongs to",
    r"give it again": "run it again",
    r"anchor(s|ed)?(?!\.jsonl)": "checkpoint",
    r"live house": "live system",
}
WORDS = re.compile(rf"\b(?:{'|'.join(INSTEAD)})\b", re.IGNORECASE)

# What pages and phones said in their own dialect.
SPOKEN = re.compile(r"\b(?:rungs?|begins? again|let in|is rung|by hand|goes on|the carrier's console)\b", re.IGNORECASE)


def prose(text: str) -> str:
    """Without code blocks, `names` and addresses of links."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`]*`|\]\([^)]*\)", "", text)


def found(text: str) -> list[str]:
    return [line.strip() for line in prose(text).splitlines() if WORDS.search(line)]


@pytest.mark.parametrize("place", PLACES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_document_uses_the_words_of_the_field(place: Path) -> None:
    assert found(place.read_text("utf-8")) == []


@pytest.mark.parametrize("words", [(), *commands()], ids=" ".join)
def test_the_help_uses_the_words_of_the_field(words: tuple[str, ...]) -> None:
    assert found(CliRunner().invoke(cli, [*words, "--help"]).output) == []


def test_pages_texts_and_speech_use_the_words_of_the_field() -> None:
    said = list(french_pages())
    for domain in catalog.DOMAINS:
        for message in catalog.read(catalog.path_of("en", domain)):
            said += [message.string] if isinstance(message.string, str) else list(message.string or ())
    assert len(said) > 1000
    assert [words for words in said if found(words) or SPOKEN.search(words)] == []


NAMES = re.compile(
    r"(?:^|_)(?:world|ladders?|rungs?|poison|harsh|courtes(?:y|ies)|outlook|foresight|newcomers?|strangers?|house|chores|"
    r"upkeep|rota|switchboard|climbs?|mend(?:s|ed)?|obey|anchors?)(?:_|$)"
)
# The sandbox carries out a program.
KEPT = {"_obey"}


def _names(path: Path) -> Iterator[str]:
    yield path.stem
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg


def test_names_in_the_code_use_the_words_of_the_field() -> None:
    code = [path for folder in ("app", "callbacks", "sandbox") for path in (ROOT / folder).rglob("*.py")]
    outside = [path for path in code if "simulation" not in path.parts]
    wrong = {(path.name, name) for path in outside for name in _names(path) if NAMES.search(name) and name not in KEPT}
    assert len(code) > 100 and wrong == set()


def test_a_house_word_is_noticed() -> None:
    assert found("the ladder is mended") == ["the ladder is mended"]
    assert found("`emergency.failing` of [a page](docs/rota.md)") == []
