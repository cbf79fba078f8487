"""Web addresses in a stranger's words: left out of what we pass on, so that nobody taps a link because we sent it.

Found generously: a word too many is on the page, where it is plain text; a link too many is a stolen session. What is
searched is what a phone would get: first made GSM-7, because that turns look-alike dots and letters into plain ones.
"""

import re
import unicodedata

from callbacks.gsm import to_gsm7

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
