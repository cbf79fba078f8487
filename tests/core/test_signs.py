"""Any order and any number of the same reports: the same emergency, the same pages."""

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given as hypothesis
from hypothesis import strategies as st

from callbacks.emergency import inputs as given
from callbacks.emergency.model import Emergency, Sign
from tests.core.pure import CALL, RECORDING, PureNight

Told = Callable[[PureNight], given.Input]


def action(night: PureNight) -> given.Input:
    return night.sign(given.MessageEnded, recording_sid=RECORDING, seconds=20)


def recording(night: PureNight) -> given.Input:
    opening = night.opening if night.e is None else None
    return given.MessageEnded(
        at=night.now - timedelta(seconds=1), call=CALL, opening=opening, sign=Sign.RECORDING, recording_sid=RECORDING,
        seconds=21, carrier_timed=True, ready=True,
    )  # fmt: skip


def ended(night: PureNight) -> given.Input:
    return night.sign(given.CallOver, status="completed", seconds=30)


def stored(night: PureNight) -> given.Input:
    return given.RecordingFetched(at=night.now, recording_sid=RECORDING, sha256="00", size=5)


SIGNS: tuple[Told, ...] = (action, recording, ended)


def outcome(order: tuple[Told, ...]) -> Emergency:
    night = PureNight()
    for sign in order:
        night.takes(sign(night))
    return night.it


EXPECTED = outcome(SIGNS)


@pytest.mark.parametrize("order", list(permutations(SIGNS)))
def test_order_does_not_matter(order: tuple[Told, ...]) -> None:
    """F03, I4."""
    assert outcome(order) == EXPECTED


@hypothesis(st.permutations(SIGNS), st.lists(st.sampled_from(SIGNS), max_size=6))
def test_neither_does_multiplicity(order: list[Told], repeats: list[Told]) -> None:
    """F02, I4."""
    assert outcome((*order, *repeats)) == EXPECTED


@hypothesis(st.lists(st.sampled_from(SIGNS), min_size=1, max_size=8))
def test_the_first_sign_pages_and_no_other_does(order: list[Told]) -> None:
    night = PureNight()
    for n, sign in enumerate(order):
        night.takes(sign(night))
        assert night.kinds().count("EmergencyOpened") == 1
        assert night.kinds().count("PageRequested") == 1, n


def test_a_report_about_nothing_opens_nothing() -> None:
    night = PureNight()
    assert night.takes(stored(night)).events == ()
    assert night.e is None
