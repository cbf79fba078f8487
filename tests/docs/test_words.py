"""House words stay out of what people read: documents, samples, the help of the commands, and every catalogue."""

import re
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


def test_a_house_word_is_noticed() -> None:
    assert found("the ladder is mended") == ["the ladder is mended"]
    assert found("`emergency.failing` of [a page](docs/rota.md)") == []
