"""The outbox: what is due, who may take it, and what may be written of it."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from callbacks.delivery.delivery_policy import Direction
from callbacks.delivery.outbox_row import HANDLING, About, OutboxKind, OutboxState
from callbacks.engine.intake import summary
from callbacks.store import ledger, outbox, rates
from callbacks.store.errors import Conflict
from callbacks.store.interface import Store
from callbacks.store.rows import CarrierRow, OutboxRow
from tests.clock import NIGHT

ANA, LEASE = "+15145550142", timedelta(seconds=6)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
K = OutboxKind


def row(name: str, kind: OutboxKind = K.TEXT, **more: Any) -> OutboxRow:
    plain: dict[str, Any] = {"state": OutboxState.QUEUED, "due_at": NIGHT, "created_at": NIGHT, "person": "ana"}
    return OutboxRow(id=name, kind=kind, channel=HANDLING[kind].medium, **plain | {"number": ANA} | more)


def fill(store: Store, *rows: OutboxRow, emergencies: int = 0, opened: datetime = NIGHT) -> None:
    with store.write() as session:
        for n in range(1, emergencies + 1):
            session.emergencies.add(
                replace(summary.blank(n, f"CA{n}", opened), due_at=NIGHT + n * MINUTE, number=f"+1{n}")
            )
        session.outbox.put(rows)


def claim(store: Store, owner: str, now: datetime = NIGHT, limit: int = 10, **more: Any) -> list[OutboxRow]:
    with store.write() as session:
        return outbox.claim_due(session, now, owner, LEASE, limit, (K.TEXT, K.BRIDGE), **more)


def names(rows: Any) -> list[str]:
    return [one.id for one in rows]


def test_what_is_due_is_claimed_in_order_once_and_under_the_next_fence(store: Store) -> None:
    late, soon = row("late", due_at=NIGHT + HOUR), row("b", due_at=NIGHT - SECOND)
    fill(store, row("a"), soon, late, row("c", K.BRIDGE), row("other", K.FETCH))
    with store.read() as session:
        assert session.outbox.due_kinds(NIGHT) == {K.TEXT, K.BRIDGE, K.FETCH}
        assert session.outbox.is_any_due([K.FETCH], NIGHT) and not session.outbox.is_any_due([K.PAGE], NIGHT)
        assert session.outbox.next_due() == soon.due_at
        assert session.outbox.find("b") == soon and session.outbox.find("none") is None
    first = claim(store, "n", limit=1, first=K.BRIDGE)
    assert names(first) == ["c"] and names(claim(store, "n")) == ["b", "a"] and claim(store, "m") == []
    with store.read() as session:
        assert session.outbox.find("c") == first[0]
        assert session.outbox.next_due() == NIGHT
    again = claim(store, "m", NIGHT + LEASE)
    assert {(r.id, r.fence, r.attempts, r.absent_from, r.owner) for r in again} == {
        (name, 2, 2, NIGHT + LEASE, "m") for name in "abc"
    }


def test_many_takers_never_share_a_row(store: Store) -> None:
    fill(store, *(row(f"{n:02}") for n in range(24)))
    taken, ready = list[str](), threading.Barrier(4)

    def take(owner: str) -> None:
        ready.wait()
        for _ in range(20):
            taken.extend(names(store.transact(lambda s: outbox.claim_due(s, NIGHT, owner, LEASE, 3, (K.TEXT,)))))

    threads = [threading.Thread(target=take, args=(f"n{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == [f"{n:02}" for n in range(24)]


def test_an_outcome_is_written_under_the_claim_alone(store: Store) -> None:
    fill(store, row("a"))
    stale = claim(store, "n")[0]
    fresh = claim(store, "m", NIGHT + LEASE)[0]
    with store.write() as session:
        assert not session.outbox.settle("a", stale.fence, state=OutboxState.SENT, sid="SM1")
        assert not session.outbox.settle("none", 1, state=OutboxState.SENT)
        assert session.outbox.settle("a", fresh.fence, state=OutboxState.SENT, sid="SM2", sent_at=NIGHT)
        assert not session.outbox.settle("a", fresh.fence, state=OutboxState.FAILED)
    with store.read() as session:
        kept = session.outbox.find("a")
        assert kept and (kept.state, kept.sid, kept.owner, kept.lease_until) == (OutboxState.SENT, "SM2", None, None)
        assert session.outbox.next_due() is None


def test_a_live_node_keeps_what_it_has_in_hand_and_nothing_else(store: Store) -> None:
    fill(store, row("a"), row("b"), row("c", bundle="a"))
    claim(store, "n")
    with store.write() as session:
        assert sorted(session.outbox.renew("n", NIGHT + HOUR, ["a"])) == ["a", "c"]
        assert list(session.outbox.renew("m", NIGHT + HOUR, ["a"])) == list(session.outbox.renew("n", NIGHT, [])) == []
    assert names(claim(store, "m", NIGHT + LEASE)) == ["b"]
    with store.write() as session:
        session.outbox.expire_all(NIGHT + 2 * LEASE)
    assert sorted(names(claim(store, "x", NIGHT + 2 * LEASE))) == ["a", "b", "c"]


def test_what_nobody_has_begun_to_send_is_cancelled_or_waits(store: Store) -> None:
    mine: dict[str, Any] = {"emergency_id": 1}
    fill(store, row("a", **mine), row("b", person="bob", **mine), row("c", K.FETCH, **mine), row("d"), emergencies=1)
    fill(store, row("e", about=About.NOTE), row("f", state=OutboxState.SENT, **mine))
    with store.write() as session:
        session.outbox.put_off(K.TEXT, NIGHT, NIGHT + MINUTE, About.NOTE)
        session.outbox.cancel(1, [K.TEXT], NIGHT, "bob")
    assert names(claim(store, "n")) == ["a", "d"]
    with store.write() as session:
        session.outbox.cancel(1, [K.TEXT, K.FETCH], NIGHT)
        states = {name: found.state for name in "abcef" if (found := session.outbox.find(name))}
        cancelled, queued = OutboxState.CANCELLED, OutboxState.QUEUED
        assert states == dict(zip("abcef", ("claimed", cancelled, cancelled, queued, "sent"), strict=True))
        session.outbox.put_off(K.TEXT, NIGHT + MINUTE, NIGHT + HOUR)
        assert session.outbox.next_due() == NIGHT + LEASE
        assert session.outbox.next_slot(K.TEXT, MINUTE, NIGHT + HOUR) == NIGHT + HOUR + MINUTE
        assert session.outbox.next_slot(K.ALARM, MINUTE, NIGHT) == NIGHT


def page(name: str, n: int, **more: Any) -> OutboxRow:
    return row(name, K.PAGE, emergency_id=n, **more)


def test_pages_of_a_person_leave_together_nearest_deadline_first_and_by_one_node(store: Store) -> None:
    fill(store, page("late", 2), page("soon", 1), page("bobs", 1, person="bob", number="+15145550143"), emergencies=2)
    with store.write() as session:
        due = session.outbox.due_pages(NIGHT, 9)
        assert [(r.id, number, first) for r, number, first in due if r.person == "ana"] == [
            ("soon", "+11", None),
            ("late", "+12", None),
        ]
    with store.write() as session:
        found = outbox.claim_bundles(session, NIGHT, "n", LEASE, 9, 2)
    assert sorted(map(names, found)) == [["bobs"], ["soon", "late"]]
    assert {r.bundle for r in max(found, key=len)} == {"soon"}
    fill(store, page("more", 1))
    with store.write() as session:
        assert session.outbox.is_busy("ana", NIGHT) and not session.outbox.is_busy("ana", NIGHT + LEASE)
        assert outbox.claim_bundles(session, NIGHT, "m", LEASE, 9, 2) == []
        leader = session.outbox.find("soon")
        assert leader and names(session.outbox.members(leader)) == ["soon", "late"]
        assert session.outbox.paged_of("ana", [1, 7]) == {1} and list(session.outbox.paged_about("ana")) == [1, 2]


def test_no_phone_gets_more_than_it_may_and_a_ringing_one_no_second_call(store: Store) -> None:
    call = {"emergency_id": 1, "person": "bob", "number": "+15145550143"}
    sent = {"state": OutboxState.SENT, "sent_at": NIGHT - SECOND, "sid": "SM1"}
    fill(
        store, page("a", 1, **sent), page("b", 1), row("c", K.PAGE_CALL, **call, **sent | {"sid": "CA1"}), emergencies=1
    )
    fill(store, row("d", K.PAGE_CALL, **call, expires_at=NIGHT + MINUTE))
    ringing = CarrierRow(sid="CA1", kind="call", direction=Direction.OUTBOUND, from_number="", to_number="", status="ringing", first_seen_at=NIGHT, updated_at=NIGHT)  # fmt: skip
    with store.write() as session:
        session.carrier.note(ringing)
        assert session.outbox.recent_sends("ana", NIGHT - MINUTE) == [(NIGHT - SECOND, 1)]
        assert session.outbox.is_ringing("+15145550143", NIGHT - MINUTE)
        assert not session.outbox.is_ringing("+15145550143", NIGHT)
        assert outbox.claim_bundles(session, NIGHT, "n", LEASE, 9, 1) == []
        held, put_off = session.outbox.find("d"), session.outbox.find("b")
        assert held and held.due_at == NIGHT + SECOND and held.expires_at == NIGHT + MINUTE + SECOND
        assert put_off and put_off.due_at == NIGHT + MINUTE - SECOND


def test_what_left_is_found_again(store: Store) -> None:
    left = {"state": OutboxState.SENT, "sent_at": NIGHT + SECOND, "emergency_id": 1}
    fill(store, row("a", K.BRIDGE, sid="CA1", **left), row("b", K.BRIDGE, sid="CA2", bundle="a", **left), emergencies=1)
    fill(
        store,
        row("t", K.CUSTOMER_TEXT, sid="SM1", **left),
        row("u", K.CUSTOMER_TEXT, number="+1", state=OutboxState.CLAIMED),
    )
    fill(store, row("p", K.PAGE_CALL, state=OutboxState.CLAIMED, lease_until=NIGHT + LEASE))
    with store.write() as session:
        seen = session.outbox
        assert seen.known(["CA1", "SM1", "SM9"]) == {"CA1", "SM1"} and seen.known([]) == set()
        assert list(seen.known_sids(["CA1", "CA2"], "a")) == [] and set(seen.known_sids(["CA1", "CA2"], "t")) == {
            "CA1",
            "CA2",
        }
        assert (seen.left_since(K.BRIDGE, NIGHT), seen.left_since(K.BRIDGE, NIGHT + SECOND)) == (2, 0)
        assert sorted(seen.texts_since(NIGHT, "none"), key=str) == [1, None]
        assert list(seen.texts_since(NIGHT, "t", ANA)) == [] and list(seen.texts_since(NIGHT, "u", ANA)) == [1]
        assert (
            names(seen.calls_left(NIGHT, NIGHT + HOUR, 9)) == ["a"]
            and list(seen.calls_left(NIGHT + SECOND, NIGHT + HOUR, 9)) == []
        )
        assert seen.is_calling(ANA, "a") and not seen.is_calling(ANA, "p") and not seen.is_calling("+1", "a")
        assert list(seen.callbacks_calls(NIGHT)) == []
        ledger.append(session, 1, 0, ledger.GENESIS, [ledger.Record("CallbackRequested", NIGHT, {}, None)], NIGHT)
        assert sorted(names(seen.callbacks_calls(NIGHT))) == ["a", "b"]


def test_a_counter_is_one_writers_at_a_time(store: Store) -> None:
    given, ready = list[int](), threading.Barrier(3)

    def take() -> None:
        ready.wait()
        for _ in range(4):
            given.append(store.transact(lambda s: rates.take_rate(s, "key", 1, 9, MINUTE, NIGHT))[0])

    threads = [threading.Thread(target=take) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(given) == 9
    with store.write() as session:
        assert (
            rates.taken(session, "key", MINUTE, NIGHT) == 9 and rates.taken(session, "key", MINUTE, NIGHT + MINUTE) == 0
        )
        assert rates.take_line(session, "line", NIGHT, SECOND, must=False) == NIGHT
        rates.have_line(session, "line", NIGHT)
        assert rates.take_line(session, "line", NIGHT, SECOND) == NIGHT + SECOND
        assert rates.line_free_at(session, "line", NIGHT) == NIGHT + SECOND
        assert rates.take_line(session, "line", NIGHT, SECOND, must=False) == NIGHT + 2 * SECOND


def test_links_are_known_by_the_row_that_gave_them_out(store: Store) -> None:
    fill(store, row("a"), emergencies=1)
    with store.write() as session:
        session.magic_links.put("digest", 1, "ana", "a", NIGHT)
        assert session.magic_links.is_told_by("a", ["other", "digest"])
        assert not session.magic_links.is_told_by("b", ["digest"]) and not session.magic_links.is_told_by("a", [])
    with pytest.raises(Conflict), store.write() as session:
        session.magic_links.put("digest", 1, "bob", "a", NIGHT)


def test_heartbeats_tell_who_lives_and_what_was_out(store: Store) -> None:
    with store.write() as session:
        assert session.nodes.last_beat() is None and session.nodes.start("a", "1", NIGHT) is None
        session.nodes.beat("b", "1", NIGHT + SECOND)
        assert session.nodes.last_beat() == NIGHT + SECOND
        assert session.nodes.others_live("a", NIGHT + 2 * SECOND) and not session.nodes.others_live("a", NIGHT + MINUTE)
        session.nodes.stop("b", NIGHT + 2 * SECOND)
        assert not session.nodes.others_live("a", NIGHT + 2 * SECOND)
    with store.write() as session:
        out = session.nodes.start("a", "1", NIGHT + HOUR)
        assert out and (out.began_at, out.ended_at) == (NIGHT + 2 * SECOND, NIGHT + HOUR)
        assert [o.ended_at for o in session.nodes.outages_since(NIGHT)] == [NIGHT + HOUR]
        assert session.nodes.outages_since(NIGHT + HOUR) == []
