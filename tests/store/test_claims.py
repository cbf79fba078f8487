"""Work is claimed for a while, never twice at once, and a claim that ran out is somebody else's."""

import json
import threading
from dataclasses import replace
from datetime import datetime, timedelta

from callbacks.delivery.outbox_row import Medium, OutboxKind, OutboxState
from callbacks.engine.intake import summary
from callbacks.store import outbox
from callbacks.store.errors import Conflict
from callbacks.store.rows import OutboxRow
from callbacks.store.sql import tables
from callbacks.store.sql.database import Database
from tests.clock import NIGHT

LEASE = timedelta(seconds=6)
KINDS = (OutboxKind.PAGE, OutboxKind.TEXT)


def fill(database: Database, count: int) -> None:
    rows = [
        OutboxRow(
            id=f"{n:032d}",
            kind=OutboxKind.PAGE,
            channel=Medium.SMS,
            state=OutboxState.QUEUED,
            due_at=NIGHT,
            created_at=NIGHT,
        )
        for n in range(count)
    ]
    with database.write() as session:
        session.outbox.put(rows)


def claim(database: Database, owner: str, now: datetime = NIGHT, limit: int = 10) -> list[OutboxRow]:
    with database.write() as session:
        return outbox.claim_due(session, now, owner, LEASE, limit, KINDS)


def test_eight_workers_never_share_a_row(database: Database) -> None:
    """F35."""
    fill(database, 60)
    taken: list[str] = []

    def work(owner: str) -> None:
        while True:
            try:
                rows = claim(database, owner, limit=3)
            except Conflict:
                continue
            if not rows:
                return
            taken.extend(row.id for row in rows)

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == 60


def test_a_claim_that_ran_out_is_taken_again_and_marked_as_uncertain(database: Database) -> None:
    fill(database, 1)
    first = claim(database, "a")[0]
    assert claim(database, "b") == []
    later = NIGHT + LEASE
    again = claim(database, "b", later)[0]
    assert (again.fence, again.owner, again.attempts) == (first.fence + 1, "b", 2)
    assert again.absent_from == later


def test_what_a_node_of_the_version_before_was_not_sure_of_is_looked_up(database: Database) -> None:
    """F83: It says so in the payload alone, and finds there what this version says."""
    fill(database, 2)
    absent = NIGHT + timedelta(seconds=30)
    with database.write() as session:
        row = session.get_one(tables.Outbox, f"{0:032d}")
        row.state, row.payload = OutboxState.AMBIGUOUS, json.dumps({"absent_from": absent.isoformat()})
    sure, unsure = sorted(claim(database, "a"), key=lambda row: row.absent_from is not None)
    assert (sure.absent_from, unsure.absent_from) == (None, absent)
    assert json.loads(outbox.uncertain(sure, NIGHT).payload) == {"absent_from": NIGHT.isoformat()}


def test_a_node_that_lost_its_claim_writes_nothing(database: Database) -> None:
    """F51, I26."""
    fill(database, 1)
    stale = claim(database, "a")[0]
    fresh = claim(database, "b", NIGHT + LEASE)[0]
    with database.write() as session:
        assert not session.outbox.settle(stale.id, stale.fence, state=OutboxState.SENT, sid="SM1")
    with database.write() as session:
        assert session.outbox.settle(fresh.id, fresh.fence, state=OutboxState.SENT, sid="SM2")
    with database.read() as session:
        row = session.get(tables.Outbox, stale.id)
        assert row is not None
        assert row.sid == "SM2"


def test_a_live_node_keeps_the_claims_of_what_it_has_in_hand(database: Database) -> None:
    """And of nothing else: a row whose outcome could not be written was held for as long as the node lived."""
    fill(database, 2)
    held, let_go = claim(database, "a")
    with database.write() as session:
        assert session.outbox.renew("a", NIGHT + 3 * LEASE, [held.id]) == [held.id]
    assert [row.id for row in claim(database, "b", NIGHT + 2 * LEASE)] == [let_go.id]


def test_a_node_is_told_that_it_kept_nothing_of_what_another_one_took(database: Database) -> None:
    """I26: by that it knows, before it sends, that its claim ran out."""
    fill(database, 1)
    stale = claim(database, "a")[0]
    claim(database, "b", NIGHT + LEASE)
    with database.write() as session:
        assert session.outbox.renew("a", NIGHT + 3 * LEASE, [stale.id]) == []


def test_only_what_nobody_began_to_send_is_cancelled(database: Database) -> None:
    """I17."""
    with database.write() as session:
        number = 1
        session.emergencies.add(summary.blank(number, "key", NIGHT))
        for name in ("a", "b"):
            session.outbox.put(
                [
                    OutboxRow(
                        id=name,
                        emergency_id=number,
                        kind=OutboxKind.PAGE,
                        channel=Medium.SMS,
                        state=OutboxState.QUEUED,
                        due_at=NIGHT,
                        created_at=NIGHT,
                    )
                ],
            )
    begun = claim(database, "w", limit=1)[0]
    with database.write() as session:
        session.outbox.cancel(number, (OutboxKind.PAGE,), NIGHT)
    with database.read() as session:
        states = {n: str(getattr(session.get(tables.Outbox, n), "state", None)) for n in ("a", "b")}
    assert states[begun.id] == "claimed"
    assert sorted(states.values()) == ["cancelled", "claimed"]


def test_due_emergencies_are_leased_and_given_back(database: Database) -> None:
    with database.write() as session:
        session.emergencies.add(replace(summary.blank(1, "key", NIGHT), wake_at=NIGHT))
    with database.write() as session:
        ((number, fence),) = session.emergencies.claim_wakes(NIGHT, "a", LEASE, 10)
    with database.write() as session:
        assert session.emergencies.claim_wakes(NIGHT, "b", LEASE, 10) == []
        assert session.emergencies.next_wake() == NIGHT + LEASE
    with database.write() as session:
        session.emergencies.give_back(number, fence, done=False)
    with database.write() as session:
        assert len(session.emergencies.claim_wakes(NIGHT, "b", LEASE, 10)) == 1


def test_the_sids_that_other_rows_hold_are_known(database: Database) -> None:
    fill(database, 4)
    with database.write() as session:
        for n, (sid, bundle) in enumerate([("CA1", None), ("CA2", f"{1:032d}"), ("CA2", f"{1:032d}"), (None, None)]):
            row = session.get(tables.Outbox, f"{n:032d}")
            assert row is not None
            row.sid, row.bundle = sid, bundle
    with database.read() as session:
        assert session.outbox.known_sids(["CA1", "CA2", "CA9"], f"{1:032d}") == ["CA1"]
        assert set(session.outbox.known_sids(["CA1", "CA2"], f"{3:032d}")) == {"CA1", "CA2"}
        assert session.outbox.known_sids([], f"{3:032d}") == []


def test_a_call_that_is_being_placed_to_the_same_phone_is_seen(database: Database) -> None:
    fill(database, 2)
    with database.write() as session:
        for n in range(2):
            row = session.get(tables.Outbox, f"{n:032d}")
            assert row is not None
            row.kind, row.number, row.state = OutboxKind.BRIDGE, "+15145550111", OutboxState.CLAIMED
    with database.write() as session:
        assert session.outbox.is_calling("+15145550111", f"{0:032d}")
        assert not session.outbox.is_calling("+15145550112", f"{0:032d}")
        other = session.outbox.find(f"{1:032d}")
        assert other is not None
        session.outbox.rewrite([outbox.uncertain(other, NIGHT)])
        assert not session.outbox.is_calling("+15145550111", f"{0:032d}")
