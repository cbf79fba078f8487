"""The roster file: TOML read into a `Roster` with every fault named, written back, and compared."""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field

from callbacks.lib.phone import E164, NoNumber, read_number, why_never_dialled
from callbacks.lib.sentence import Language
from callbacks.lib.toml import Clock, Fault, FaultyFile, OneOf, Table, Wall, Zone, parse
from callbacks.lib.url_guard import LOOPBACK_NAMES
from callbacks.oncall.roster import (
    CalendarFeed,
    Every,
    Override,
    Person,
    Role,
    Roster,
    Rotation,
    Supervisor,
    Technician,
    Turns,
    Unit,
    Window,
)
from callbacks.policy.model import RESERVED, WEEKDAYS, Weekday

FIRST_YEAR = 1970
LAST_YEAR = 2199
EVERY = re.compile(r"([1-9]\d{0,3})(h|d|w|mo)")

# --- single values: each raises ValueError with what would be right ---


def _number(value: Any) -> str:
    """The form alone: whether there is such a number is asked of a new roster only, so that one in force stays
    readable whatever a later version knows of numbers."""
    if not isinstance(value, str) or not E164.fullmatch(value):
        raise ValueError("use E.164, such as +15145550111")
    return value


def _every(value: Any) -> Every:
    found = EVERY.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError('use a length such as "12h", "1d", "1w" or "1mo"')
    return Every(int(found[1]), Unit(found[2]))


def _address(value: Any) -> str:
    """As calendars hand it out: blanks around it, `webcal:` and capital letters mean what they mean elsewhere."""
    scheme, colon, rest = value.strip().partition(":") if isinstance(value, str) else ("", "", "")
    scheme = {"webcal": "https", "webcals": "https"}.get(scheme.lower(), scheme.lower())
    if not colon or scheme not in ("https", "http", "file"):
        raise ValueError("use an address such as https://calendar.example.com/oncall.ics, webcal://… or file:///…")
    return f"{scheme}:{rest}"


LONGEST_NAME = 120
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$")]
Number = Annotated[str, BeforeValidator(_number)]


class _Person(Table):
    name: Name
    full_name: Annotated[str, Field(max_length=LONGEST_NAME)] = ""
    phone: Number
    sms: bool = True
    voice: bool = True
    language: OneOf[Language] = Language.EN
    email: str = ""


class _Window(Table):
    days: list[OneOf[Weekday]] = Field(list(Weekday), min_length=1)
    start: Clock = Field(alias="from")
    end: Clock = Field(alias="to")


class _Rotation(Table):
    name: Name
    members: list[str] = Field(min_length=1)
    every: Annotated[Every, BeforeValidator(_every)]
    turns: OneOf[Turns] = Turns.CALENDAR
    starts: Wall
    timezone: Zone | None = None
    active: list[_Window] = []


class _Override(Table):
    rotation: str
    technician: str
    start: Wall = Field(alias="from")
    end: Wall = Field(alias="to")


class _Calendar(Table):
    rotation: Name
    url: Annotated[str, BeforeValidator(_address)]


class _File(Table):
    timezone: Zone = "UTC"
    technician: list[_Person] = []
    supervisor: list[_Person] = []
    rotation: list[_Rotation] = []
    override: list[_Override] = []
    calendar: list[_Calendar] = []


# --- reading ---


def read_roster(text: str) -> Roster:
    """The roster a TOML text describes. Raises FaultyFile with every fault found."""
    return _sound(
        text,
        lambda roster: [*_no_numbers(roster), *_contradictions(roster), *_far_dates(roster), *_bad_addresses(roster)],
    )


def reread_roster(text: str) -> Roster:
    """A roster that was accepted before: what this version would say of its numbers and addresses keeps nobody from
    being paged."""
    return _sound(text, _contradictions)


def _sound(text: str, faults_of: Callable[[Roster], list[Fault]]) -> Roster:
    roster = _roster(parse(_File, text))
    faults = faults_of(roster)
    if faults:
        raise FaultyFile(faults)
    return roster


def _roster(file: _File) -> Roster:
    return Roster(
        timezone=file.timezone,
        technicians=tuple(Technician(**_named(p)) for p in file.technician),
        supervisors=tuple(Supervisor(**_named(p)) for p in file.supervisor),
        rotations=tuple(_rotation(r, file.timezone) for r in file.rotation),
        overrides=tuple(Override(o.rotation, o.technician, o.start, o.end) for o in file.override),
        calendars=tuple(CalendarFeed(c.rotation, c.url) for c in file.calendar),
    )


