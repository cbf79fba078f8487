"""What one version of the policy says otherwise than another: by key and value, whatever their files leave out."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import timedelta
from typing import Any

from callbacks.lib.toml import FaultyFile, format_duration
from callbacks.policy.file import read_policy
from callbacks.policy.model import END_OF_DAY, Policy

MOST_LINES = 2000
Line = tuple[str, str]


def changes(old: str, new: str) -> list[Line]:
    """("-" or "+", line) for each value that differs. A file that this version cannot read is compared as text."""
    try:
        before, after = (list(lines_of(read_policy(text))) for text in (old, new))
    except FaultyFile:
        before, after = old.splitlines(), new.splitlines()
    found = list(difflib.unified_diff(before, after, lineterm="", n=0))[2:]
    return [(line[:1], line[1:]) for line in found if not line.startswith("@@")][:MOST_LINES]


def lines_of(policy: Policy) -> Iterator[str]:
    """`promise.callback_within = 30m`, one for each value."""
    yield from _lines("", policy)


def _lines(key: str, value: Any) -> Iterator[str]:
    if is_dataclass(value):
        for part in fields(value):
            yield from _lines(f"{key}.{part.name}".lstrip("."), getattr(value, part.name))
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield from _lines(f"{key}.{name}", part)
    elif isinstance(value, tuple) and any(is_dataclass(part) for part in value):
        for n, part in enumerate(value, 1):
            yield from _lines(f"{key}[{n}]", part)
    else:
        yield f"{key} = {_shown(value)}"


def _shown(value: Any) -> str:
    if isinstance(value, timedelta):
        return format_duration(value)
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    if value == END_OF_DAY:
        return "24:00"
    return str(value) if value != "" else '""'
