"""The carrier accepted, and we broke before that was written down: it is asked, and nobody is contacted twice."""

from dataclasses import replace
from typing import Any

import pytest

from callbacks.engine.runtime.loop import Engine
from tests.night import Night, met, seconds


class BreaksOnce:
    """A carrier whose acceptance is lost on our side of the wire, the first time."""

    def __init__(self, carrier: Any, deed: str) -> None:
        self._carrier, self._deed, self._broken = carrier, deed, False

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._carrier, name)

        def once(*facts: Any) -> Any:
            answer = real(*facts)
            if name == self._deed and not self._broken:
                self._broken = True
                raise ConnectionResetError("the database went away")
            return answer

        return once


def breaks(night: Night, deed: str) -> None:
    night.engine = Engine(replace(night.context, gateway=BreaksOnce(night.context.gateway, deed)))


def test_a_page_whose_acceptance_was_not_written_down_is_found_and_not_sent_again(night: Night) -> None:
    """F23."""
    ana, _ = night.on_call("ana", "bob")
    breaks(night, "send_text")
    night.customer_leaves_message()
    night.passes(seconds(10))
    ana.gets_sms("E-000001").replies("1").gets_sms("is yours")
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_a_bridge_whose_acceptance_was_not_written_down_is_never_placed_twice(night: Night) -> None:
    """I12."""
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("1").gets_sms("is yours")
    breaks(night, "start_call")
    ana.replies("3").gets_sms("is ringing")
    night.passes(seconds(10))
    ana.is_rung().answers().presses("1")
    night.customer.answers(and_talks_for=seconds(40))
    ana.hangs_up()
    assert night.verdict() == met(by="carrier")
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.nobody_else_was_contacted()
