"""Secrets that we must read back, sealed with a key that is not in the database (Fernet: AES-128-CBC with HMAC-SHA256).

What is sealed says whose it is: copied into another's row it does not open. The first key seals; the others, from
before, open.
"""

import base64
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PURPOSE = b"callbacks: secrets at rest, 1"


class Unreadable(Exception):
    """Sealed with a key that is none of ours, for somebody else, or changed since."""


class SecretBox:
    """`keys`: the present one first. Their length and randomness are the settings' to check."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._boxes = [Fernet(_derived(key)) for key in keys]

    def seal(self, secret: str, owner: str) -> str:
        return self._boxes[0].encrypt(f"{owner}\n{secret}".encode()).decode()

    def open(self, sealed: str, owner: str) -> str:
        """Raises Unreadable."""
        for box in self._boxes:
            found = _opened(box, sealed)
            if found is not None and found.startswith(f"{owner}\n"):
                return found.removeprefix(f"{owner}\n")
        raise Unreadable(owner)

    def is_current(self, sealed: str) -> bool:
        """Whether the present key sealed it."""
        return _opened(self._boxes[0], sealed) is not None


def _opened(box: Fernet, sealed: str) -> str | None:
    try:
        return box.decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _derived(key: str) -> bytes:
    made = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(key.encode())
    return base64.urlsafe_b64encode(made)
