"""Summaries of emergencies: whose they are, what is open, and which node works on one that is due."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from callbacks.delivery.delivery_policy import CallerChoice, Direction
from callbacks.emergency.model import Evidence, Outcome, State
from callbacks.engine.intake import summary
from callbacks.store.errors import Conflict
from callbacks.store.interface import Store
from callbacks.store.rows import CarrierRow, EmergencyRow
from tests.clock import NIGHT

ANA, BOB = "+15145550142", "+15145550143"
MINUTE, HOUR, LEASE = timedelta(minutes=1), timedelta(hours=1), timedelta(seconds=6)
WITHHELD = {"number": None, "withheld": True}


def row(n: int, **changes: Any) -> EmergencyRow:
    return replace(summary.blank(n, f"CA{n}", NIGHT), call_sid=f"CA{n}", code=f"K{n}", **changes)


def call(sid: str, **changes: Any) -> CarrierRow:
    ringing = CarrierRow(sid=sid, kind="call", direction=Direction.INBOUND, from_number=ANA, to_number="", status="ringing", first_seen_at=NIGHT, updated_at=NIGHT)  # fmt: skip
    return replace(ringing, **changes)


def fill(store: Store, *rows: EmergencyRow, calls: tuple[CarrierRow, ...] = ()) -> None:
    with store.write() as session:
        for one in rows:
            session.emergencies.add(one)
        for other in calls:
            session.carrier.note(other)


def ids(rows: Any) -> list[int]:
    return [one.id for one in rows]


def test_what_was_written_is_read_and_a_read_row_stays_as_it_was(store: Store) -> None:
    every = row(7, state=State.REACHED, number=ANA, name="Nora", contact_at=NIGHT, evidence=Evidence.CARRIER, seconds=3)
    fill(store, every)
    with store.write() as session:
        assert session.emergencies.find(7) == every == session.emergencies.opened_by("CA7")
        assert (session.emergencies.find(None), session.emergencies.find(8)) == (None, None)
        session.emergencies.change(every, replace(every, name=None, wake_at=NIGHT))
        session.emergencies.change(every, replace(every, seconds=4))
        assert session.emergencies.find(7) == replace(every, name=None, wake_at=NIGHT, seconds=4)
    assert every.name == "Nora"
    with pytest.raises(ZeroDivisionError), store.write() as session:
        session.emergencies.change(every, replace(every, seconds=5))
        _ = 1 // 0
    with store.read() as session:
        kept = session.emergencies.find(7)
        assert kept and (kept.seconds, session.emergencies.count(), session.emergencies.newest_id()) == (4, 1, 7)


@pytest.mark.parametrize("second", [row(1, source_key="other"), replace(row(2), source_key="CA1")])
def test_a_number_and_a_call_open_one_emergency_alone(store: Store, second: EmergencyRow) -> None:
    fill(store, row(1))
    with pytest.raises(Conflict):
        fill(store, second)
    ready, outcomes = threading.Barrier(2), list[str]()

    def opens(n: int) -> None:
        ready.wait()
        try:
            fill(store, replace(row(n), source_key="CA9"))
            outcomes.append("won")
        except Conflict:
            outcomes.append("lost")

    at_once(lambda: opens(8), lambda: opens(9))
    assert sorted(outcomes) == ["lost", "won"]


def test_whose_call_it_was(store: Store) -> None:
    fill(
        store,
        row(1, number=ANA, is_open=False),
        row(2, number=ANA, contact_at=NIGHT),
        row(3, **WITHHELD),
        row(4, number=BOB, state=State.REACHED),
        row(5, number=BOB, drill=True),
        row(6, number=BOB, opened_at=NIGHT - HOUR),
        row(7, number=BOB),
        calls=(call("CA3", choice=CallerChoice.OTHER), call("CA4", direction=Direction.OUTBOUND), call("CAx", emergency_id=6)),
    )  # fmt: skip
    with store.read() as session:
        known = session.emergencies
        assert ids(known.of_number(ANA, 9)) == [3, 2, 1]
        assert ids(known.of_number(ANA, 2)) == [3, 2]
        assert ids(known.open_of_number(ANA, 2, 9)) == [3]
        assert ids(known.unreached_of_number(ANA, NIGHT - MINUTE, 9)) == [3]
        assert ids(known.unreached_of_number(BOB, NIGHT - MINUTE, 9)) == [7]
        assert ids(known.unreached_of_number(BOB, NIGHT - 2 * HOUR, 9)) == [7, 6]
        assert ids(filter(None, [known.of_call("CA4"), known.of_call("CAx"), known.of_call("CA")])) == [4, 6]
        assert known.opened_with(ANA, (CallerChoice.OTHER, CallerChoice.WAIT), NIGHT - MINUTE) == 1
        assert known.opened_with(ANA, (CallerChoice.WAIT,), NIGHT - MINUTE) == 0
        assert known.opened_with(ANA, (CallerChoice.OTHER,), NIGHT) == 0


def test_which_codes_are_held(store: Store) -> None:
    long_ago = NIGHT - 2 * HOUR
    fill(
        store,
        row(1, opened_at=long_ago),
        row(2, opened_at=long_ago, is_open=False),
        row(3, opened_at=long_ago, is_open=False, last_at=NIGHT),
        row(4, is_open=False),
    )
    with store.read() as session:
        assert session.emergencies.codes_held(NIGHT - HOUR) == {"K1", "K3", "K4"}
        assert session.emergencies.codes_in_use(NIGHT - HOUR) == {"K1", "K4"}
        assert [session.emergencies.open_with_code(code) for code in ("K1", "K4", None)] == [1, None, None]


def test_what_a_sweep_an_outage_a_figure_and_a_drill_ask(store: Store) -> None:
    early, late, due = NIGHT - 2 * HOUR, NIGHT - MINUTE, NIGHT + HOUR
    met = {
        "outcome": Outcome.MET,
        "version": 3,
        "clock_started_at": NIGHT,
        "resolve_due_at": due,
        "first_priority": "P1",
    }
    fill(
        store,
        row(1, call_started_at=early, opened_at=early, due_at=early, **met),
        row(2, opened_at=late, due_at=due, contact_at=NIGHT, **met),
        row(3, opened_at=early, due_at=due, **met | {"outcome": Outcome.EXCLUDED}),
        row(4, opened_at=late, drill=True, acknowledged_by="ana", due_at=due),
    )
    with store.read() as session:
        asked = session.emergencies
        assert ids(asked.without_audio(NIGHT - HOUR, NIGHT - HOUR, NIGHT)) in ([2, 4], [4, 2])
        assert ids(asked.without_audio(NIGHT - HOUR, NIGHT - 3 * HOUR, NIGHT))[2:] == [3]
        assert asked.without_audio(NIGHT - HOUR, NIGHT - HOUR, late) == []
        assert (sorted(asked.due_within(NIGHT, due)), asked.due_within(due, due + MINUTE)) == ([2, 3, 4], [])
        assert (asked.outdated(0, 3, 9), asked.outdated(4, 3, 9), asked.outdated(0, 4, 2)) == ([4], [], [1, 2])
        assert (asked.is_any_before(NIGHT), asked.is_any_before(early), asked.opened_since(late)) == (True, False, 0)
        assert (ids(asked.each(NIGHT, due)), ids(asked.each(early, NIGHT))) == ([2, 3, 4], [1])
        told, untold = asked.outcomes(early, due, 3, NIGHT)
        assert (sorted(ids(told)), untold, asked.somebody_waits()) == ([1, 2, 3], [4], False)
        assert [(d.id, d.person, d.is_open) for d in asked.drills_open_since(NIGHT)] == [(4, "ana", True)]
    with store.write() as session:
        for one in session.emergencies.held([1, 3]):
            session.emergencies.change(one, replace(one, outcome=Outcome.MISSED))
    with store.read() as session:
        assert session.emergencies.somebody_waits()


def test_a_claim_is_one_nodes_until_it_ends_or_runs_out(store: Store) -> None:
    fill(store, row(1, wake_at=NIGHT, due_at=NIGHT + HOUR), row(2, wake_at=NIGHT), row(3, wake_at=NIGHT + HOUR), row(4))
    in_turn = [claim(store, "a", limit=1), claim(store, "a"), claim(store, "b"), claim(store, "b", NIGHT + LEASE)]
    assert in_turn == [[(2, 1)], [(1, 1)], [], [(2, 2), (1, 2)]]
    with store.write() as session:
        assert session.emergencies.next_wake() == NIGHT + 2 * LEASE
        session.emergencies.give_back(2, 1, done=True)
        assert session.emergencies.put_off(2, 1, NIGHT + MINUTE) is None
    assert state(store, 2) == ("b", 2, NIGHT + 2 * LEASE, 0, NIGHT)
    with store.write() as session:
        assert session.emergencies.put_off(2, 2, NIGHT + MINUTE) == 1
        session.emergencies.give_back(1, 2, done=False)
    assert state(store, 2) == (None, 2, None, 1, NIGHT + MINUTE)
    assert claim(store, "c", NIGHT + MINUTE) == [(2, 3), (1, 3)]
    with store.write() as session:
        session.emergencies.give_back(2, 3, done=True)
        session.emergencies.expire_claims(NIGHT)
    assert state(store, 2) == (None, 3, None, 0, NIGHT + MINUTE)
    assert claim(store, "d") == [(1, 4)]


def test_eight_nodes_never_share_a_wake_up(store: Store) -> None:
    fill(store, *[row(n, wake_at=NIGHT) for n in range(1, 41)])
    taken: list[int] = []

    def work(owner: str) -> None:
        while True:
            try:
                found = claim(store, owner, limit=3)
            except Conflict:
                continue
            if not found:
                return
            taken.extend(number for number, _ in found)

    at_once(*[lambda n=n: work(f"n{n}") for n in range(8)])
    while rest := claim(store, "last"):
        taken.extend(number for number, _ in rest)
    assert sorted(taken) == list(range(1, 41))


def test_what_another_writer_holds_is_passed_over(store: Store) -> None:
    fill(store, row(1, wake_at=NIGHT), row(2, wake_at=NIGHT))
    found: list[list[int]] = []

    def look() -> None:
        with store.write() as session:
            found.append(ids(session.emergencies.held([1, 2])))
        found.append([number for number, _ in claim(store, "b")])

    other = threading.Thread(target=look)
    with store.write() as session:
        assert ids(session.emergencies.held([1])) == [1]
        other.start()
        if not store.is_sqlite:  # it has one writer: the second waits
            other.join(10)
    other.join(10)
    assert found == ([[1, 2], [1, 2]] if store.is_sqlite else [[2], [2]])


def claim(store: Store, owner: str, now: Any = NIGHT, limit: int = 50) -> list[tuple[int, int]]:
    with store.write() as session:
        return session.emergencies.claim_wakes(now, owner, LEASE, limit)


def state(store: Store, number: int) -> tuple[Any, ...]:
    with store.read() as session:
        found = session.emergencies.find(number)
    assert found is not None
    return found.owner, found.fence, found.lease_until, found.failures, found.wake_at


def at_once(*works: Any) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
