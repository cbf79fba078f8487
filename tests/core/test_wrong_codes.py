"""When wrong codes block a number's texts and are told: at the third within ten minutes, for an hour, once an hour."""

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from callbacks.delivery.code_guessing import BLOCKED_FOR, MOST_WRONG, TOLD_EVERY, WITHIN, blocked_until, is_to_be_told
from tests.clock import NIGHT

MINUTE = timedelta(minutes=1)


def came(*minutes: float) -> list[datetime]:
    return [NIGHT + m * MINUTE for m in minutes]


def told(wrong: list[datetime], told_at: datetime | None, now: datetime) -> bool:
    return is_to_be_told(wrong, MOST_WRONG, told_at, now)


def test_the_third_within_ten_minutes_is_told_and_slower_ones_are_not() -> None:
    """F91."""
    assert not told(came(0, 1), None, came(1)[0])
    assert told(came(0, 1, 9.9), None, came(9.9)[0])
    assert not told(came(0, 1, 10), None, came(10)[0])
    assert told(came(0, 9, 11, 12), None, came(12)[0])


def test_who_was_told_is_told_again_after_an_hour() -> None:
    now = came(60)[0]
    assert not told(came(58, 59, 60), came(0.1)[0], now)
    assert told(came(58, 59, 60), came(0)[0], now)


def test_the_third_blocks_for_an_hour_and_a_later_third_anew() -> None:
    assert blocked_until(came(0, 1), 3, came(1)[0]) is None
    assert blocked_until(came(0, 1, 9.9), 3, came(9.9)[0]) == came(69.9)[0]
    assert blocked_until(came(0, 1, 9.9), 3, came(69.8)[0]) == came(69.9)[0]
    assert blocked_until(came(0, 1, 9.9), 3, came(69.9)[0]) is None
    assert blocked_until(came(0, 1, 10), 3, came(10)[0]) is None
    assert blocked_until(came(0, 1, 2, 60), 3, came(61.9)[0]) == came(62)[0]
    assert blocked_until(came(0, 1, 2, 9), 3, came(10)[0]) == came(69)[0]


@given(st.lists(st.floats(0, 300), max_size=60))
def test_however_many_guesses_there_are_one_is_told_in_an_hour_and_none_before_three(minutes: list[float]) -> None:
    wrong, said = list[datetime](), list[datetime]()
    for at in sorted(came(*minutes)):
        wrong.append(at)
        if told(wrong, said[-1] if said else None, at):
            said.append(at)
            assert len([w for w in wrong if at - w < WITHIN]) >= MOST_WRONG
    assert all(later - earlier >= TOLD_EVERY for earlier, later in pairwise(said))


@given(st.lists(st.floats(0, 300), max_size=60))
def test_no_more_than_three_tries_in_an_hour_are_looked_at(minutes: list[float]) -> None:
    """Of tries as fast as you like: what comes while it is blocked proves nothing, right or wrong."""
    wrong, looked_at = list[datetime](), list[datetime]()
    for at in sorted(came(*minutes)):
        if blocked_until(wrong, MOST_WRONG, at) is None:
            looked_at.append(at)
        wrong.append(at)
    for first in looked_at:
        fast = [at for at in looked_at if first <= at < first + WITHIN]
        assert len(fast) <= MOST_WRONG
        if len(fast) == MOST_WRONG:
            assert not [at for at in looked_at if fast[-1] < at < fast[-1] + BLOCKED_FOR]
