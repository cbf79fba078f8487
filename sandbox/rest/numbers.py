"""What is checked of numbers and addresses before a call or a text is accepted."""

import re

from sandbox.rest.errors import RestError, invalid
from sandbox.twiml import is_address

E164 = re.compile(r"\+[1-9]\d{6,14}")
PLACEHOLDERS = frozenset({"+266696687", "+2562533", "+7378742833", "+8656696", "+86282452253"})


def check_to(to: str, missing: int, wrong: int) -> None:
    if not to:
        raise invalid(missing, "A 'To' phone number is required.")
    if not E164.fullmatch(to) or to in PLACEHOLDERS:
        raise invalid(wrong, f"The 'To' number {to} is not a valid phone number.")


def check_from(given: str, own: str, to: str, wrong: int) -> None:
    if given != own:
        raise invalid(wrong, f"The 'From' number {given} is not one of your phone numbers.")
    if given == to:
        raise RestError(400, 21266, "'To' and 'From' number cannot be the same")


def check_address(url: str, code: int, name: str) -> None:
    if url and not is_address(url):
        raise invalid(code, f"{name} is not a valid URL: {url}")
