"""The clock of a single node: it may be put right, and no step back stops time."""

from datetime import timedelta
from itertools import pairwise

from callbacks.delivery.sweeping import is_settled
from callbacks.engine.context import MonotonicWallClock
from callbacks.lib.wallclock import monotonic_wall_clock
from callbacks.telephony.gateway import CarrierCall
from tests.clock import NIGHT

SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


def test_a_step_forward_is_followed_and_a_step_back_only_slows_time() -> None:
    """I25."""
    assert monotonic_wall_clock(NIGHT, 10 * SECOND, NIGHT + 10 * SECOND) == NIGHT + 10 * SECOND
    assert monotonic_wall_clock(NIGHT, 10 * SECOND, NIGHT + HOUR) == NIGHT + HOUR
    assert monotonic_wall_clock(NIGHT, 10 * SECOND, NIGHT - HOUR) == NIGHT + 5 * SECOND


def test_an_hour_back_never_silences_a_timer_and_is_made_good_in_two() -> None:
    """F76."""
    ticks, wrong = [0.0], [timedelta()]
    clock = MonotonicWallClock(lambda: NIGHT + timedelta(seconds=ticks[0]) + wrong[0], lambda: ticks[0])
    read = [clock.now()]
    wrong[0] = -HOUR
    for _ in range(2 * 3600 + 10):
        ticks[0] += 1
        read.append(clock.now())
    assert all(a < b for a, b in pairwise(read))
    assert read[61] - read[1] == 30 * SECOND
    assert read[-1] == NIGHT + timedelta(seconds=ticks[0]) - HOUR
    clock.not_before(NIGHT + 9 * HOUR)
    assert clock.now() == NIGHT + 9 * HOUR
    clock.not_before(None)


def test_a_call_that_ends_in_the_future_shows_that_our_clock_is_behind() -> None:
    """F79."""

    def call(status: str, seconds: int) -> CarrierCall:
        return CarrierCall("CA1", "", "", status, "inbound", NIGHT, NIGHT, seconds)

    now = NIGHT + 60 * SECOND
    assert is_settled(call("completed", 40), now)
    assert not is_settled(call("completed", 41), now)
    assert is_settled(call("completed", 300), now)
    assert not is_settled(call("in-progress", 300), now)
