"""Time passes: what the policy keeps no longer is gone to the last of it, here and at the carrier, and nobody waits."""

import threading
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import select

from callbacks.engine.intake.recordings import path_of
from callbacks.engine.jobs import erasure, verification
from callbacks.engine.reconcile.reconcile import NAME as SWEEP
from callbacks.engine.runtime import loop
from callbacks.engine.runtime.loop import Engine
from callbacks.policy.model import Retention
from callbacks.store.sql import tables
from tests.faults.desk import eventually
from tests.night import Customer, Night, minutes
from tests.stories.test_erasure import NUMBER, a_night_with_words, closed


def days_pass(night: Night, n: float) -> None:
    night.clock.turn(hours=24 * n)


def is_deleted(night: Night, sid: str) -> bool:
    return bool(night.network.calls.interpreter.recorder.all[sid].deleted)


@pytest.mark.storage
def test_time_erases_audio_first_then_words(night: Night) -> None:
    assert night.context.policy.retention == Retention()
    a_night_with_words(night)
    closed(night)
    sid = night.emergency()["recording_sid"]
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()
    days_pass(night, 89)
    erasure.apply_retention(night.context)
    assert path_of(night.context.data_dir, sid).exists()
    days_pass(night, 2)
    assert erasure.apply_retention(night.context) is not None
    assert erasure.apply_retention(night.context) is None, "once a day"
    assert not path_of(night.context.data_dir, sid).exists()
    assert "This recording is erased." in page(night, "E-000001")
    assert night.emergency()["customer"]["number"] == NUMBER
    days_pass(night, 280)
    done = erasure.apply_retention(night.context)
    assert done is not None and done.emergencies == ["E-000001"]
    assert night.emergency()["customer"]["number"] is None
    with night.database.read() as session:
        assert session.exec(select(tables.Private)).all() == []
        assert {row.form for row in session.exec(select(tables.Received))} == {"[]"}
        assert {(row.from_number, row.to_number) for row in session.exec(select(tables.Carrier))} == {("", "")}
        assert verification.verify(session) is None
    night.nobody_else_was_contacted()


def page(night: Night, ref: str) -> str:
    night.web.cookies.set("callbacks_session", night.logged_in("supervisor"))
    return night.web.get(f"/emergencies/{ref}").text


def test_an_open_emergency_is_never_touched_by_time(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").proves("4")
    ana.gets_sms("E-000001")
    night.passes(minutes(40))
    night.sue.gets_sms("UNCONFIRMED")
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()
    days_pass(night, 400)
    erasure.apply_retention(night.context)
    assert night.emergency()["customer"]["number"] == NUMBER
    night.nobody_else_was_contacted()


def two_closed(night: Night) -> list[str]:
    """Two emergencies, the second of them with a message that was left in a later call; the SIDs of all messages."""
    ana, _ = night.on_call("ana", "bob")
    for n, customer in enumerate((night.customer, night.other_customer), 1):
        ref = f"E-00000{n}"
        customer.calls().leaves_message(minutes(0.3))
        ana.gets_sms(ref).replies("1").gets_sms("is yours")
        if n == 2:
            calls_again(customer)
            ana.gets_sms("called again")
        ana.proves("4").gets_sms(ref).proves("6 done").gets_sms(ref)
        customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.minutes_pass(5)
    night.nobody_else_was_contacted()
    return list(night.network.calls.interpreter.recorder.all)


def calls_again(customer: Customer) -> None:
    customer.calls().leaves_message(minutes(0.3))


def test_all_that_is_old_goes_in_one_turn_and_is_not_asked_for_again(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I34, however many there are: 200 at a time were taken once, the same 200 every day."""
    monkeypatch.setattr(erasure, "BATCH", 1)
    messages = two_closed(night)
    assert len(messages) == 3
    days_pass(night, 91)
    done = erasure.apply_retention(night.context)
    assert done is not None and done.recordings == 3
    assert all(is_deleted(night, sid) for sid in messages)
    days_pass(night, 1)
    done = erasure.apply_retention(night.context)
    assert done is not None and (done.recordings, done.carrier_records) == (0, 0)
    days_pass(night, 280)
    done = erasure.apply_retention(night.context)
    assert done is not None and done.emergencies == ["E-000001", "E-000002"]
    with night.database.read() as session:
        assert {row.form for row in session.exec(select(tables.Received))} == {"[]"}
    night.nobody_else_was_contacted()


def test_what_the_carrier_keeps_is_asked_for_again_the_next_day(night: Night) -> None:
    messages = two_closed(night)
    days_pass(night, 91)
    night.knobs(rest={"refuse": {"status": 503, "code": 20503}})
    done = erasure.apply_retention(night.context)
    assert done is not None and sorted(done.kept_at_carrier) == sorted(messages)
    assert not any(path_of(night.context.data_dir, sid).exists() for sid in messages)
    night.knobs(rest={"refuse": None})
    days_pass(night, 1)
    done = erasure.apply_retention(night.context)
    assert done is not None and (done.kept_at_carrier, done.carrier_records) == ([], 3)
    assert all(is_deleted(night, sid) for sid in messages)
    night.nobody_else_was_contacted()


class Slow:
    """A carrier that takes its time over every deletion."""

    def __init__(self, carrier: Any) -> None:
        self._carrier, self.asked, self.done = carrier, threading.Event(), threading.Event()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._carrier, name)

    def delete_recording(self, sid: str) -> None:
        self.asked.set()
        self.done.wait(30)


@pytest.mark.storage
def test_the_sweep_goes_on_while_the_carrier_takes_its_time_to_delete(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F01: a lost call is found within half a minute, also at the hour when a day's recordings are deleted."""
    monkeypatch.setattr(loop, "SWEEP_SECONDS", 0.05)
    two_closed(night)
    days_pass(night, 91)
    slow = Slow(night.context.gateway)
    engine = Engine(replace(night.context, gateway=slow))
    engine.start()
    try:
        assert slow.asked.wait(30)
        night.clock.turn(seconds=30)
        eventually(lambda: swept_at(night) == night.clock.now())
    finally:
        slow.done.set()
        engine.stop()
    night.sue.gets_all("UNCONFIRMED")
    night.nobody_else_was_contacted()


def swept_at(night: Night) -> Any:
    with night.database.read() as session:
        return session.checks.sweep(SWEEP).ran_at
