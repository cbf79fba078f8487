"""The engine's pure rules: what leaves together and when, what an ambiguous send came to, when somebody is told."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from callbacks.delivery import batching, delivery_policy, sweeping
from callbacks.delivery.delivery_policy import AfterFailure
from callbacks.delivery.outbox_row import PAGES, TEXTS, OutboxKind, OutboxState
from callbacks.telephony.gateway import CarrierError
from tests.clock import NIGHT

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@dataclass
class Page:
    """A row of the outbox, as far as the rules look."""

    id: str
    kind: OutboxKind = OutboxKind.PAGE
    state: OutboxState = OutboxState.QUEUED
    bundle: str | None = None
    person: str | None = "ana"
    created_at: datetime = NIGHT
    expires_at: datetime | None = NIGHT + 4 * MINUTE


def ids(bundles: list[list[Page]]) -> list[list[str]]:
    return [[page.id for page in bundle] for bundle in bundles]


def test_what_may_have_arrived_stays_as_it_was_and_texts_go_before_calls() -> None:
    rows = [
        Page("call sent", OutboxKind.PAGE_CALL, OutboxState.AMBIGUOUS, "call sent"), Page("call", OutboxKind.PAGE_CALL), Page("a"), Page("b"),
        Page("text sent", state=OutboxState.AMBIGUOUS, bundle="text sent"),
    ]  # fmt: skip
    found = batching.group_by_recipient(rows, set(), NIGHT)
    assert ids(found) == [["text sent"], ["a", "b"], ["call sent"], ["call"]]
    late = batching.group_by_recipient(rows, set(), NIGHT + 3 * MINUTE)
    assert ids(late) == [["call sent"], ["call"], ["text sent"], ["a", "b"]]
    assert ids(batching.group_by_recipient(rows, {"a"}, NIGHT + 3 * MINUTE))[:2] == [["a", "b"], ["text sent"]]


def test_what_surely_did_not_arrive_goes_with_the_rest() -> None:
    """The carrier took neither of two texts: tried again apart, each would have taken a place in the minute."""
    again = [Page("a", bundle="a"), Page("b", bundle="b"), Page("c")]
    assert ids(batching.group_by_recipient(again, set(), NIGHT)) == [["a", "b", "c"]]


def test_an_expired_page_takes_nobodys_place() -> None:
    """After a stall the pages of before are given up; the new ones are not held back for a minute because of them."""
    old = [[Page("old text")], [Page("old call", OutboxKind.PAGE_CALL)]]
    new = [
        [Page("text", expires_at=NIGHT + 9 * MINUTE)],
        [Page("call", OutboxKind.PAGE_CALL, expires_at=NIGHT + 9 * MINUTE)],
    ]
    now = NIGHT + 5 * MINUTE
    going, held = batching.release([*old, *new], [], now, 2)
    assert (len(going), held) == (4, [])
    third = [Page("third", expires_at=NIGHT + 9 * MINUTE)]
    _, held = batching.release([*old, *new, third], [], now, 2)
    assert [until for _, until in held] == [now + MINUTE]


def test_a_look_up_never_takes_what_is_another_rows() -> None:
    """Two calls to one phone look alike: the page that rings must not pass for the callback that was never placed."""
    assert delivery_policy.found_again(["CA2", "CA1"], {"CA2"}) == "CA1"
    assert delivery_policy.found_again(["CA2"], {"CA2"}) is None
    assert delivery_policy.found_again(["CA3", "CA1"], set()) == "CA3"
    assert delivery_policy.after_look_up(OutboxKind.PAGE_CALL, "CA1", NIGHT, NIGHT, crossing=True) == "look-again"


@pytest.mark.parametrize(
    ("kind", "sid", "after", "move"),
    [
        (OutboxKind.PAGE, "SM1", 0, "adopt"), (OutboxKind.PAGE, None, 29, "look-again"), (OutboxKind.PAGE, None, 30, "send"),
        (OutboxKind.BRIDGE, None, 30, "give-up"), (OutboxKind.BRIDGE, "CA1", 60, "adopt"),
    ],
)  # fmt: skip
def test_what_an_ambiguous_send_came_to(kind: OutboxKind, sid: str | None, after: int, move: str) -> None:
    """F22, F24."""
    absent = delivery_policy.absent_from(kind, CarrierError("ReadTimeout", ambiguous=True), NIGHT)
    assert delivery_policy.after_look_up(kind, sid, NIGHT + after * SECOND, absent) == move


@pytest.mark.parametrize(
    ("kind", "error", "move"),
    [
        (OutboxKind.PAGE, CarrierError("400", refused=True, code=21610), "give-up"),
        (OutboxKind.FETCH, CarrierError("404", refused=True), "later"),
        (OutboxKind.PAGE, CarrierError("500", ambiguous=True), "ask"),
        (OutboxKind.ALARM, CarrierError("500", ambiguous=True), "later"),
        (OutboxKind.BRIDGE, CarrierError("429"), "later"),
    ],
)
def test_what_follows_a_failure(kind: OutboxKind, error: CarrierError, move: str) -> None:
    assert delivery_policy.after_failure(kind, error) == move


def test_a_surprise_of_our_own_is_asked_about_like_a_time_out() -> None:
    asked = {kind for kind in OutboxKind if delivery_policy.after_surprise(kind) is AfterFailure.ASK}
    assert asked == {*PAGES, *TEXTS, OutboxKind.BRIDGE}


@pytest.mark.parametrize(
    ("kind", "after"),
    [(OutboxKind.PAGE, 5), (OutboxKind.PAGE_CALL, 5), (OutboxKind.TEXT, 30), (OutboxKind.CUSTOMER_TEXT, 30), (OutboxKind.BRIDGE, 30)],
)  # fmt: skip
def test_only_a_page_is_sent_again_soon_after_its_connection_was_closed(kind: OutboxKind, after: int) -> None:
    """F22."""
    closed = CarrierError("RemoteProtocolError", ambiguous=True, closed=True)
    assert delivery_policy.absent_from(kind, closed, NIGHT) == NIGHT + after * SECOND
    assert delivery_policy.absent_from(kind, CarrierError("ReadTimeout", ambiguous=True), NIGHT) == NIGHT + 30 * SECOND


def test_retries_slow_down_and_never_stop() -> None:
    pauses = [delivery_policy.pause(OutboxKind.TEXT, n).total_seconds() for n in range(1, 12)]
    assert pauses == [0.5, 1, 2, 4, 8, 16, 30, 30, 30, 30, 30]
    pauses = [delivery_policy.pause(OutboxKind.PAGE, n).total_seconds() for n in range(1, 12)]
    assert pauses == [0.5, 1, 2, 4, 4, 4, 4, 4, 4, 4, 4]


def test_a_state_never_goes_back() -> None:
    """F28."""
    assert delivery_policy.moves_on(None, "queued")
    assert delivery_policy.moves_on(delivery_policy.RANKS["sent"], "delivered")
    assert not delivery_policy.moves_on(delivery_policy.RANKS["delivered"], "sent")
    assert not delivery_policy.moves_on(delivery_policy.RANKS["busy"], "completed")


def test_a_sweep_looks_back_from_its_last_success() -> None:
    """F17, F18."""
    assert sweeping.look_from(None, NIGHT) == NIGHT - timedelta(hours=24)
    assert sweeping.look_from(NIGHT - timedelta(hours=2), NIGHT) == NIGHT - timedelta(hours=3, minutes=30)


def test_a_failing_emergency_is_told_after_the_third_failure_and_again() -> None:
    assert [n for n in range(1, 200) if delivery_policy.alarms_at(n)] == [3, 23, 43, 63, 83, 103]
