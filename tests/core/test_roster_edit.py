"""Whatever the roster, its spelling and the reason: the edited text is the old one with one override more, or less."""

import json
import tomllib
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callbacks.lib.toml import FaultyFile
from callbacks.oncall.roster import Every, Override, Roster, Rotation, Supervisor, Technician, Turns, Unit, Window
from callbacks.oncall.roster_file import read_roster, with_overrides, without_override, write_roster

NAMES = ("ana", "bob", "cleo")
PHONES = ("+15145550111", "+15145550112", "+15145550113")
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)).map(lambda t: t.replace(microsecond=0))
WORDS = st.text(max_size=300)


@st.composite
def an_override(draw: st.DrawFn) -> Override:
    start = draw(MOMENTS)
    length = timedelta(minutes=draw(st.integers(1, 100_000)))
    return Override(
        draw(st.sampled_from(["primary", "backup"])), draw(st.sampled_from([*NAMES, ""])), start, start + length
    )


@st.composite
def a_roster(draw: st.DrawFn) -> Roster:
    full = draw(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12), min_size=3, max_size=3))
    people = tuple(Technician(n, f or n, p) for n, f, p in zip(NAMES, full, PHONES, strict=True))
    windows = draw(
        st.lists(
            st.just(Window(frozenset({0, 4}), datetime(2026, 1, 1, 18).time(), datetime(2026, 1, 1, 7).time())),
            max_size=2,
        )
    )
    rotations = tuple(
        Rotation(
            name,
            NAMES,
            Every(1, Unit.WEEKS),
            Turns.CALENDAR,
            datetime(2026, 1, 5, 9),
            "America/Toronto",
            tuple(windows),
        )
        for name in ("primary", "backup")
    )
    overrides = tuple(draw(st.lists(an_override(), max_size=4)))
    return Roster("America/Toronto", people, (Supervisor("sue", "Sue", "+15145550199"),), rotations, overrides)


def spelled(roster: Roster, how: str) -> str:
    """The roster as people may have written it."""
    text = write_roster(roster)
    if how == "one line" or how == "many lines":
        blocks = [
            "{" + ", ".join(f"{k} = {json.dumps(v)}" for k, v in values.items()) + "}"
            for values in tomllib.loads(text).get("override", [])
        ]
        inner = ", ".join(blocks) if how == "one line" else "\n  " + ",\n  # why\n  ".join(blocks) + "\n"
        head, _, rest = text.partition("\n")
        rest = rest if not roster.overrides else rest[: rest.index("[[override]]")]
        return f"{head}\noverride = [{inner}] # holidays\n{rest}"
    if how == "first":
        head, _, rest = text.partition("\n")
        reordered = "".join(f"\n[[override]] # x\n{b}" for b in rest.split("[[override]]\n")[1:])
        return f"{head}\n{reordered}\n{rest.split('[[override]]')[0]}"
    return {"crlf": text.replace("\n", "\r\n"), "no end": text.rstrip("\n"), "comment": f"{text}# [[override]]"}.get(
        how, text
    )


SPELLINGS = st.sampled_from(["plain", "crlf", "no end", "comment", "one line", "many lines", "first"])


@settings(deadline=None)
@given(a_roster(), SPELLINGS, st.lists(an_override(), min_size=1, max_size=2), WORDS, WORDS)
def test_an_override_more_and_nothing_else(roster: Roster, how: str, added: list[Override], by: str, why: str) -> None:
    text = spelled(roster, how)
    before = read_roster(text)
    assert before == roster
    after = with_overrides(text, added, by, why)
    assert read_roster(after) == Roster(
        roster.timezone, roster.technicians, roster.supervisors, roster.rotations, (*roster.overrides, *added)
    )
    if "line" not in how:
        assert after.startswith(text.rstrip("\r\n")), "the rest stays letter for letter"


@settings(deadline=None)
@given(a_roster().filter(lambda r: bool(r.overrides)), SPELLINGS, WORDS, WORDS, st.data())
def test_an_override_less_and_nothing_else(roster: Roster, how: str, by: str, why: str, data: st.DataObject) -> None:
    gone = data.draw(st.sampled_from(roster.overrides))
    left = list(reversed(roster.overrides))
    left.remove(gone)
    after = without_override(spelled(roster, how), gone, by, why)
    assert read_roster(after).overrides == tuple(reversed(left))
    assert read_roster(after).rotations == roster.rotations
    assert "# taken out: " in after


def test_hostile_reasons_stay_in_their_comment() -> None:
    roster = Roster(
        technicians=(Technician("ana", "Ana", PHONES[0]),),
        rotations=(Rotation("primary", ("ana",), Every(1, Unit.DAYS), Turns.CALENDAR, datetime(2026, 1, 1), "UTC"),),
    )
    added = Override("primary", "ana", datetime(2026, 12, 1, 18), datetime(2026, 12, 1, 19))
    for hostile in (
        'x\n[[technician]]\nname = "eve"',
        "x\r[[a]]",
        '"""',
        "'''",
        "\u2028[[a]]",
        "\x85[[a]]",
        "\x00",
        "\x7f",
        "\ud800",
        "\u202e]]",
        "#" * 999,
    ):
        text = with_overrides(write_roster(roster), [added], hostile, hostile)
        assert read_roster(text).technicians == roster.technicians
        assert text.encode()
        assert len(text.split("\n")) == len(with_overrides(write_roster(roster), [added], "sue", "ill").split("\n"))


def test_what_only_looks_like_an_override_is_left_alone() -> None:
    trap = 'full_name = """Ana\n[[override]]\noverride = []\n"""\n'
    text = (
        f'[[technician]]\nname = "ana"\n{trap}phone = "{PHONES[0]}"\n[[rotation]]\nname = "primary"\nmembers = ["ana"]\n'
        'every = "1d"\nstarts = "2026-01-01T00:00"\n# ours\n[[ "override" ]]  # the only one\n"rotation" = "primary"\n'
        "technician = ''\nfrom = 2026-12-01T18:00:00\nto = 2026-12-01T19:00:00\n\n# theirs\n"
    )
    only = read_roster(text).overrides[0]
    after = without_override(text, only, "sue", "not needed")
    assert (
        read_roster(after).overrides == ()
        and trap in after
        and after.endswith("# taken out: not needed (sue)\n\n# theirs\n")
    )
    with pytest.raises(FaultyFile, match="not in the roster"):
        without_override(after, only, "sue", "twice")
