"""Whom an event of a calendar means: a person of the roster, if exactly one is meant.

- First the whole summary: short name, full name or e-mail address.
- Then a name inside a phrase, as PagerDuty, Opsgenie, Grafana and people write it: "On Call - Bob Chen - Support".
  A name inside a longer name of somebody else does not count, nor a first name that another surname follows.
- Then the attendees, by address or name; who declined is not asked.
- A word for absence beside the one who is meant ("Bob Chen (PTO)", "Ana Roy - vacances") says that they are not there.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from callbacks.ical import Property

# Words that stand beside a name without being part of one.
_WORDS = """
on call oncall on-call duty shift week weekend day night evening primary secondary backup support rotation rota
schedule team tech technician level tier for with is until from to the l0 l1 l2 l3 override layer final covers
de du la le garde astreinte semaine nuit jour soir avec pour équipe
"""
BESIDE = frozenset(_WORDS.split())
_ABSENT = """
absent absente absents absentes absence absences away off out ooo oof pto toil rtt leave on-leave out-of-office
off-duty day-off vacation vacations vacances holiday holidays conge conges sick sickness ill malade maladie unwell
sabbatical sabbatique furlough maternity paternity parental maternite paternite bereavement deuil jury gone
unavailable indisponible indisponibles indispo repos recup recuperation arret not never pas jamais cannot canceled
cancelled annule annulee
"""
ABSENT = frozenset(_ABSENT.split())
SIGNS = frozenset("🚫❌🏖🏝🌴🤒")
# Such words where they speak of the hours or of the handing over, not of a person.
NOT_OF_A_PERSON = re.compile(
    r"\boff[ -](?:hours?|peak|shift hours?)\b|\bout[ -]of[ -]hours?\b|\bhand(?:ed|ing)?[ -]off\b|\bvacation (?:de|du)\b"
    r"|\bholidays? (?:on[ -]?call|duty|shifts?|cover|coverage|support|rotation|rota|schedule|weeks?)\b"
)
NAMED = "\0"  # where a name stood
DENIED = re.compile(rf"\b(?:no|non|without|sans|except|excepte|excluding|sauf|minus)\b[\s:]*{NAMED}")
CANCELLED = re.compile(r"(?:canceled|cancelled|annulée?)\s*:")
WORD = re.compile(r"[\w'’-]+")


@dataclass(frozen=True, slots=True)
class Known:
    """A person of the roster and everything that a calendar may call them."""

    name: str
    called: tuple[str, ...]


def plain(text: str) -> str:
    """Blanks and Unicode forms made one: what looks alike is alike."""
    kept = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return " ".join(kept.split())


def folded(text: str) -> str:
    """The same, case ignored."""
    return unicodedata.normalize("NFKC", plain(text).casefold())


def is_called_off(summary: str) -> bool:
    """Outlook writes so before the summary of a meeting that was cancelled."""
    return CANCELLED.match(folded(summary)) is not None


def _says_absence(text: str) -> bool:
    """Whether a summary, its names taken out, says that somebody is not there; accents do not matter."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)).replace("’", "'")
    bare = NOT_OF_A_PERSON.sub(" ", bare)
    words = (word.strip("'-_") for word in WORD.findall(bare))
    return bool(DENIED.search(bare) or SIGNS & set(bare)) or any(w in ABSENT or w.endswith("n't") for w in words)


class Names:
    """The people of a roster, looked up by what calendars call them."""

    def __init__(self, people: Iterable[Known]) -> None:
        self._whole: dict[str, set[str]] = {}
        for person in people:
            for name in person.called:
                if folded(name):
                    self._whole.setdefault(folded(name), set()).add(person.name)
        self._phrase = lru_cache(maxsize=4096)(self._in_phrase)

    def meant(self, summary: str, attendees: Sequence[Property]) -> set[str]:
        """Who is meant: one, nobody, or several when it cannot be told."""
        found = self._whole.get(folded(summary), set()) or self._phrase(plain(summary))
        if found:
            return set(found)
        by_attendee: set[str] = set()
        for attendee in attendees:
            if attendee.params.get("PARTSTAT", "").upper() != "DECLINED":
                by_attendee |= self._attending(attendee)
        return by_attendee

    def is_absence(self, summary: str) -> bool:
        """Whether the summary says that whoever is meant is not there. A name alone says nothing, whatever it is."""
        text = folded(summary)
        for name in sorted(self._whole, key=len, reverse=True):
            for found in reversed(list(_whole_words(name, text))):
                text = text[: found.start()] + NAMED + text[found.end() :]
        return _says_absence(text)

    def _attending(self, attendee: Property) -> set[str]:
        address = attendee.value.strip()
        if address[:7].casefold() == "mailto:":
            address = address[7:]
        return self._whole.get(folded(address)) or self._whole.get(folded(attendee.params.get("CN", "")), set())

    def _in_phrase(self, phrase: str) -> frozenset[str]:
        text = phrase.casefold()
        if len(text) != len(phrase):
            phrase = text  # letters that casefold makes longer: then case says nothing
        found = [(m.start(), m.end(), name) for name in self._whole for m in _whole_words(name, text)]
        longest = [
            (start, end, name) for start, end, name in found
            if not any(a <= start and end <= b and (a, b) != (start, end) for a, b, _ in found)
        ]  # fmt: skip
        meant: set[str] = set()
        for start, end, name in longest:
            if " " in name or "@" in name or not _has_surname(phrase, start, end):
                meant |= self._whole[name]
        return frozenset(meant)


def _whole_words(name: str, text: str) -> Iterable[re.Match[str]]:
    if name not in text:
        return ()
    return re.finditer(rf"(?<![\w@.+]){re.escape(name)}(?![\w@])(?!\.\w)", text)


def _has_surname(phrase: str, start: int, end: int) -> bool:
    """Whether a single name stands beside another word that may be a part of the same name."""
    before, after = phrase[:start], phrase[end:]
    if after[:1] == "-" or (before[-1:] == "-" and before[-2:-1].strip()):
        return True
    beside = [WORD.match(after.lstrip()) if after[:1].isspace() else None]
    words = WORD.findall(before) if before[-1:].isspace() and WORD.fullmatch(before.rstrip()[-1:]) else []
    near = [found[0] for found in beside if found] + words[-1:]
    return any(word[:1].isupper() and word.casefold() not in BESIDE | ABSENT for word in near)
