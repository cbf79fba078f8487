"""The workers of the engine: what goes wrong while they are given work costs none of them its place."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from callbacks.delivery.outbox_row import Lane, Medium, OutboxKind
from callbacks.engine.context import EngineContext
from callbacks.engine.delivery import dispatch
from callbacks.engine.intake import summary
from callbacks.engine.runtime import loop
from callbacks.store.outbox import claim_bundles
from callbacks.store.rows import OutboxRow
from callbacks.store.sql import tables
from callbacks.store.sql.database import Database
from tests.clock import NIGHT
from tests.faults.desk import eventually
from tests.store.test_claims import LEASE


class Broken(Exception):
    """The database went away for a moment."""


def lane_of(workers: int) -> loop._Workers:
    context: Any = type("World", (), {"wake": threading.Event()})()
    return loop._Workers(context, Lane.PAGES, workers)


def dispatching(monkeypatch: pytest.MonkeyPatch, claim: Callable[..., Any], send: Callable[..., Any]) -> None:
    monkeypatch.setattr(dispatch, "claim", claim)
    monkeypatch.setattr(dispatch, "send", send)


def row(key: str, **more: Any) -> OutboxRow:
    plain: dict[str, Any] = {
        "kind": "page",
        "person": "ana",
        "channel": "sms",
        "state": "queued",
        "due_at": NIGHT,
        "created_at": NIGHT,
    }
    return OutboxRow(id=key, **(plain | more))


def test_a_claim_that_failed_costs_no_worker_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """F63, F69: a lane that lost its places at one lost connection never sent again, while its node lived and beat."""
    asked, sent = list[int](), list[str]()

    def claim(context: EngineContext, limit: int, kinds: object) -> list[list[OutboxRow]]:
        asked.append(limit)
        if len(asked) <= 3:
            raise Broken
        return [[row(f"r{len(asked)}")]] if len(asked) < 6 else []

    dispatching(monkeypatch, claim, lambda context, bundle: sent.append(bundle[0].id))
    lane = lane_of(2)
    for _ in range(3):
        with pytest.raises(Broken):
            lane.fill()
    assert lane.fill()
    lane.close()
    assert (asked[:4], sent) == ([2, 2, 2, 2], ["r4"])


def test_a_row_claimed_anew_stays_in_hand_when_the_one_that_lost_it_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else nobody would renew the later claim, and another node would send it too. A bundle that is taken apart into
    more than was asked for gives nobody a place for good."""
    first, later = row("r1"), row("r1", fence=2)
    claimed = [[[first]], [[later]], [[row("r2")], [row("r3")]]]
    asked, ends = list[int](), {id(first): threading.Event(), id(later): threading.Event()}

    def claim(context: EngineContext, limit: int, kinds: object) -> list[list[OutboxRow]]:
        asked.append(limit)
        return claimed.pop(0) if claimed else []

    def send(context: EngineContext, bundle: list[OutboxRow]) -> None:
        if id(bundle[0]) in ends:
            ends[id(bundle[0])].wait(20)

    dispatching(monkeypatch, claim, send)
    lane = lane_of(3)
    assert lane.fill() and lane.fill()
    assert lane.in_hand() == [first, later]
    ends[id(first)].set()
    eventually(lambda: lane.in_hand() == [later])
    assert lane.fill()
    eventually(lambda: lane.in_hand() == [later])
    assert not lane.fill()
    ends[id(later)].set()
    eventually(lambda: not lane.in_hand())
    assert not lane.fill()
    lane.close()
    assert asked == [3, 2, 2, 2, 3]


def test_no_more_is_claimed_than_was_asked_for(database: Database) -> None:
    """A text and a call to one person are two bundles; the call waits in the outbox, where another node can take it."""
    with database.write() as session:
        session.emergencies.add(summary.blank(1, "key", NIGHT))
        text = row("a", emergency_id=1)
        call = row("b", emergency_id=1, kind=OutboxKind.PAGE_CALL, channel=Medium.VOICE)
        session.outbox.put([text, call])
    with database.write() as session:
        found = claim_bundles(session, NIGHT, "n", LEASE, 1, 2)
        assert [bundle[0].id for bundle in found] == ["a"]
    with database.read() as session:
        left = session.get(tables.Outbox, "b")
        assert left is not None and left.state == "queued"
