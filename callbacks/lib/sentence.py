"""A sentence that remembers how it was made, so that it can be said in another language later.

It is an ordinary `str` in English; `words` is the phrase with its `%(name)s`, `facts` what fills them.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Language(StrEnum):
    """What people hear and read."""

    EN = "en"
    FR = "fr"


class Sentence(str):
    """See the module. Made by `sentence`."""

    words: str
    facts: Mapping[str, Any]


def sentence(words: str, **facts: Any) -> Sentence:
    """The English sentence; `facts` fill `%(name)s`."""
    made = Sentence(words % facts if facts else words)
    made.words, made.facts = words, facts
    return made
