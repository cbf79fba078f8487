"""Telephone numbers: read, shown, hidden, and the ones that are never dialled.

- A withheld caller looks like a number: five keypad spellings stand for words and lead to strangers, with
  a plus or without. What holds a letter, a colon or an @ is a word or an address, never digits on a keypad.
- 911 and the other N11 codes, 900 and 976 numbers, and Caribbean codes that look domestic but are not
  are never dialled, unless the policy names their whole prefix.
"""

import re
import unicodedata
from collections.abc import Sequence

import phonenumbers

# The carrier's spellings of ANONYMOUS, RESTRICTED, UNAVAILABLE, BLOCKED and UNKNOWN on a keypad.
PLACEHOLDERS = frozenset({"266696687", "7378742833", "86282452253", "2562533", "8656696"})
E164 = re.compile(r"\+[1-9]\d{6,14}")
NOT_DOMESTIC = frozenset(
    [
        "242",
        "246",
        "264",
        "268",
        "284",
        "340",
        "345",
        "441",
        "473",
        "649",
        "658",
        "664",
        "721",
        "758",
        "767",
        "784",
        "809",
        "829",
        "849",
        "868",
        "869",
        "876",
    ]
)
PREMIUM_AREAS = frozenset({"900"})


def normalise(raw: str, region: str = "CA") -> str | None:
    """E.164 of a possible number; None of anything else, placeholders included."""
    text = raw.strip()
    if len(text) > 40 or _is_word(text) or _is_placeholder(text):
        return None
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_withheld(raw: str) -> bool:
    """Blank, a word, an address, a placeholder: nobody who can be called or told apart by it."""
    return normalise(raw) is None


def mask(number: str | None) -> str:
    """Enough to recognise, not enough to dial: for logs."""
    if not number:
        return "-"
    return number[:5] + "…" + number[-2:] if len(number) > 8 else "…"


def written(number: str) -> str:
    """As people write it at home: 514-555-0123; foreign ones in the international form."""
    if re.fullmatch(r"\+1\d{10}", number):
        return f"{number[2:5]}-{number[5:8]}-{number[8:]}"
    return number


def spoken(number: str, language: str) -> str:
    """Digit by digit, so that no voice reads it as millions."""
    digits = number[2:] if re.fullmatch(r"\+1\d{10}", number) else number.lstrip("+")
    groups = (digits[:3], digits[3:6], digits[6:]) if len(digits) == 10 else (digits,)
    return ", ".join(" ".join(group) for group in groups)


def why_not_dialled(number: str | None, prefixes: Sequence[str]) -> str | None:
    """None if a bridge may dial it; else unknown, placeholder, invalid, service-code, premium or
    outside-prefixes."""
    if not number:
        return "unknown"
    if _is_placeholder(number):
        return "placeholder"
    digits = number.lstrip("+")
    if re.fullmatch(r"1?\d11", digits):
        return "service-code"
    if not E164.fullmatch(number):
        return "invalid"
    allowed = [p for p in prefixes if number.startswith(p)]
    if not allowed:
        return "outside-prefixes"
    return _why_not_domestic(digits, allowed) if digits.startswith("1") else None


def _is_word(text: str) -> bool:
    """A name, an address or a vanity number: phones would dial the letters as the keys they stand on."""
    return any(c.isalpha() or c in ":@" for c in text)


def _is_placeholder(text: str) -> bool:
    return re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", text)) in PLACEHOLDERS


def _why_not_domestic(digits: str, allowed: Sequence[str]) -> str | None:
    area, exchange = digits[1:4], digits[4:7]
    if len(digits) != 11 or area[0] in "01":
        return "invalid"
    if area in PREMIUM_AREAS or exchange == "976":
        return "premium"
    if area[1:] == "11" or exchange[1:] == "11":
        return "service-code"
    if area in NOT_DOMESTIC and not any(p.startswith("+1" + area) for p in allowed):
        return "outside-prefixes"
    return None
