"""What the carrier reported of calls and texts, and its webhooks as they came."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from callbacks.delivery.code_guessing import Mark
from callbacks.delivery.delivery_policy import CallerChoice, Direction, Source
from callbacks.store.errors import Conflict
from callbacks.store.interface import Store
from callbacks.store.rows import CarrierRow
from tests.clock import NIGHT

LATER = NIGHT + timedelta(minutes=1)
QUEUED = CarrierRow(
    sid="CA1",
    kind="call",
    direction=Direction.OUTBOUND,
    from_number="",
    to_number="+15145550142",
    status="queued",
    first_seen_at=NIGHT,
    updated_at=NIGHT,
)


def test_what_is_known_of_a_call_is_changed_by_field(store: Store) -> None:
    with store.write() as session:
        session.carrier.note(QUEUED)
        assert session.carrier.seen("CA1") == QUEUED
        assert (session.carrier.seen(None), session.carrier.seen("CA2")) == (None, None)
    with store.write() as session:
        ringing = replace(QUEUED, status="ringing", rank=2, updated_at=LATER)
        session.carrier.change(QUEUED, ringing)
        session.carrier.change(QUEUED, replace(QUEUED, choice=CallerChoice.WAIT, emergency_id=7))
        now = replace(ringing, choice=CallerChoice.WAIT, emergency_id=7)
        assert session.carrier.seen("CA1") == now
        session.carrier.note_sent(QUEUED)
        session.carrier.note_sent(replace(QUEUED, sid="SM2"))
    with store.read() as session:
        assert (session.carrier.seen("CA1"), session.carrier.known(["CA1", "SM2", "SM3"])) == (now, {"CA1", "SM2"})
    with pytest.raises(Conflict), store.write() as session:
        session.carrier.note(QUEUED)


def test_a_webhook_is_new_once(store: Store) -> None:
    link = "/t/" + "x" * 22
    with store.write() as session:
        assert session.received.is_new(Source.SMS, "SM1", [("Body", f"1 \x00 \ud800 {link}")], NIGHT)
        assert not session.received.is_new(Source.SMS, "SM1", [], LATER)
        assert session.received.is_new(Source.ENDED, "SM1", [], NIGHT)
        assert session.received.is_new(Source.SMS, "x" * 300, [], NIGHT)
    with store.write() as session:
        assert not session.received.is_new(Source.SMS, "SM1", [], LATER)
        assert not session.received.is_new(Source.SMS, "x" * 300, [], NIGHT)
        session.received.is_about(Source.SMS, "SM1", 7)
        session.received.is_about(Source.SMS, "SM9", 7)
    with store.read() as session:
        known = [session.received.is_known(Source.ENDED, sid) for sid in ("SM1", "SM2")]
        assert (known, session.received.texts_known(["SM1", "SM2"])) == ([True, False], {"SM1"})


def test_of_two_at_once_one_is_new(store: Store) -> None:
    ready, outcomes = threading.Barrier(2), list[bool]()

    def take() -> None:
        ready.wait()
        try:
            with store.write() as session:
                is_new = session.received.is_new(Source.SMS, "SM1", [], NIGHT)
            outcomes.append(is_new)
        except Conflict:
            outcomes.append(False)

    threads = [threading.Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False, True]


def test_one_that_is_rolled_back_was_never_kept(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.write() as session:
        assert session.received.is_new(Source.SMS, "SM1", [], NIGHT)
        _ = 1 // 0
    with store.write() as session:
        assert session.received.is_new(Source.SMS, "SM1", [], NIGHT)


def test_texts_that_may_have_tried_something_are_found_again(store: Store) -> None:
    with store.write() as session:
        for n, at in enumerate((LATER, NIGHT, NIGHT + timedelta(seconds=1)), 1):
            session.received.is_new(Source.SMS, f"SM{n}", [], at)
        session.received.mark("SM1", Mark.WRONG_CODE, "ana")
        session.received.mark("SM2", Mark.WRONG_CODE, "bob")
        session.received.mark("SM3", Mark.ODD_WORD, "ana")
        wrong = session.received.marked_since(Mark.WRONG_CODE, NIGHT - timedelta(seconds=1))
        assert (list(wrong), list(session.received.marked_since(Mark.WRONG_CODE, NIGHT))) == ([NIGHT, LATER], [LATER])
        assert list(session.received.marked_since(Mark.WRONG_CODE, NIGHT - timedelta(1), "ana")) == [LATER]
