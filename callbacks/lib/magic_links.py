"""The secrets of the links in pages: how they are drawn, found in words, hidden and hashed."""

import hashlib
import re
import secrets

BYTES = 16
LINK = re.compile(r"/t/([A-Za-z0-9_-]{22})(?![A-Za-z0-9_-])")


def new_token() -> str:
    """128 random bits as 22 characters for an address."""
    return secrets.token_urlsafe(BYTES)


def path_to(token: str) -> str:
    return f"/t/{token}"


def masked(text: str) -> str:
    """The text without the secret of any link, for what people send back to us."""
    return LINK.sub("/t/...", text)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