def _named(person: _Person) -> dict[str, Any]:
    return person.model_dump() | {"full_name": person.full_name or person.name}


def _rotation(r: _Rotation, zone: str) -> Rotation:
    windows = (Window(frozenset(WEEKDAYS.index(d) for d in w.days), w.start, w.end) for w in r.active)
    return Rotation(r.name, tuple(r.members), r.every, r.turns, r.starts, r.timezone or zone, tuple(windows))


# --- what each value alone cannot show ---


def _no_numbers(r: Roster) -> list[Fault]:
    kinds: tuple[tuple[str, tuple[Person, ...]], ...] = (
        (Role.TECHNICIAN, r.technicians),
        (Role.SUPERVISOR, r.supervisors),
    )
    numbers = [(f"{kind}[{i}].phone", p.phone) for kind, people in kinds for i, p in enumerate(people, 1)]
    return [fault for key, number in numbers if (fault := _no_number(key, number))]


def _no_number(key: str, number: str) -> Fault | None:
    found = read_number(number)
    if isinstance(found, NoNumber):
        return Fault(key, repr(number), found.problem, found.fix)
    if why_never_dialled(number):
        problem = "is a premium or service number, which is never dialled"
        return Fault(key, repr(number), problem, "use a person's own phone")
    return None


def _contradictions(r: Roster) -> list[Fault]:
    names = {t.name for t in r.technicians}
    return [*_twice(r), *_unknown_members(r, names), *_bad_overrides(r, names)]


def _twice(r: Roster) -> list[Fault]:
    kinds = (
        ("name", [p.name for p in r.people]),
        ("phone", [p.phone for p in r.people]),
        ("rotation", r.rotation_names),
    )
    found = [
        Fault(key, repr(value), "is duplicated", "must be unique")
        for key, values in kinds
        for value, count in Counter(values).items()
        if count > 1
    ]
    reserved = [n for n in r.rotation_names if n in RESERVED]
    return found + [Fault("rotation.name", repr(n), "is a reserved name", "choose another") for n in reserved]


def _unknown_members(r: Roster, names: set[str]) -> list[Fault]:
    right = f"use one of {', '.join(sorted(names)) or 'the technicians (there is none)'}"
    return [
        Fault(f"rotation[{i}].members", repr(m), "is not a technician", right)
        for i, rotation in enumerate(r.rotations, 1)
        for m in rotation.members
        if m not in names
    ]


def _bad_overrides(r: Roster, names: set[str]) -> list[Fault]:
    found = []
    for i, o in enumerate(r.overrides, 1):
        if o.rotation not in r.rotation_names:
            right = f"use one of {', '.join(r.rotation_names) or 'the rotations (there is none)'}"
            found.append(Fault(f"override[{i}].rotation", repr(o.rotation), "is not a rotation", right))
        if o.technician and o.technician not in names:
            found.append(
                Fault(f"override[{i}].technician", repr(o.technician), "is not a technician", 'name one, or ""')
            )
        if o.end <= o.start:
            found.append(Fault(f"override[{i}].to", o.end.isoformat(), "is not after from", "give a later time"))
    return found


def _far_dates(r: Roster) -> list[Fault]:
    """A date so far away that no clock reaches it, or that turns would be counted from for a very long time, would
    fail where somebody is to be paged."""
    dates = [(f"rotation[{i}].starts", rotation.starts) for i, rotation in enumerate(r.rotations, 1)]
    for i, o in enumerate(r.overrides, 1):
        dates += [(f"override[{i}].from", o.start), (f"override[{i}].to", o.end)]
    return [
        Fault(key, at.isoformat(), "is too far away", f"use a year from {FIRST_YEAR} to {LAST_YEAR}")
        for key, at in dates
        if not FIRST_YEAR <= at.year <= LAST_YEAR
    ]


def _bad_addresses(r: Roster) -> list[Fault]:
    """Asked of a new roster only: one in force stays readable."""
    return [
        Fault(f"calendar[{i}].url", repr(c.url), problem, "use one such as https://calendar.example.com/oncall.ics")
        for i, c in enumerate(r.calendars, 1)
        if (problem := _address_problem(c.url))
    ]


