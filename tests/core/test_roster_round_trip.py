"""Whatever the roster: what is written of it reads back as the same one."""

from datetime import datetime, time, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callbacks.lib.sentence import Language
from callbacks.oncall.roster import (
    CalendarFeed,
    Every,
    Override,
    Roster,
    Rotation,
    Supervisor,
    Technician,
    Turns,
    Unit,
    Window,
    read_roster,
    write_roster,
)

NAMES, ROTATIONS = ("ana", "bob", "cleo"), ("primary", "backup")
ZONES = st.sampled_from(["America/Toronto", "UTC", "Asia/Kathmandu"])
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2199, 1, 1))
CLOCKS = st.times().map(lambda t: t.replace(microsecond=0))
LINES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=20)
SWITCHES, LANGUAGES = st.booleans(), st.sampled_from(Language)
WINDOWS = st.builds(Window, st.frozensets(st.integers(0, 6), min_size=1), CLOCKS, CLOCKS)
OVERRIDES = st.builds(
    lambda rotation, who, start, long: Override(rotation, who, start, start + timedelta(minutes=long)),
    st.sampled_from([*ROTATIONS, "feed"]),
    st.sampled_from([*NAMES, ""]),
    st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)),
    st.integers(1, 100_000),
)


@st.composite
def people(draw: st.DrawFn, kind: type[Technician] | type[Supervisor], name: str, phone: str) -> Technician:
    return kind(name, draw(LINES), phone, draw(SWITCHES), draw(SWITCHES), draw(LANGUAGES), draw(LINES))  # type: ignore[return-value]


@st.composite
def rosters(draw: st.DrawFn) -> Roster:
    technicians = tuple(draw(people(Technician, n, f"+1514555011{i}")) for i, n in enumerate(NAMES))
    rotations = tuple(
        Rotation(
            name,
            tuple(draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4))),
            draw(st.builds(Every, st.integers(1, 9999), st.sampled_from(Unit))),
            draw(st.sampled_from(Turns)),
            draw(MOMENTS),
            draw(ZONES),
            tuple(draw(st.lists(WINDOWS, max_size=2))),
        )
        for name in ROTATIONS
    )
    return Roster(
        draw(ZONES),
        technicians,
        (draw(people(Supervisor, "sue", "+15145550199")),),  # type: ignore[arg-type]
        rotations,
        tuple(draw(st.lists(OVERRIDES, max_size=4))),
        (CalendarFeed("feed", draw(st.sampled_from(["https://a.example/x.ics", "file:///a b.ics"]))),),
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(rosters(), st.lists(LINES | st.just(""), max_size=5))
def test_a_written_roster_reads_back_the_same(roster: Roster, notes: list[str]) -> None:
    text = write_roster(roster, notes)
    assert read_roster(text) == roster
    assert write_roster(read_roster(text), notes) == text


def test_what_a_file_leaves_out_is_as_documented() -> None:
    text = """timezone = "America/Toronto"
        technician = [{name = "ana", phone = "+15145550111"}]
        [[rotation]]
        name = "primary"
        members = ["ana"]
        every = "1w"
        starts = 2026-01-05T09:00:00
        active = [{from = "18:00", to = "07:30"}]"""
    roster = read_roster(text)
    assert roster.technicians == (Technician("ana", "ana", "+15145550111"),)
    window = Window(frozenset(range(7)), time(18), time(7, 30))
    assert roster.rotations == (
        Rotation(
            "primary",
            ("ana",),
            Every(1, Unit.WEEKS),
            Turns.CALENDAR,
            datetime(2026, 1, 5, 9),
            "America/Toronto",
            (window,),
        ),
    )
