"""A wake-up comes exactly when something is due, and time always moves the story on."""

from datetime import timedelta

from hypothesis import given as hypothesis
from hypothesis import settings
from hypothesis import strategies as st

from callbacks.emergency import inputs as given
from callbacks.emergency import promise
from callbacks.emergency.decide import decide
from callbacks.emergency.events import PageRequested, from_record, to_record
from callbacks.emergency.fold import fold
from callbacks.emergency.timers import next_wake
from callbacks.oncall.roster import Role
from tests.core.pure import PureNight

TICK = timedelta(microseconds=1)
PEOPLE = {"ana": Role.TECHNICIAN, "bob": Role.TECHNICIAN, "sue": Role.SUPERVISOR}
COMMANDS = ("acknowledge", "pass", "call", "reached", "no-answer", "done", "note", "withdraw")

steps = st.one_of(
    st.tuples(st.just("sleep"), st.integers(0, 900), st.just("")),
    st.tuples(st.just("say"), st.sampled_from(sorted(PEOPLE)), st.sampled_from(COMMANDS)),
    st.tuples(st.just("page"), st.sampled_from(["delivered", "undelivered", "no-answer", "completed"]), st.just("")),
    st.tuples(st.just("leg"), st.sampled_from(["in-progress", "busy", "completed"]), st.just("")),
    st.tuples(st.just("key"), st.sampled_from(["1", ""]), st.just("")),
    st.tuples(
        st.just("customer"), st.sampled_from(["ringing", "in-progress", "completed", "busy"]), st.integers(0, 60)
    ),
    st.tuples(st.just("dial"), st.sampled_from(["completed", "no-answer"]), st.integers(0, 60)),
    st.tuples(st.just("after"), st.sampled_from(["1", "2", "3"]), st.just("")),
)
nights = st.lists(steps, max_size=25)


def play(night: PureNight, step: tuple[str, object, object]) -> None:
    """One thing that may happen, about the newest page or callback there is."""
    what, a, b = step
    now, e = night.now, night.it
    page, callback = next(reversed(list(e.pages)), ""), next(reversed(list(e.callbacks)), "")
    if what == "sleep":
        assert isinstance(a, int)
        night.sleeps(timedelta(seconds=a))
    elif what == "say":
        night.says(str(a), str(b), PEOPLE[str(a)], words="a note")
    elif what == "page":
        night.takes(given.PageReported(at=now, page=page, status=str(a)))
    elif what == "leg":
        night.takes(given.TechnicianLeg(at=now, callback=callback, status=str(a)))
    elif what == "key":
        night.takes(given.TechnicianKey(at=now, callback=callback, key=str(a)))
    elif what == "customer":
        night.takes(given.CustomerLeg(at=now, callback=callback, status=str(a), seconds=int(str(b))))
    elif what == "dial":
        bridged = a == "completed"
        night.takes(given.DialOver(at=now, callback=callback, status=str(a), bridged=bridged, seconds=int(str(b))))
    else:
        night.takes(given.AfterCallKey(at=now, callback=callback, key=str(a)))


@settings(max_examples=150, deadline=None)
@hypothesis(nights)
def test_a_wake_up_is_exactly_when_something_is_due(story: list[tuple[str, object, object]]) -> None:
    """F57, I6."""
    night = PureNight()
    night.opens()
    for step in story:
        play(night, step)
        due = next_wake(night.it)
        if due is None:
            continue
        assert due > night.now, "what is due was done"
        early = decide(night.it, given.TimePassed(at=due - TICK), due - TICK, night.duty)
        assert early.events == ()
        kept = decide(night.it, given.TimePassed(at=due), due, night.duty)
        assert kept.events
        assert kept.after is not None
        later = next_wake(kept.after)
        assert later is None or later > due


@settings(max_examples=150, deadline=None)
@hypothesis(nights)
def test_the_verdict_is_a_function_of_the_ledger_alone(story: list[tuple[str, object, object]]) -> None:
    """F78, I24."""
    night = PureNight()
    night.opens()
    for step in story:
        play(night, step)
    records = [(event.at, *to_record(event)) for event in night.story]
    again = fold(from_record(kind, at, body, private) for at, kind, body, private in records)
    assert again == night.it
    for later in (timedelta(), timedelta(minutes=31), timedelta(days=3)):
        assert promise.judge(again, night.now + later) == promise.judge(night.it, night.now + later)


@settings(max_examples=150, deadline=None)
@hypothesis(nights)
def test_somebody_owns_it_or_somebody_is_to_be_paged(story: list[tuple[str, object, object]]) -> None:
    night = PureNight()
    night.opens()
    for step in story:
        play(night, step)
        e = night.it
        over = e.withdrawn_at or e.excluded_at or e.resolved_at or promise.first_contact(e)
        assert over or e.owner or next_wake(e) is not None


@settings(max_examples=100, deadline=None)
@hypothesis(nights, st.integers(1, 10_000))
def test_a_stall_of_any_length_pages_each_person_once(story: list[tuple[str, object, object]], minutes: int) -> None:
    """F48, F58, I16."""
    night = PureNight()
    night.opens()
    for step in story:
        play(night, step)
    night.now += timedelta(minutes=minutes)
    caught_up = night.takes(given.TimePassed(at=night.now)).events
    paged = [event.person for event in caught_up if isinstance(event, PageRequested)]
    assert len(paged) <= 2 * len(set(paged))  # one text and one call


def test_a_fact_of_another_version_changes_nothing_and_stops_nothing() -> None:
    """F84, I28."""
    night = PureNight()
    night.opens()
    unknown = from_record("FactOfTheFuture", night.now, {"colour": "red"}, {"words": "x"})
    assert fold([*night.story, unknown]) == night.it
    assert to_record(unknown) == ("FactOfTheFuture", {"colour": "red"}, None)
    night.e = fold([*night.story, unknown])
    night.sleeps(timedelta(minutes=9))
    assert night.kinds().count("StepTaken") == 4


def test_old_facts_with_fields_we_dropped_still_fold() -> None:
    night = PureNight()
    night.opens()
    kind, body, private = to_record(night.story[0])
    assert from_record(kind, night.story[0].at, body | {"dropped": 1}, private) == night.story[0]
