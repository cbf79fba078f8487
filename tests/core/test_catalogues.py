"""The catalogues of texts, speech and verdicts: complete in both languages, with the same facts, and strict."""

import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from callbacks.messages import catalog, wording
from callbacks.messages.catalog import DOMAINS, LOCALE

FACT = re.compile(r"\{(\w+)\}")
Key = tuple[str | None, str]


def entries(language: str, domain: str) -> dict[Key, tuple[str, ...]]:
    found: dict[Key, tuple[str, ...]] = {}
    for message in catalog.read(LOCALE / language / "LC_MESSAGES" / f"{domain}.po"):
        if message.id:
            forms: Any = (message.string,) if isinstance(message.string, str) else message.string
            found[message.context, message.id if isinstance(message.id, str) else message.id[0]] = tuple(forms)
    return found


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_phrase_is_in_both_languages_with_the_same_facts(domain: str) -> None:
    english, french = entries("en", domain), entries("fr", domain)
    assert english.keys() == french.keys()
    for key, forms in english.items():
        assert all(forms) and all(french[key]), key
        assert len(forms) == len(french[key]), key
        for one, other in zip(forms, french[key], strict=True):
            assert set(FACT.findall(one)) == set(FACT.findall(other)), key


def test_no_slug_stands_in_two_files() -> None:
    slugs = [slug for domain in DOMAINS for slug in entries("en", domain)]
    assert len(slugs) == len(set(slugs))


@pytest.mark.parametrize(
    ("n", "language", "words"),
    [
        (1, "en", "1 minute"),
        (30, "en", "30 minutes"),
        (0, "en", "0 minutes"),
        (0, "fr", "0 minute"),
        (1, "de", "1 minute"),
    ],
)
def test_counts_are_in_the_plural_of_their_language(n: int, language: str, words: str) -> None:
    assert wording.text("minutes", language, n=n) == words


def test_a_count_in_a_phrase_without_plural_is_filled() -> None:
    assert wording.text("called-times", "en", n=3) == ", called 3 times"


def test_an_unknown_slug_is_a_fault() -> None:
    with pytest.raises(KeyError, match="no-such-text"):
        wording.text("no-such-text", "fr")


def test_days_are_short_without_a_period_or_in_full() -> None:
    tuesday = datetime(2026, 11, 24, 18, tzinfo=UTC)
    assert wording.local_day(tuesday, "UTC", "fr") == "mar 18:00"
    assert wording.spoken_day(tuesday, "UTC", "fr") == "mardi 18:00"
    assert wording.local_day(tuesday, "UTC", "en") == "Tue 18:00"


def test_babel_is_not_imported_before_a_sentence_is_asked_for() -> None:
    code = "import sys; from callbacks.messages import wording; print('babel' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert ran.stdout.strip() == "False"
