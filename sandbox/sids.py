"""Identifiers in the carrier's form: two letters and 32 hexadecimal digits."""

import secrets


def new_sid(kind: str) -> str:
    return kind + secrets.token_hex(16)
