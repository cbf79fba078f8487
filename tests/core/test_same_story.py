"""What must make no difference makes none: another week, other names, other numbers. The same night is played twice, and the
two stories are held against each other, with no opinion of what the story should be."""

import re
import string
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given as hypothesis
from hypothesis import settings
from hypothesis import strategies as st

from callbacks.emergency import inputs as given
from callbacks.emergency.decide import Decision
from callbacks.emergency.model import ref_of
from callbacks.emergency.promise import judge
from callbacks.messages.effects import Effect, effects_of
from callbacks.oncall.coverage import Duty
from callbacks.oncall.roster import read_roster
from tests.clock import NIGHT
from tests.core.pure import DUTY, ROSTER, PureNight
from tests.core.test_time import PEOPLE, nights, play

Step = tuple[str, object, object]
Turned = Callable[[Any], Any]
LATER = timedelta(minutes=40)
# From the Tuesday behind the change to winter time to the one before the change to summer time.
WEEKS = (-3, 15)


class ToldNight(PureNight):
    """Keeps what each fact asks of the world as well."""

    def __init__(self, duty: Duty = DUTY, begins: datetime = NIGHT) -> None:
        super().__init__(duty=duty, begins=begins)
        self.sent: list[Effect] = []

    def takes(self, said: given.Input) -> Decision:
        decision = super().takes(said)
        assert decision.after
        for event in decision.events:
            self.sent += effects_of(event, decision.after, self.duty)
        return decision

    def plays(self, steps: list[Step], names: Mapping[str, str]) -> "ToldNight":
        self.opens()
        for step in steps:
            if step[0] == "say":
                who, command = str(step[1]), str(step[2])
                self.says(names.get(who, who), command, PEOPLE[who], words="a note")
            else:
                play(self, step)
        return self

    def verdicts(self) -> list[object]:
        return [judge(self.it, self.now), judge(self.it, self.now + LATER)]


def turned(value: Any, turn: Turned) -> Any:
    """Everything in it, however deep, as `turn` makes it."""
    if is_dataclass(value) and not isinstance(value, type):
        inside = {f.name: turned(getattr(value, f.name), turn) for f in fields(value) if f.init}
        return replace(value, **inside)
    if isinstance(value, tuple | list | frozenset | set):
        return type(value)(turned(one, turn) for one in value)
    if isinstance(value, Mapping):
        return {turned(key, turn): turned(one, turn) for key, one in value.items()}
    return turn(value)


@settings(max_examples=100, deadline=None)
@hypothesis(nights, st.integers(*WEEKS), st.integers(0, 4 * 24 * 60))
def test_another_week_is_the_same_night(steps: list[Step], weeks: int, minute: int) -> None:
    """No rule looks at the date: weeks earlier or later, without a change of the clocks between, everything happens at the
    same distance. The nights begin at any minute of four days."""
    begins, apart = NIGHT + timedelta(minutes=minute), timedelta(weeks=weeks)
    one = ToldNight(begins=begins).plays(steps, {})
    other = ToldNight(begins=begins + apart).plays(steps, {})

    def moved(value: Any) -> Any:
        return value + apart if isinstance(value, datetime) else value

    assert turned(one.story, moved) == other.story
    assert turned(one.verdicts(), moved) == other.verdicts()
    assert [effect.kind for effect in one.sent] == [effect.kind for effect in other.sent]
    assert [(e.person, e.valid_for) for e in one.sent] == [(e.person, e.valid_for) for e in other.sent]


names = st.lists(st.text(string.ascii_lowercase, min_size=3, max_size=9), min_size=3, max_size=3, unique=True)
digits = st.integers(10**31, 10**32 - 1)
codes = st.from_regex(r"[A-HJ-NP-Z][2-9]", fullmatch=True)


@settings(max_examples=100, deadline=None)
@hypothesis(nights, names, st.integers(1, 999_999), codes, digits)
def test_other_names_and_numbers_are_the_same_story(
    steps: list[Step], called: list[str], number: int, code: str, sid: int
) -> None:
    """Nobody is paged for the sound of their name: facts, verdict and every text and call are the same under the renaming,
    whatever the order of the names in the alphabet, and whichever number the emergency and its call have."""
    one = ToldNight()
    people = dict(zip(PEOPLE, called, strict=True))
    new = people | {
        one.opening.ref: ref_of(number), one.opening.code: code, one.call.sid or "": f"CA{sid}",
        one.recording: f"RE{sid}",
    }  # fmt: skip
    words = re.compile(r"\b(?:" + "|".join(map(re.escape, new)) + r")\b")

    def renamed(value: Any) -> Any:
        return words.sub(lambda found: new[found[0]], value) if isinstance(value, str) else value

    other = ToldNight(Duty(read_roster(renamed(ROSTER))))
    other.opening = replace(other.opening, ref=ref_of(number), code=code)
    other.call, other.recording = replace(other.call, sid=f"CA{sid}"), f"RE{sid}"
    assert turned(one.plays(steps, {}).story, renamed) == other.plays(steps, people).story
    assert turned(one.verdicts(), renamed) == other.verdicts()
    assert turned(one.sent, renamed) == other.sent
