"""Passwords: argon2id, hashed in the thread of the request; long rather than odd.

The rule (ASVS 6.2): at least 12 characters of any kind, nothing of the account's own address, and not easily guessed:
no common one, no name or date with digits around, no walk over the keyboard, no repeat (zxcvbn, a list and a model).
"""

import re
import secrets
import threading
from functools import cache

from pwdlib import PasswordHash

from callbacks.lib.sentence import Sentence, sentence

SHORTEST = 12
LONGEST = 128
EASY = 10**10  # guesses: those of a machine that has stolen the hashes, in some hours to weeks
SHORTEST_PART = 3
MOST_LOOKED_AT = 72
# Beside the lists of the library, which know no French: what people of a French or our own company would choose.
OURS = (
    "callbacks",
    "callback",
    "motdepasse",
    "motdepasse1",
    "bienvenue",
    "bonjour",
    "azerty",
    "azertyuiop",
    "jetaime",
    "soleil",
    "administrateur",
    "depannage",
    "urgence",
    "support",
    "secret",
    "chocolat",
    "loulou",
    "doudou",
    "quebec",
    "montreal",
    "canadiens",
    "printemps",
    "automne",
    "hiver",
)
HASHED_AT_ONCE = 2
_hasher = PasswordHash.recommended()
_gate = threading.Semaphore(HASHED_AT_ONCE)  # each hash takes tens of megabytes


def hashed(password: str) -> str:
    with _gate:
        return _hasher.hash(password)


@cache
def _nobodys() -> str:
    """Verified when there is no such account, so that both answers take the same time. Made when first needed: a hash
    takes a quarter of a second and tens of megabytes, and most commands check no password."""
    return _hasher.hash(secrets.token_urlsafe(16))


def is_right(password: str, known: str | None) -> bool:
    """Whether it is the password; as slow for an account that does not exist."""
    with _gate:
        stand_in = _nobodys()  # asked for in both cases: the first time costs a hash
        right = _hasher.verify(password[:LONGEST], known or stand_in)
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
        return sentence("Do not use the part of your address before the @")
    from zxcvbn import zxcvbn  # its lists take 60 MB, and few processes judge a password

    if zxcvbn(password[:MOST_LOOKED_AT], [*OURS, *_parts(email)])["guesses"] < EASY:
        return sentence("That password is easy to guess; use a few unrelated words")
    return None


def _parts(email: str) -> list[str]:
    """The words of an address: a person's name, a company's."""
    return [part for part in re.split(r"[^a-z0-9]+", email.lower()) if len(part) >= SHORTEST_PART]
