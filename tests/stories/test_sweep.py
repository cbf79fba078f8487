"""The carrier's own records: what no webhook told of is found there, whatever else fails meanwhile."""

from collections.abc import Callable

import pytest

from callbacks.engine import reconcile
from tests.night import SMS_ONLY, Night, minutes, seconds

MakeNight = Callable[..., Night]
EVERY = seconds(30)


def sweeps_for(night: Night, length: float) -> int:
    """The sweep of so many minutes, as the engine runs it; how many calls it found."""
    found = 0
    for _ in range(int(minutes(length) / EVERY)):
        night.passes(EVERY)
        found += night.sweeps()
    return found


@pytest.mark.parametrize("long", [1, 19, 25])
def test_a_lost_call_of_any_length_is_found(make_night: MakeNight, long: int) -> None:
    policy = '[promise]\ncallback_within = "90m"\n[intake]\nmax_message = "30m"\n'
    night = make_night(policy=policy + SMS_ONLY)
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls()
    night.knobs(webhooks_down=True)
    for _ in range(2 * long):
        night.clock.turn(seconds=30)
        assert reconcile.sweep(night.world) == 0
    night.customer.leaves_message(seconds(10))
    assert night.sweeps() == 0
    assert sweeps_for(night, 2) == 1
    ana.gets_sms("514-555-0142")
    night.network.errors.clear()
    night.nobody_else_was_contacted()
