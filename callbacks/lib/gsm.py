"""The alphabet of a text message (GSM 03.38), what a text costs in segments, and web addresses left out of it.

One character outside it turns the whole text into UCS-2, 70 characters a segment instead of 160.
"""

import re
import unicodedata
from itertools import accumulate

MOST_SEGMENTS = 2  # of any text of ours, save a storm's lists
BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("^{}\\[~]|€\f")
ALPHABET = BASIC | EXTENDED
LOOKALIKES = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "“": '"',
        "”": '"',
        "«": '"',
        "»": '"',
        "–": "-",
        "—": "-",
        "…": "...",
        "\u00a0": " ",
        "\u202f": " ",
        "œ": "oe",
        "Œ": "OE",
        "ç": "c",
        "À": "A",
        "È": "E",
        "Ù": "U",
        "Ł": "L",
        "ł": "l",
        "Đ": "D",
        "đ": "d",
        "Ð": "D",
        "ð": "d",
        "Ħ": "H",
        "ħ": "h",
        "ı": "i",
        "Ŧ": "T",
        "ŧ": "t",
        "Þ": "Th",
        "þ": "th",
        "Ŋ": "N",
        "ŋ": "n",
    }
)


def is_gsm7(text: str) -> bool:
    return ALPHABET.issuperset(text)


def segments(text: str) -> int:
    """How many segments the carrier sends and bills."""
    if is_gsm7(text):
        length, single, part = sum(2 if c in EXTENDED else 1 for c in text), 160, 153
    else:
        length, single, part = len(text.encode("utf-16-be")) // 2, 70, 67
    return 1 if length <= single else -(-length // part)


def shortened(text: str, septets: int) -> str:
    """The text in GSM-7 if it costs no more than that, else its beginning and three dots."""
    plain = to_gsm7(text)
    costs = [2 if c in EXTENDED else 1 for c in plain]
    if sum(costs) <= septets:
        return plain
    kept = sum(1 for total in accumulate(costs) if total <= septets - 3)
    return plain[:kept].rstrip() + "..."


def without_other_scripts(text: str) -> str:
    """The text without the letters that have no like in the alphabet: Cyrillic, Arabic, Chinese and the like."""
    composed = unicodedata.normalize("NFC", text)
    return " ".join("".join(" " if _is_of_another_script(c) else c for c in composed).split())


def _is_of_another_script(c: str) -> bool:
    return c not in ALPHABET and unicodedata.category(c)[0] in "LM" and to_gsm7(c) == "?"


def to_gsm7(text: str) -> str:
    """The nearest text inside the alphabet: ê becomes e, a curly quote a straight one, the rest "?"."""
    if is_gsm7(text):
        return text
    return "".join(_nearest(c) for c in unicodedata.normalize("NFC", text).translate(LOOKALIKES))


def _nearest(c: str) -> str:
    if c in ALPHABET:
        return c
    plain = unicodedata.normalize("NFKD", c)
    kept = "".join(p for p in plain if p in BASIC)
    return kept or "?"


# Web addresses in a stranger's words: left out of what we pass on, so that nobody taps a link because we sent it.
#
# Found generously: a word too many is on the page, where it is plain text; a link too many is a stolen session. What
# is searched is what a phone would get: first made GSM-7, because that turns look-alike dots and letters into plain
# ones.

MOST_READ = 400  # more than a text shows; what is searched is a stranger's
REPLACED = {"en": "[link]", "fr": "[lien]"}
MARK = "\0"
DOTS = str.maketrans(dict.fromkeys("\u3002\uff0e\uff61\u2024\ufe52\u06d4\u0701\u0702", "."))
SPELLED_DOT = re.compile(r"\s*[\[({<]\s*(?:\.|dot|point)\s*[\])}>]\s*", re.IGNORECASE)
LABEL = r"[^\W_](?:[\w-]*[^\W_])?"
TAIL = r"(?::\d+)?(?:[/?#]\S*)?"
ADDRESS = re.compile(
    rf"""
    [a-z][a-z0-9+.-]+:/{{1,2}}\S*                                     # any scheme: https://, hxxp://, intent://
    | (?:mailto|sms|smsto|tel|javascript|data|file|market|intent|whatsapp|tg|facetime):\S+
    | (?:[\w.+-]+@)? (?:{LABEL}\.)* xn--[a-z0-9.-]+ {TAIL}
    | (?:[\w.+-]+@)? (?:{LABEL}\.)+ [^\W\d_]{{2,}}\.? {TAIL}          # a bare domain, an e-mail address
    | (?:[\w.+-]+@)? \b\d{{1,3}}(?:\.\d{{1,3}}){{3}}\b {TAIL}          # IPv4
    | (?<!\w)\[?[0-9a-f]{{1,4}}(?::[0-9a-f]{{0,4}}){{3,7}}\]? {TAIL}     # IPv6; two colons alone are a time
    | (?<!\w)\[?(?:[0-9a-f]{{1,4}}(?::[0-9a-f]{{1,4}})*)?::[0-9a-f:.]*\]? {TAIL}
    | \blocalhost{TAIL}
    | \bwww\.\S+
    """,
    re.IGNORECASE | re.VERBOSE,
)


def without_addresses(words: str, language: str) -> str:
    """The words on one line, in GSM-7, with "[link]" where an address stood."""
    visible = "".join(c for c in words[:MOST_READ] if unicodedata.category(c) != "Cf" and c != MARK)
    plain = SPELLED_DOT.sub(".", unicodedata.normalize("NFKC", visible).translate(DOTS))
    line = to_gsm7(" ".join(plain.split()))
    while (fewer := ADDRESS.sub(MARK, line)) != line:  # what one address hid may begin another
        line = fewer
    return re.sub(f"{MARK}+", REPLACED.get(language, REPLACED["en"]), line)
