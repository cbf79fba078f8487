"""The words of our pages, in English and French. Templates and pages write English; `locale/` has the French.

In templates: `{{ _("Open emergencies") }}`, `{{ _("%(n)s left", n=left) }}`,
`{{ ngettext("%(n)s call", "%(n)s calls", n, n=n) }}`. In Python: `say(language, "…", n=3)`.
A language is chosen by the visitor (cookie), else by their account, else by what the browser asks for.
"""

from functools import cache
from gettext import NullTranslations
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import pass_context
from jinja2.runtime import Context

from callbacks.lib.sentence import Sentence
from callbacks.messages import catalog
from callbacks.messages.catalog import LANGUAGES

COOKIE = "callbacks_language"
SECURE_COOKIE = "__Host-callbacks-language"
FRENCH = Path(__file__).parents[1] / "locale" / "fr" / "LC_MESSAGES" / "pages.po"


@cache
def translations(language: str) -> NullTranslations:
    """The catalogue of our pages: English is in the code."""
    return catalog.compiled(FRENCH) if language == "fr" else NullTranslations()


def say(language: str, words: str, **facts: Any) -> str:
    """A phrase in a language; `facts` fill `%(name)s`. English where there is no other."""
    text = translations(language).gettext(words) if words else ""
    return text % facts if facts else text


def said(language: str, told: str) -> str:
    """A sentence of the core or of an error, which knows the phrase it was made of; any other text as it is."""
    return say(language, told.words, **told.facts) if isinstance(told, Sentence) else say(language, told)


def say_n(language: str, one: str, many: str, n: int, **facts: Any) -> str:
    """The singular or the plural of a phrase: French says 0 in the singular."""
    return translations(language).ngettext(one, many, n) % {"n": n, **facts}


def outcome_name(outcome: str) -> str:
    """An outcome as pages show it, in English: the API's void is a customer who could not be reached."""
    return "unreached" if outcome == "void" else outcome


def language_of(request: Request, own: str | None = None) -> str:
    """The language of a page: the cookie, the account's, the browser's first that we speak, English."""
    asked = [part.split(";")[0].strip()[:2].lower() for part in request.headers.get("accept-language", "").split(",")]
    wanted = (request.cookies.get(SECURE_COOKIE) or request.cookies.get(COOKIE), own, *asked)
    return next((language for language in wanted if language in LANGUAGES), "en")


@pass_context
def gettext(context: Context, words: str) -> str:
    """For templates: the page's language is in its context."""
    return say(context.get("language", "en"), words)


@pass_context
def ngettext(context: Context, one: str, many: str, n: int) -> str:
    return translations(context.get("language", "en")).ngettext(one, many, n)
