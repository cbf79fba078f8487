"""Gaps are told whole, and once: ahead, and when they begin; whatever the roster, whenever somebody looks."""

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from callbacks.engine.jobs.handoff_notices import GAPS_AHEAD, gap_key
from callbacks.oncall.coverage import Duty, gaps_begun_or_ahead
from callbacks.oncall.roster import CalendarFeed, Every, Override, Roster, Rotation, Technician, Turns, Unit, Window
from callbacks.oncall.schedule import Gap, Shift, on_call, whole_gaps
from callbacks.policy.hours import is_open
from callbacks.policy.model import PUBLISHED
from tests.clock import NIGHT

ZONE = "America/Toronto"
ANA = Technician("ana", "Ana Roy", "+15145550111")
MONDAY = datetime(2026, 11, 23)
HOURS = st.integers(-400, 900)
STEP = timedelta(minutes=30)
BEFORE, AFTER = timedelta(days=20), timedelta(days=45)


def wall(hours: int) -> datetime:
    return MONDAY + timedelta(hours=hours)


windows = st.builds(
    lambda days, a, b: Window(days, wall(a).time(), wall(b).time()),
    st.frozensets(st.integers(0, 6), min_size=1), st.integers(0, 23), st.integers(0, 23),
)  # fmt: skip
overrides = st.builds(
    lambda start, long, who: Override("primary", who, wall(start), wall(start + long)),
    HOURS, st.integers(1, 200), st.sampled_from(["", "", "ana"]),
)  # fmt: skip
rules = st.builds(
    lambda starts, active: Rotation("primary", ("ana",), Every(1, Unit.WEEKS), Turns.CALENDAR, wall(starts), ZONE, tuple(active)),
    HOURS, st.lists(windows, max_size=2),
)  # fmt: skip
looks = st.lists(st.integers(1, 60 * 30), min_size=1, max_size=12)  # minutes between them


def feed_of(edges: list[int]) -> tuple[Shift, ...]:
    instants = [NIGHT + timedelta(hours=edge) for edge in sorted(set(edges))]
    return tuple(Shift("primary", "ana", a, b) for a, b in list(pairwise(instants))[::2])


feeds = st.lists(HOURS, max_size=8).map(feed_of)


def duty_of(rule: Rotation | None, feed: tuple[Shift, ...], taken: list[Override]) -> Duty:
    if rule:
        return Duty(Roster(ZONE, (ANA,), (), (rule,), tuple(taken)))
    return Duty(
        Roster(ZONE, (ANA,), (), (), tuple(taken), (CalendarFeed("primary", "file:///a.ics"),)),
        calendars={"primary": feed},
    )


def nobody_at(duty: Duty, at: datetime) -> bool:
    return on_call(duty.roster, at, duty.calendars)["primary"] is None


@settings(max_examples=150, deadline=None)
@given(st.one_of(rules, st.none()), feeds, st.lists(overrides, max_size=4), looks)
def test_each_gap_is_told_once_in_each_state_with_its_true_end(
    rule: Rotation | None, feed: tuple[Shift, ...], taken: list[Override], pauses: list[int]
) -> None:  # fmt: skip
    duty, now, told = duty_of(rule, feed, taken), NIGHT, set[str]()
    for pause in pauses:
        now += timedelta(minutes=pause)
        for gap in gaps_begun_or_ahead(PUBLISHED, duty, now, GAPS_AHEAD):
            if gap.rotation != "primary":
                continue
            told.add(gap_key(gap, now))
            assert gap.start is None or nobody_at(duty, gap.start)
            assert gap.end is None or nobody_at(duty, gap.end - timedelta(microseconds=1))
            assert not gap.start or not is_open(PUBLISHED.support_hours, gap.start)
    gaps = {key.rpartition(" ")[0] for key in told}
    assert len(told) <= 2 * len(gaps)
    # Told gaps do not touch one another: one that was told twice, with another end each time, would.
    spans = sorted(tuple(gap.split()[2:]) for gap in gaps)
    assert all(end != "-" and end < start for (_, end), (start, _) in pairwise(spans))


@settings(max_examples=100, deadline=None)
@given(st.one_of(rules, st.none()), feeds, st.lists(overrides, max_size=4), st.integers(0, 500))
def test_a_whole_gap_is_what_a_walk_over_the_clock_finds(
    rule: Rotation | None, feed: tuple[Shift, ...], taken: list[Override], hours: int
) -> None:  # fmt: skip
    duty, at = duty_of(rule, feed, taken), NIGHT + timedelta(hours=hours)
    found = whole_gaps(duty.roster, at, at + timedelta(microseconds=1), "primary", duty.calendars)
    assert [bool(found)] == [nobody_at(duty, at)]
    for gap in found:
        end = next((t for t in walk(at, AFTER) if not nobody_at(duty, t)), None)
        assert (gap.end is None) == (end is None) if gap.end is None or gap.end - at < AFTER else end is None
        assert end is None or (gap.end and end - STEP < gap.end <= end)
        begin = next((t for t in walk(at, -BEFORE) if not nobody_at(duty, t)), None)
        assert begin is None or (gap.start and begin < gap.start <= begin + STEP)


def walk(at: datetime, length: timedelta) -> list[datetime]:
    step = STEP if length > timedelta() else -STEP
    return [at + n * step for n in range(int(abs(length) / STEP))]


def test_a_gap_without_an_end_has_none() -> None:
    duty = duty_of(None, feed_of([-10, 5]), [])
    assert whole_gaps(duty.roster, NIGHT, NIGHT + timedelta(days=1), "primary", duty.calendars) == [
        Gap("primary", NIGHT + timedelta(hours=5), None)
    ]
