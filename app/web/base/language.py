"""The words of our pages, in English and French. Templates and pages write English; `french/` has the other half.

In templates: `{{ _("Open emergencies") }}`, `{{ _("%(n)s left", n=left) }}`,
`{{ ngettext("%(n)s call", "%(n)s calls", n, n=n) }}`. In Python: `say(language, "…", n=3)`.
A language is chosen by the visitor (cookie), else by their account, else by what the browser asks for.
"""

import importlib
import pkgutil
import re
from collections.abc import Mapping
from typing import Any

from fastapi import Request
from jinja2 import pass_context
from jinja2.runtime import Context

from app.web import french
from callbacks.lib.sentence import Sentence

LANGUAGES = ("en", "fr")
COOKIE = "callbacks_language"
SECURE_COOKIE = "__Host-callbacks-language"
Words = Mapping[str, str | tuple[str, str]]
# A colon, and what stands inside « », keep to their words by a space at which no line breaks.
NO_BREAK = (
    (re.compile(r"(?<=[^\s:]) ?:(?=\s|$)"), "\u00a0:"),
    (re.compile(r"« "), "«\u00a0"),
    (re.compile(r" »"), "\u00a0»"),
)


def _gathered() -> dict[str, str | tuple[str, str]]:
    """Every room's catalogue in one; two rooms may share a phrase only if they translate it alike."""
    found: dict[str, str | tuple[str, str]] = {}
    for module in pkgutil.iter_modules(french.__path__):
        words: Words = importlib.import_module(f"{french.__name__}.{module.name}").WORDS
        for english, other in words.items():
            set_ = _set(other) if isinstance(other, str) else (_set(other[0]), _set(other[1]))
            assert found.setdefault(english, set_) == set_, f"{english!r} has two translations"
    return found


def _set(text: str) -> str:
    """French as it is set in print."""
    for found, better in NO_BREAK:
        text = found.sub(better, text)
    return text


CATALOGUES: dict[str, Words] = {"en": {}, "fr": _gathered()}


def say(language: str, words: str, **facts: Any) -> str:
    """A phrase in a language; `facts` fill `%(name)s`. English where there is no other."""
    found = CATALOGUES.get(language, {}).get(words, words)
    text = found if isinstance(found, str) else found[0]
    return text % facts if facts else text


def said(language: str, told: str) -> str:
    """A sentence of the core or of an error, which knows the phrase it was made of; any other text as it is."""
    return say(language, told.words, **told.facts) if isinstance(told, Sentence) else say(language, told)


def say_n(language: str, one: str, many: str, n: int, **facts: Any) -> str:
    """The singular or the plural of a phrase: French says 0 in the singular."""
    found = CATALOGUES.get(language, {}).get(one, (one, many))
    forms = (found, found) if isinstance(found, str) else found
    is_one = n in (0, 1) if language == "fr" else n == 1
    return forms[0 if is_one else 1] % {"n": n, **facts}


def language_of(request: Request, own: str | None = None) -> str:
    """The language of a page: the cookie, the account's, the browser's first that we speak, English."""
    asked = [part.split(";")[0].strip()[:2].lower() for part in request.headers.get("accept-language", "").split(",")]
    wanted = (request.cookies.get(SECURE_COOKIE) or request.cookies.get(COOKIE), own, *asked)
    return next((language for language in wanted if language in CATALOGUES), "en")


@pass_context
def gettext(context: Context, words: str) -> str:
    """For templates: the page's language is in its context."""
    return say(context.get("language", "en"), words)


@pass_context
def ngettext(context: Context, one: str, many: str, n: int) -> str:
    language = context.get("language", "en")
    found = CATALOGUES.get(language, {}).get(one, (one, many))
    forms = (found, found) if isinstance(found, str) else found
    is_one = n in (0, 1) if language == "fr" else n == 1
    return forms[0 if is_one else 1]
