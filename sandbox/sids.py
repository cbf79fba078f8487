"""Identifiers in the carrier's form: two letters and 32 hexadecimal digits."""

import re
import secrets

FORM = re.compile(r"[A-Z]{2}[0-9a-f]{32}")


def new_sid(kind: str) -> str:
    return kind + secrets.token_hex(16)


def is_sid(text: str, kind: str) -> bool:
    return FORM.fullmatch(text) is not None and text.startswith(kind)
