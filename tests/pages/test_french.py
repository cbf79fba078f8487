"""French pages are complete: whatever reads the same in both languages has to be a name, a number or on this list."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2.ext import babel_extract

from app.runtime import HERE
from app.web.base.language import COOKIE
from tests.catalogues import french_pages
from tests.conftest import fresh_database
from tests.night import Night, minutes, seconds
from tests.pages.reading import words_of
from tests.source import tree

PAGES = (
    "/", "/emergencies/E-000001", "/schedule", "/schedule?view=week&at=2026-11-24", "/compliance?month=2026-11",
    "/compliance?month=2026-10", "/customers", "/people", "/policy", "/carrier", "/webhooks", "/login", "/nothing-here",
    "/emergencies/E-000099", "/schedule?view=year",
)  # fmt: skip
# Words that are the same in both languages, and names of people, rotations and products.
SAME = {
    "callbacks", "sandbox", "api", "notes", "note", "code", "page", "pages", "client", "clients", "date", "type", "source",
    "message", "messages", "description", "en", "fr", "csv", "pdf", "json", "sms", "webhooks", "webhook", "actions", "action",
    "ical", "user", "token", "override", "https", "example", "com", "hook", "conversation", "exclusion", "rotation", "rotations", "minutes", "minute", "secondes", "total", "max", "min", "url",
}  # fmt: skip
NAMES = {
    "ana", "bob", "cleo", "sue", "roy", "chen", "martin", "tremblay", "priya", "shah", "luc", "gagnon", "primary", "backup",
    "modusgate", "modusmail", "moduscloud", "modushosted", "sql", "express", "america", "toronto", "english", "français",
}  # fmt: skip
WORD = re.compile(r"[^\W\d_]{3,}")


@pytest.fixture(scope="module")
def busy_night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """Something of everything has happened."""
    folder = tmp_path_factory.mktemp("busy")
    night = Night(fresh_database("sqlite", folder), folder)
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").is_called_back_by("3").presses("1")
    night.customer.answers(and_talks_for=seconds(90))
    ana.presses("1")
    night.other_customer.calls().leaves_message()
    night.passes(minutes(5))
    yield night
    night.close()


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_left_in_english(busy_night: Night, path: str) -> None:
    english, french = (read(busy_night, path, language) for language in ("en", "fr"))
    left = [words for words in french if words in english and not is_same(words)]
    assert left == []


def read(night: Night, path: str, language: str) -> list[str]:
    answer = night.web.get(path, headers={"Accept": "text/html"}, cookies={COOKIE: language})
    assert f'<html lang="{language}">' in answer.text, (path, answer.status_code)
    return words_of(answer.text)


def is_same(words: str) -> bool:
    return all(word.lower() in SAME | NAMES for word in WORD.findall(words))


def test_every_phrase_of_a_template_has_its_french() -> None:
    missing = [phrase for phrase in sorted(in_templates()) if phrase not in french_pages()]
    assert missing == []


def in_templates() -> set[str]:
    found: set[str] = set()
    for path in (HERE / "templates").rglob("*.html"):
        with path.open("rb") as file:
            for _, function, phrases, _ in babel_extract(file, ("_", "ngettext"), [], {"newstyle_gettext": "true"}):
                first = phrases[0] if isinstance(phrases, tuple) else phrases
                if first and function:
                    found.add(first)
    return found


def test_every_phrase_of_a_page_module_has_its_french() -> None:
    missing = [phrase for phrase in sorted(in_python()) if phrase not in french_pages()]
    assert missing == []


def in_python() -> set[str]:
    """The literal phrases of `say`, `say_n` and `sentence` in app/."""
    found: set[str] = set()
    for path in Path(HERE).rglob("*.py"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                place = {"say": 1, "say_n": 1, "sentence": 0}.get(node.func.id)
                literal = node.args[place] if place is not None and len(node.args) > place else None
                if isinstance(literal, ast.Constant) and isinstance(literal.value, str):
                    found.add(literal.value)
    return found


def test_translations_keep_their_facts() -> None:
    """A French phrase fills the same places as the English one."""
    for english, french in french_pages().items():
        for form in french:
            assert set(re.findall(r"%\((\w+)\)", form)) <= set(re.findall(r"%\((\w+)\)", english)) | {"n"}, english
