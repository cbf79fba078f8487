"""F92: what a stolen phone could spend is bounded; what wakes people never is."""

from datetime import timedelta

from callbacks.emergency import inputs as given
from callbacks.emergency.commands import MOST_CALLBACKS
from tests.core.pure import PureNight


def test_one_emergency_places_a_bounded_number_of_calls_and_pages_without_end() -> None:
    """F92."""
    night = PureNight()
    night.opens()
    for n in range(MOST_CALLBACKS):
        asked = night.says("ana", "call")
        assert asked.answer is not None and asked.answer.about == "calling", n
        key = list(night.it.callbacks)[-1]
        night.takes(given.TechnicianLeg(at=night.now, callback=key, status="no-answer"))
        night.now += timedelta(seconds=5)
    refused = night.says("ana", "call")
    assert refused.answer is not None and (refused.answer.about, refused.answer.refused) == ("too-many-calls", True)
    assert len(night.it.callbacks) == MOST_CALLBACKS
    night.says("ana", "pass")
    before = len(night.it.pages)
    night.sleeps(timedelta(hours=1))
    assert len(night.it.pages) > before
