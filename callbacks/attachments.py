"""What comes with a text: pictures, contact cards, voice notes, videos, places. How they are told in words.

A note holds them as marks such as `[2 pictures]`, in English; `in_language` says them to whoever reads French.
"""

import re
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

MOST_PER_TEXT, MOST_KEPT = 10, 20  # of one text, as the carrier allows; of one emergency


class Kind(StrEnum):
    PICTURE = "picture"
    CONTACT_CARD = "contact card"
    VOICE_NOTE = "voice note"
    VIDEO = "video"
    PLACE = "place"
    FILE = "file"


FRENCH = {
    Kind.PICTURE: ("photo", "photos"),
    Kind.CONTACT_CARD: ("fiche de contact", "fiches de contact"),
    Kind.VOICE_NOTE: ("message vocal", "messages vocaux"),
    Kind.VIDEO: ("vidéo", "vidéos"),
    Kind.PLACE: ("lieu", "lieux"),
    Kind.FILE: ("fichier", "fichiers"),
}
MARK = re.compile(rf"\[(?:(\d+) )?({'|'.join(Kind)})s?\]")


def kind_of(content_type: str) -> Kind:
    """What the sender's phone says that it is."""
    given = content_type.partition(";")[0].strip().lower()
    if "vcard" in given or given == "text/directory":
        return Kind.CONTACT_CARD
    families = {"image": Kind.PICTURE, "audio": Kind.VOICE_NOTE, "video": Kind.VIDEO}
    return families.get(given.partition("/")[0], Kind.FILE)


def marks(kinds: Iterable[Kind]) -> str:
    """`[2 pictures] [video]`; "" of nothing."""
    found = Counter(kinds)
    return " ".join(f"[{kind}]" if n == 1 else f"[{n} {kind}s]" for kind, n in found.items())


def in_language(words: str, language: str) -> str:
    """The words with their marks in a language."""
    return MARK.sub(_french, words) if language == "fr" else words


def _french(found: re.Match[str]) -> str:
    one, many = FRENCH[Kind(found[2])]
    return f"[{found[1]} {many}]" if found[1] else f"[{one}]"
