"""Passwords: argon2id, hashed in the thread of the request; long rather than odd.

The rule (ASVS 6.2): at least 12 characters of any kind, not a common one, nothing of the account's own address.
"""

import secrets
import threading

from pwdlib import PasswordHash

from callbacks.sentence import Sentence, sentence

SHORTEST, LONGEST = 12, 128
# Words that lists of stolen passwords are made of; with digits around they stay what they are.
COMMON = frozenset({
    "password", "motdepasse", "qwertyuiop", "azertyuiop", "letmein", "welcome", "bienvenue", "administrator",
    "administrateur", "callbacks", "changeme", "iloveyou", "sunshine", "football", "baseball", "princess", "dragon",
    "monkey", "superman", "batman", "trustno", "secret", "abcdefghijkl",
})  # fmt: skip
_hasher = PasswordHash.recommended()
_gate = threading.Semaphore(2)  # each hash takes tens of megabytes: a flood of logins must not take them all
LOOKALIKES = str.maketrans("@013$5!", "aoleSsi".lower())
# Verified when there is no such account, so that both answers take the same time.
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))


def hashed(password: str) -> str:
    with _gate:
        return _hasher.hash(password)


def is_right(password: str, known: str | None) -> bool:
    """Whether it is the password; as slow for an account that does not exist."""
    with _gate:
        right = _hasher.verify(password[:LONGEST], known or _NOBODY)
    return right and known is not None


def first_password() -> str:
    """A random one, to be changed at the first login."""
    return secrets.token_urlsafe(12)


def fault(password: str, email: str) -> Sentence | None:
    """Why a password is refused; None when it is good."""
    plain = password.lower()
    if len(password) < SHORTEST:
        return sentence("Use at least %(n)s characters; a few words are easy to remember", n=SHORTEST)
    if len(password) > LONGEST:
        return sentence("Use at most %(n)s characters", n=LONGEST)
    if email.split("@")[0].lower() in plain:
        return sentence("Leave out what stands before the @ in your address")
    letters = plain.strip("0123456789!?.-_ ").translate(LOOKALIKES)
    if len(set(plain)) < 5 or letters in COMMON or not letters:
        return sentence("That one is easily guessed; use a few words that do not belong together")
    return None
