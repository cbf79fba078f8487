"""Every page of ours, and how to read one as a person does: its words, without its markup."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

SPOKEN = ("aria-label", "title", "placeholder", "alt")
# Elements whose text is data: people's words, codes, times.
DATA = ("bdi", "q", "code", "pre", "time", "script", "style", "option-data")
VOID = ("meta", "link", "br", "img", "input", "hr", "source", "col", "wbr", "path", "rect", "line", "circle")


@dataclass
class Reader(HTMLParser):
    """Collects what a person reads: text and spoken attributes outside DATA elements."""

    words: list[str] = field(default_factory=list)
    _within: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if not self._is_data() and "data-own-words" not in given:
            self.words += [str(given[name]) for name in SPOKEN if given.get(name)]
        if tag not in VOID:
            self._within.append("bdi" if "data-own-words" in given else tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self._within:
            self._within.pop()

    def handle_data(self, data: str) -> None:
        if not self._is_data() and data.strip():
            self.words.append(" ".join(data.split()))

    def _is_data(self) -> bool:
        return any(tag in DATA for tag in self._within)


def words_of(html: str) -> list[str]:
    """What a page says, in order."""
    reader = Reader()
    reader.feed(html)
    return reader.words
