"""When wrong codes from one phone are told: at the third within ten minutes, and once an hour."""

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from callbacks.guessing import MOST_WRONG, QUIET, WITHIN, is_guessing
from tests.clock import NIGHT

MINUTE = timedelta(minutes=1)


def came(*minutes: float) -> list[datetime]:
    return [NIGHT + m * MINUTE for m in minutes]


def test_the_third_within_ten_minutes_is_told_and_slower_ones_are_not() -> None:
    """F91."""
    assert not is_guessing(came(0, 1), None, came(1)[0])
    assert is_guessing(came(0, 1, 9.9), None, came(9.9)[0])
    assert not is_guessing(came(0, 1, 10), None, came(10)[0])
    assert is_guessing(came(0, 9, 11, 12), None, came(12)[0])


def test_who_was_told_is_told_again_after_an_hour() -> None:
    now = came(60)[0]
    assert not is_guessing(came(58, 59, 60), came(0.1)[0], now)
    assert is_guessing(came(58, 59, 60), came(0)[0], now)


@given(st.lists(st.floats(0, 300), max_size=60))
def test_however_many_guesses_there_are_one_is_told_in_an_hour_and_none_before_three(minutes: list[float]) -> None:
    wrong, told = list[datetime](), list[datetime]()
    for at in sorted(came(*minutes)):
        wrong.append(at)
        if is_guessing(wrong, told[-1] if told else None, at):
            told.append(at)
            assert len([w for w in wrong if at - w < WITHIN]) >= MOST_WRONG
    assert all(later - earlier >= QUIET for earlier, later in pairwise(told))
