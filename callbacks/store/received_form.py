"""A webhook's form as it is kept: text that every database takes, without the secrets of links, and bounded."""

import json
from collections.abc import Sequence

from callbacks.lib.magic_links import masked

LONGEST = 60_000
LONGEST_ID = 160


def kept(form: Sequence[tuple[str, str]]) -> str:
    return json.dumps([[storable(k), masked(storable(v))] for k, v in form], ensure_ascii=False)[:LONGEST]


def storable(text: str) -> str:
    """Text that both databases take: PostgreSQL refuses NUL, and lone surrogates cannot be encoded."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
