"""What happens seldom, and at the worst moment: behind an outage, at a clock that differs, at a phone that takes none."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from callbacks.engine.runtime.loop import Engine
from callbacks.telephony.gateway import CarrierCall
from tests.night import Night, seconds
from tests.stories.test_sweep import the_carrier_answers
from tests.stories.test_turns import WEEKLY


def test_the_promise_counts_from_the_carriers_own_start_of_the_call(night: Night) -> None:
    """We saw the call late; the sweep finds when it really began, and takes that over once."""
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("1").gets_sms("is yours")
    carrier, before = night.context.gateway, night.emergency()["call_started_at"]

    def listed(since: datetime) -> list[CarrierCall]:
        return [replace(c, started_at=at(c) - timedelta(seconds=40)) for c in carrier.inbound_calls(since)]

    the_carrier_answers(night, inbound_calls=listed)
    for _ in range(3):
        night.passes(seconds(30))
        night.sweeps()
    after = night.emergency()["call_started_at"]
    earlier = datetime.fromisoformat(before) - datetime.fromisoformat(after)
    assert timedelta(seconds=40) <= earlier < timedelta(seconds=41), "the carrier tells no fractions"
    assert night.facts().count("CallTimed") == 1
    night.nobody_else_was_contacted()


def at(call: CarrierCall) -> datetime:
    assert call.started_at is not None
    return call.started_at


def test_a_call_that_came_while_we_were_down_says_so(night: Night) -> None:
    """I1: found by the sweep of the next start; that we were down stands beside it."""
    ana, _ = night.on_call("ana", "bob")
    night.engine.beat()
    night.customer.calls().skips_menus()
    night.knobs(webhooks_down=True)
    night.customer.leaves_message(seconds(5))
    night.clock.turn(minutes=3)
    night.knobs(webhooks_down=False)
    night.network.errors.clear()
    night.engine = Engine(night.context)
    night.engine.register()
    assert night.sweeps() == 1
    ana.gets_sms("E-000001", "message of 0:05")
    assert night.facts().count("OutageRecorded") == 1
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_a_customer_who_opted_out_at_the_carrier_alone_is_texted_once_and_never_again(night: Night) -> None:
    """Their STOP never reached us: the refusal of our receipt says it."""
    ana, _ = night.on_call("ana", "bob")
    night.knobs(webhooks_down=True)
    night.customer.texts("STOP")
    night.knobs(webhooks_down=False)
    night.network.errors.clear()
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("1").gets_sms("is yours")
    with night.database.read() as session:
        assert not session.customers.takes_texts(night.customer.number)
    night.minutes_pass(1)
    assert not [m for m in night.sent() if m.to_number == night.customer.number]
    night.nobody_else_was_contacted()


def test_who_is_on_call_says_until_when_and_who_is_next(night: Night) -> None:
    night.roster(WEEKLY)
    night.people["bob"].texts("who").gets_sms("primary Ana Roy until Tue 03:00, then Bob Chen; backup Bob Chen")
    night.nobody_else_was_contacted()
