"""A roster's text with an override more or less, and who did it and why as a comment; the rest stays letter for letter.

- What is cut out is found by reading: a cut counts when the rest says exactly what it should, so no line inside a
  string is ever taken for a table.
- Overrides that stand in one line (`override = [...]`) are first written as tables of their own: TOML allows no other.
- The result is read and compared before anybody gets it.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from callbacks.lib.toml import Fault, FaultyFile
from callbacks.roster import Override, Roster
from callbacks.roster_file import reread_roster

LONGEST_REASON = 200
KEY = r"""("override"|'override'|override)[ \t]*"""
HEADER = re.compile(rf"[ \t]*\[\[[ \t]*{KEY}\]\]")
INLINE = re.compile(rf"[ \t]*{KEY}=")
TABLE = re.compile(r"[ \t]*\[")


def with_overrides(text: str, added: Sequence[Override], by: str, reason: str) -> str:
    """The text with the overrides behind everything else, so that they hold. Raises FaultyFile, and nothing is lost."""
    before = reread_roster(text)
    note = f"{one_line(reason)} ({one_line(by)})"
    whole = _appended(_in_tables(text, before), [_block(o, note) for o in added])
    return _checked(whole, replace(before, overrides=(*before.overrides, *added)))


def without_override(text: str, removed: Override, by: str, reason: str) -> str:
    """The text without an override: a comment stands in its place. Of equal ones the last goes. Raises FaultyFile."""
    before = reread_roster(text)
    if removed not in before.overrides:
        raise FaultyFile([Fault("override", removed.rotation, "is not in the roster", "look at the schedule again")])
    place = max(i for i, o in enumerate(before.overrides) if o == removed)
    left = (*before.overrides[:place], *before.overrides[place + 1 :])
    note = f"# taken out: {one_line(reason)} ({one_line(by)})"
    tables = _in_tables(text, before)
    whole = _cut(tables, HEADER, _less(tables, place), note, place, TABLE)
    return _checked(whole, replace(before, overrides=left))


def one_line(words: str) -> str:
    """A comment ends at the line's end, and TOML allows no control characters in it."""
    plain = "".join(c if c.isprintable() else " " for c in words)
    return " ".join(plain.split())[:LONGEST_REASON] or "-"


def _checked(whole: str, wanted: Roster) -> str:
    assert reread_roster(whole) == wanted, "the text says something else than what was wished"
    return whole


def _appended(text: str, blocks: Sequence[str]) -> str:
    return "\n".join([text.rstrip("\r\n"), *blocks]) + "\n"


def _block(o: Override, note: str = "") -> str:
    values = {"rotation": o.rotation, "technician": o.technician, "from": _wall(o.start), "to": _wall(o.end)}
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "\n".join([f"\n# {note}" if note else "", "[[override]]", *lines])


def _wall(at: datetime) -> str:
    return at.isoformat() if at.second or at.microsecond else at.isoformat(timespec="minutes")


# --- cutting, with the reader as the judge ---


def _in_tables(text: str, roster: Roster) -> str:
    """The text with every override a table of its own, in the same order."""
    if "override" not in tomllib.loads(text) or _data(_appended(text, ["[[override]]"])) is not None:
        return text
    rest = _cut(text, INLINE, {k: v for k, v in tomllib.loads(text).items() if k != "override"})
    return _appended(rest, [_block(o) for o in roster.overrides])


def _less(text: str, place: int) -> dict[str, Any]:
    """What the text says, less one override."""
    data = tomllib.loads(text)
    left = [o for i, o in enumerate(data.pop("override")) if i != place]
    return {**data, "override": left} if left else data


def _cut(
    text: str, first: re.Pattern[str], wanted: dict[str, Any], note: str = "", place: int = 0,
    until: re.Pattern[str] | None = None,
) -> str:  # fmt: skip
    """The text less the lines from one that `first` matches on, so that `wanted` is what is left; the `place`-th such
    line is tried first. Raises FaultyFile when no cut does it."""
    lines = text.split("\n")
    starts = [i for i, line in enumerate(lines) if first.match(line)]
    for start in starts[place:] + starts[:place]:
        for end in _ends(lines, start, until):
            rest = "\n".join([*lines[:start], *([note] if note else []), *lines[end:]])
            if _data(rest) == wanted:
                return rest
    fix = "write each override as a table [[override]] on lines of its own, load the file, then try here again"
    raise FaultyFile([Fault("override", "…", "stands where it cannot be changed", fix)])


def _ends(lines: Sequence[str], start: int, until: re.Pattern[str] | None) -> Iterator[int]:
    """Where a cut may end: after each line on, up to the next table."""
    for end in range(start + 1, len(lines) + 1):
        yield end
        if until and end < len(lines) and until.match(lines[end]):
            return


def _data(text: str) -> dict[str, Any] | None:
    """What a TOML text says; None when it is none."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None
