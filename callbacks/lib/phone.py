"""Telephone numbers: read, shown, hidden, and the ones that are never dialled.

- A number is one that exists: its length, area code and beginning are known where it belongs. Without its area code,
  or with an extension, it is none.
- A withheld caller looks like a number: five keypad spellings stand for words and lead to strangers, with
  a plus or without. What holds a letter, a colon or an @ is a word or an address, never digits on a keypad.
- What costs more than a call is never dialled: 911 and the other N11 codes, directory assistance, and every number
  that is not a fixed, mobile, VoIP or toll-free one. The rest is dialled where the policy names its prefix. "+1" is
  Canada and the United States: any other country or territory behind it, and Canada's 6xx codes of satellites and
  the like, need their area code in the prefix.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneNumber, PhoneNumberFormat, PhoneNumberType, ValidationResult

# The carrier's spellings of ANONYMOUS, RESTRICTED, UNAVAILABLE, BLOCKED and UNKNOWN on a keypad.
PLACEHOLDERS = frozenset({"266696687", "7378742833", "86282452253", "2562533", "8656696"})
E164 = re.compile(r"\+[1-9]\d{6,14}")
ORDINARY = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
        PhoneNumberType.TOLL_FREE,
    }
)
DOMESTIC = ("CA", "US")  # whom "+1" alone means
# Canada's area codes without an area. The metadata calls them VoIP; a call to one may be a satellite's.
NO_AREA = re.compile(r"6(?:00|[2-8])")
LONGEST = 40


@dataclass(frozen=True, slots=True)
class NoNumber:
    """Why a text is no number, and what would be right."""

    problem: str
    fix: str


def normalise(raw: str, region: str = "CA") -> str | None:
    """E.164 of a number that exists; None of anything else, placeholders and extensions included."""
    found = read_number(raw, region)
    return None if isinstance(found, NoNumber) else found


def read_number(raw: str, region: str = "CA") -> str | NoNumber:
    """As `normalise`, but says what is wrong and what would be right."""
    found = _parsed(raw, region)
    return found if isinstance(found, NoNumber) else phonenumbers.format_number(found, PhoneNumberFormat.E164)


def kept(raw: str) -> str | None:
    """As `normalise`; also a number that none is, where it may stand in what was written down earlier."""
    text = raw.strip()
    return normalise(text) or (text if E164.fullmatch(text) else None)


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
    """None if a callback may dial it, and a text may go to it; else unknown, placeholder, invalid, service-code,
    premium or outside-prefixes."""
    why = why_never_dialled(number)
    if why or number is None:
        return why
    allowed = [p for p in prefixes if number.startswith(p)]
    if not allowed:
        return "outside-prefixes"
    return None if _is_plain_domestic(number) or any(len(p) > 4 for p in allowed) else "outside-prefixes"


def is_country(prefix: str) -> bool:
    """Whether a prefix such as +33 or +1787 holds a whole country code."""
    return any(prefix.startswith(f"+{code}") for code in COUNTRY_CODE_TO_REGION_CODE)


def why_never_dialled(number: str | None) -> str | None:
    """As `why_not_dialled`, whatever prefixes a policy has: for the numbers of our own people and of the desk."""
    if not number:
        return "unknown"
    if _is_placeholder(number):
        return "placeholder"
    if re.fullmatch(r"\+?1?\d11", number):
        return "service-code"
    if not E164.fullmatch(number) or normalise(number) != number:
        return "invalid"
    area, exchange, line = number[2:5], number[5:8], number[8:]
    if number.startswith("+1") and (area[1:] == "11" or exchange[1:] == "11"):
        return "service-code"
    if number.startswith("+1") and (exchange == "976" or (exchange, line) == ("555", "1212")):
        return "premium"
    return None if phonenumbers.number_type(phonenumbers.parse(number)) in ORDINARY else "premium"


def _parsed(raw: str, region: str) -> PhoneNumber | NoNumber:
    text = raw.strip()
    if len(text) > LONGEST or _is_placeholder(text):
        return NOTHING_LIKE_IT
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return NOTHING_LIKE_IT
    if number.extension and not _is_address(text):
        return NoNumber("contains an extension", "remove it: only the number is dialled")
    # A vanity number: phones would dial the letters as the keys they stand on.
    if _is_address(text) or any(c.isalpha() for c in text):
        return NOTHING_LIKE_IT
    return number if phonenumbers.is_valid_number(number) else _why_not_valid(number)


NOTHING_LIKE_IT = NoNumber("is not a phone number", "use a form such as +15145550142 or 514-555-0142")


def _why_not_valid(number: PhoneNumber) -> NoNumber:
    length = phonenumbers.is_possible_number_with_reason(number)
    if length == ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
        return NoNumber("has no area code", "add it in front, such as +15145550142")
    if length != ValidationResult.IS_POSSIBLE:
        return NOTHING_LIKE_IT
    if number.country_code == 1:
        return NoNumber("has an invalid area code or prefix", "use a form such as +15145550142")
    return NoNumber("does not exist in its country", "check the digits")


def _is_plain_domestic(number: str) -> bool:
    """Not behind +1 at all, or one that "+1" alone may stand for."""
    if not number.startswith("+1"):
        return True
    region = phonenumbers.region_code_for_number(phonenumbers.parse(number))
    return region in DOMESTIC and not NO_AREA.match(number[2:5])


def _is_address(text: str) -> bool:
    return ":" in text or "@" in text


def _is_placeholder(text: str) -> bool:
    return re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", text)) in PLACEHOLDERS