def _address_problem(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "cannot be read"
    if parts.scheme == "file":
        return "" if parts.path.startswith("/") and len(parts.path) > 1 else "does not name a file"
    if not host:
        return "does not name a host"
    if parts.scheme == "http" and host not in LOOPBACK_NAMES:
        return "is not encrypted"
    return ""


# --- writing and comparing ---


def write_roster(r: Roster) -> str:
    """TOML that reads back as the same roster."""
    blocks = [f"timezone = {_quoted(r.timezone)}\n"]
    for kind, people in ((Role.TECHNICIAN, r.technicians), (Role.SUPERVISOR, r.supervisors)):
        blocks += [_block(kind, {name: getattr(p, name) for name in p.__slots__}) for p in people]
    blocks += [_write_rotation(rotation) for rotation in r.rotations]
    for o in r.overrides:
        span = {"from": o.start.isoformat(), "to": o.end.isoformat()}
        blocks.append(_block("override", {"rotation": o.rotation, "technician": o.technician, **span}))
    blocks += [_block("calendar", {"rotation": c.rotation, "url": c.url}) for c in r.calendars]
    return "\n".join(blocks)


def _write_rotation(r: Rotation) -> str:
    text = _block(
        "rotation",
        {
            "name": r.name,
            "members": list(r.members),
            "every": f"{r.every.count}{r.every.unit}",
            "turns": r.turns,
            "starts": r.starts.isoformat(),
            "timezone": r.timezone,
        },
    )
    for w in r.active:
        days = [WEEKDAYS[d] for d in sorted(w.days)]
        text += _block("rotation.active", {"days": days, "from": w.start.isoformat(), "to": w.end.isoformat()})
    return text


def _block(kind: str, values: dict[str, Any]) -> str:
    lines = [f"{key} = {_quoted(value)}" for key, value in values.items()]
    return "\n".join([f"[[{kind}]]", *lines]) + "\n"


def _quoted(value: Any) -> str:
    """JSON's strings, lists and booleans are TOML's too."""
    return json.dumps(value, ensure_ascii=False)


def compare(old: Roster, new: Roster) -> list[str]:
    """One line per person, rotation, override or feed that a load would add, change or take away."""
    lines = []
    for kind in ("technicians", "supervisors", "rotations", "overrides", "calendars"):
        before, after = _keyed(getattr(old, kind)), _keyed(getattr(new, kind))
        lines += [f"+ {kind[:-1]} {key}" for key in after.keys() - before.keys()]
        lines += [f"- {kind[:-1]} {key}" for key in before.keys() - after.keys()]
        lines += [f"~ {kind[:-1]} {key}" for key in before.keys() & after.keys() if before[key] != after[key]]
    return sorted(lines)


def _keyed(things: tuple[Any, ...]) -> dict[str, Any]:
    return {getattr(x, "name", None) or f"{x.rotation} {getattr(x, 'start', '')}".strip(): x for x in things}


# A roster's text with an override more or less, and who did it and why as a comment; the rest stays letter for
# letter.
#
# - What is cut out is found by reading: a cut counts when the rest says exactly what it should, so no line inside a
# string is ever taken for a table.
# - Overrides that stand in one line (`override = [...]`) are first written as tables of their own: TOML allows no
# other.
# - The result is read and compared before anybody gets it.

LONGEST_REASON = 200
KEY = r"""("override"|'override'|override)[ \t]*"""
HEADER = re.compile(rf"[ \t]*\[\[[ \t]*{KEY}\]\]")
INLINE = re.compile(rf"[ \t]*{KEY}=")
TABLE = re.compile(r"[ \t]*\[")


def with_overrides(text: str, added: Sequence[Override], by: str, reason: str) -> str:
    """The text with the overrides behind everything else, so that they hold. Raises FaultyFile, and nothing is lost."""
    before = reread_roster(text)
    note = f"{one_line(reason)} ({one_line(by)})"
    whole = _appended(_in_tables(text, before), [_override_block(o, note) for o in added])
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
    assert reread_roster(whole) == wanted, "the edited text does not give the wanted roster"
    return whole


def _appended(text: str, blocks: Sequence[str]) -> str:
    return "\n".join([text.rstrip("\r\n"), *blocks]) + "\n"


def _override_block(o: Override, note: str = "") -> str:
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
    return _appended(rest, [_override_block(o) for o in roster.overrides])


def _less(text: str, place: int) -> dict[str, Any]:
    """What the text says, less one override."""
    data = tomllib.loads(text)
    left = [o for i, o in enumerate(data.pop("override")) if i != place]
    return {**data, "override": left} if left else data


def _cut(
    text: str,
    first: re.Pattern[str],
    wanted: dict[str, Any],
    note: str = "",
    place: int = 0,
    until: re.Pattern[str] | None = None,
) -> str:
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
    raise FaultyFile([Fault("override", "…", "is written in a form that cannot be edited", fix)])


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
