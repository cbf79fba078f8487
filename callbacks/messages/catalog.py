"""The catalogues of texts, speech and verdicts: gettext's, read from `locale/` once per process, by slug.

Babel is imported when the first sentence is asked for: commands that say nothing start without it.
"""

from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from callbacks.lib.sentence import Language

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

LANGUAGES = tuple(Language)
DOMAINS = ("texts", "alarms", "customers", "speech", "verdicts")
LOCALE = Path(__file__).parent / "locale"


class _NoSuchPhrase(NullTranslations):
    """Behind a catalogue by slug: a slug that it lacks is a fault of ours, never words to show."""

    def gettext(self, message: str) -> str:
        raise KeyError(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        raise KeyError(msgid1)

    def pgettext(self, context: str, message: str) -> str:
        raise KeyError(message)

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:
        raise KeyError(msgid1)


def phrase(slug: str, language: str, n: int | None = None) -> str:
    """A phrase with its `{…}`: English where there is no other language; for a count, in its plural where it has one.
    Raises KeyError for an unknown slug."""
    words = _translations(language)
    if n is not None and slug in _plurals():
        return words.ngettext(slug, slug, n)
    return words.gettext(slug)


def phrase_in(context: str, slug: str, language: str, n: int | None = None) -> str:
    """The same for a phrase that stands under a context of `verdicts.po`."""
    words = _translations(language)
    return words.pgettext(context, slug) if n is None else words.npgettext(context, slug, slug, n)


@cache
def slugs(domain: str | None = None, context: str | None = None) -> frozenset[str]:
    """The slugs of one domain, or of all, under a context or under none."""
    domains = (domain,) if domain else DOMAINS
    messages = (m for name in domains for m in read(path_of(LANGUAGES[0], name)) if m.id and m.context == context)
    return frozenset(m.id if isinstance(m.id, str) else m.id[0] for m in messages)


@cache
def _plurals() -> frozenset[str]:
    messages = (m for name in DOMAINS for m in read(path_of(LANGUAGES[0], name)) if not m.context)
    return frozenset(m.id[0] for m in messages if not isinstance(m.id, str))


@cache
def _translations(language: str) -> GNUTranslations:
    if language not in LANGUAGES:
        return _translations(LANGUAGES[0])
    found, *others = (compiled(path_of(language, domain)) for domain in DOMAINS)
    for other in (*others, _NoSuchPhrase()):
        found.add_fallback(other)
    return found


def path_of(language: str, domain: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"{domain}.po"


@cache
def read(path: Path) -> "Catalog":
    """One `.po` file."""
    from babel.messages.pofile import read_po

    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3], abort_invalid=True)


def compiled(path: Path) -> GNUTranslations:
    """One `.po` file as gettext looks it up."""
    from babel.messages.mofile import write_mo

    made = BytesIO()
    write_mo(made, read(path))
    made.seek(0)
    return GNUTranslations(made)
