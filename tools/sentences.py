"""Writes every text, spoken sentence and phrase of the pages, in English and French, into var/sentences.md to be read.

Run: python tools/sentences.py [FILE]
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from app.web.base.language import FRENCH
from callbacks.messages import catalog

REVIEW = Path("var/sentences.md")


def main(target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    lines = ["# Every sentence, in English and French", ""]
    for domain in catalog.DOMAINS:
        lines += [f"## {domain}", "", *_by_slug(domain), ""]
    lines += ["## pages", "", *_pages(), ""]
    target.write_text("\n".join(lines))
    print(f"{target}: {sum(line.startswith('- ') for line in lines)} sentences in two languages")


def _by_slug(domain: str) -> Iterator[str]:
    english, french = (catalog.read(catalog.path_of(language, domain)) for language in catalog.LANGUAGES)
    for message in english:
        if message.id:
            other = french.get(message.id if isinstance(message.id, str) else message.id[0], message.context)
            name = message.id if isinstance(message.id, str) else message.id[0]
            yield f"- `{name}` {_forms(message.string)}"
            yield f"  {_forms(other.string) if other else 'MISSING'}"


def _pages() -> Iterator[str]:
    for message in catalog.read(FRENCH):
        if message.id:
            yield from ("", f"### {message.user_comments[0]}", "") if message.user_comments else ()
            yield f"- {_forms(message.id)}"
            yield f"  {_forms(message.string)}"


def _forms(forms: str | list[str] | tuple[str, ...]) -> str:
    return forms if isinstance(forms, str) else " | ".join(forms)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else REVIEW)
