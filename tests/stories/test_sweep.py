"""The carrier's own records: what no webhook told of is found there, whatever else fails meanwhile."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from callbacks.emergency.model import AddedMessage
from callbacks.engine.intake.summary import load
from callbacks.engine.reconcile import reconcile
from callbacks.engine.runtime.loop import Engine
from callbacks.store.sql import tables
from callbacks.store.sql.transaction import Transaction
from callbacks.telephony.gateway import CarrierCall, CarrierError, Gateway
from tests.night import SMS_ONLY, Night, minutes, seconds

MakeNight = Callable[..., Night]
EVERY = seconds(30)


def sweeps_for(night: Night, length: float) -> int:
    """The sweep of so many minutes, as the engine runs it; how many calls it found."""
    found = 0
    for _ in range(int(minutes(length) / EVERY)):
        night.passes(EVERY)
        found += night.sweeps()
    return found


def ended(night: Night, call_sid: str, number: str) -> dict[str, str]:
    """The carrier's report that an inbound call is over."""
    return {"CallSid": call_sid, "AccountSid": night.settings.account_sid, "From": number, "To": "+15145550100",
            "CallStatus": "completed", "CallDuration": "9", "Direction": "inbound"}  # fmt: skip


class Bent:
    """The carrier, with some of its answers otherwise."""

    def __init__(self, carrier: Gateway, answers: dict[str, Any]) -> None:
        self._carrier, self._answers = carrier, answers

    def __getattr__(self, name: str) -> Any:
        return self._answers.get(name) or getattr(self._carrier, name)


def the_carrier_answers(night: Night, **answers: Callable[..., Any]) -> None:
    gateway: Any = Bent(night.context.gateway, answers)
    night.context = replace(night.context, gateway=gateway)


def two_calls_are_lost(night: Night) -> None:
    night.customer.calls().skips_menus()
    night.other_customer.calls().skips_menus()
    night.knobs(webhooks_down=True)
    night.customer.leaves_message(seconds(5))
    night.other_customer.hangs_up()
    night.network.errors.clear()


@pytest.mark.parametrize("code", ["404", "503"])
def test_a_call_is_opened_though_its_recordings_cannot_be_listed(night: Night, code: str) -> None:
    ana, _ = night.on_call("ana", "bob")
    two_calls_are_lost(night)
    night.knobs(webhooks_down=False)
    asked: list[str] = []

    def down(sid: str) -> None:
        asked.append(sid)
        raise CarrierError(code, refused=code == "404", ambiguous=code == "503")

    sound = night.context
    the_carrier_answers(night, recordings_of=down)
    night.passes(EVERY)
    assert night.sweeps() == 2
    ana.gets_sms("2 emergencies")
    assert len(asked) == (2 if code == "404" else 1)
    night.context = sound
    assert sweeps_for(night, 2) == 0
    assert [e["message_seconds"] for e in night.emergencies()] == [5, 5]
    night.nobody_else_was_contacted()


def test_one_call_that_cannot_be_opened_keeps_no_other_waiting(night: Night) -> None:
    """F56, I29."""
    ana, _ = night.on_call("ana", "bob")
    two_calls_are_lost(night)
    night.knobs(webhooks_down=False)
    sound = night.context
    bad = night.customer.call

    def faulty(since: datetime) -> list[CarrierCall]:
        calls = sound.gateway.inbound_calls(since)
        nothing: Any = None
        return [replace(c, from_number=nothing) if bad and c.sid == bad.sid else c for c in calls]

    the_carrier_answers(night, inbound_calls=faulty)
    assert sweeps_for(night, 24) == 1
    night.taken_up.update(m.sid for m in night.sent())
    night.context = sound
    assert night.sweeps() == 1
    ana.gets_sms("message of 0:05")
    night.sue.gets_sms("AT RISK")
    night.nobody_else_was_contacted()


@pytest.mark.parametrize("long", [1, 19, 25])
def test_a_lost_call_of_any_length_is_found(make_night: MakeNight, long: int) -> None:
    """F17."""
    policy = '[promise]\ncallback_within = "90m"\n[intake]\nmax_message = "30m"\n'
    night = make_night(policy=policy + SMS_ONLY)
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls()
    night.knobs(webhooks_down=True)
    for _ in range(2 * long):
        night.clock.turn(seconds=30)
        assert reconcile.sweep(night.context) == 0
    night.customer.leaves_message(seconds(10))
    assert night.sweeps() == 0
    assert sweeps_for(night, 2) == 1
    ana.gets_sms("514-555-0142")
    night.network.errors.clear()
    night.nobody_else_was_contacted()


def test_the_audio_of_what_was_resolved_at_once_is_kept_too(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.knobs(callbacks={"drop": 1})
    night.customer_leaves_message()
    ana.gets_sms("E-000001").proves("4").gets_sms("you reached")
    ana.proves("6 restarted the service").gets_sms("resolved")
    sweeps_for(night, 3)
    assert "RecordingStored" in night.facts()
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()


def test_a_later_call_is_asked_for_its_recording_until_that_is_kept(night: Night) -> None:
    """Not once more: in a storm hundreds call again, and each would be asked for in every sweep of ninety minutes."""
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("1").gets_sms("is yours")
    night.knobs(callbacks={"drop": 1})
    night.customer_leaves_message(seconds(12))
    ana.gets_sms("called again")
    asked: list[str] = []
    carrier = night.context.gateway

    def recordings_of(call_sid: str) -> Any:
        asked.append(call_sid)
        return carrier.recordings_of(call_sid)

    the_carrier_answers(night, recordings_of=recordings_of)
    with night.database.read() as session:
        assert [m.state for m in added(session)] == ["left"]
    sweeps_for(night, 5)
    with night.database.read() as session:
        assert [(m.state, m.seconds) for m in added(session)] == [("stored", 12)]
    assert len(asked) == 1
    night.nobody_else_was_contacted()


def added(session: Transaction) -> list[AddedMessage]:
    e = load(session, 1)
    assert e is not None
    return list(e.added.values())


def test_a_report_and_the_sweep_at_the_same_instant_open_one_emergency(night: Night) -> None:
    """F05, I4: both want to open it; the call's SID is unique."""
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls().skips_menus()
    night.knobs(webhooks_down=True)
    night.customer.leaves_message(seconds(5))
    night.knobs(webhooks_down=False)
    night.network.errors.clear()
    call = next(iter(night.network.calls.all))
    form = ended(night, call, night.customer.number)
    together, answers = threading.Barrier(3), list[int]()

    def report() -> None:
        together.wait(30)
        answers.append(night.webhook("/twilio/voice/ended", form).status_code)

    def sweep() -> None:
        together.wait(30)
        reconcile.sweep(night.context)

    threads = [threading.Thread(target=work) for work in (report, report, sweep)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    night.settle()
    assert answers == [200, 200]
    assert len(night.emergencies()) == 1
    ana.gets_sms("E-000001")
    night.nobody_else_was_contacted()


def test_a_found_call_that_joined_an_emergency_stays_with_it_when_that_is_over(night: Night) -> None:
    """No webhook told of the second call: it is found again and again for ninety minutes, and pages nobody anew."""
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("1").gets_sms("is yours")
    night.knobs(webhooks_down=True)
    night.customer.calls()
    night.knobs(webhooks_down=False)
    night.network.errors.clear()
    assert sweeps_for(night, 1) == 0
    ana.gets_sms("called again").proves("4").gets_sms("you reached")
    assert sweeps_for(night, 2) == 0
    assert len(night.emergencies()) == 1
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()


def silent_calls(night: Night, count: int) -> None:
    for n in range(count):
        night.customer.calls(caller_id=f"+1514555{3000 + n}").skips_menus().hangs_up()


def a_message_of_which_only_the_end_is_told(night: Night) -> None:
    """The action and the recording's own report are lost."""
    night.other_customer.calls().skips_menus()
    night.knobs(webhooks_down=True)
    night.other_customer.leaves_message(seconds(5))
    night.knobs(webhooks_down=False)
    night.network.errors.clear()
    call = night.other_customer.call
    assert call is not None
    assert night.webhook("/twilio/voice/ended", ended(night, call.sid, night.other_customer.number)).status_code == 200
    night.settle()


def test_a_message_behind_many_silent_calls_is_asked_for(make_night: MakeNight) -> None:
    """Under `record` a call without a word wakes nobody: its message, should it have one, must be found, however many
    later calls have none."""
    night = make_night(policy='[intake]\nno_message = "record"\n' + SMS_ONLY)
    ana, _ = night.on_call("ana", "bob")
    a_message_of_which_only_the_end_is_told(night)
    silent_calls(night, 25)
    night.nobody_else_was_contacted()
    sweeps_for(night, 3)
    ana.gets_sms("message of 0:05")
    night.nobody_else_was_contacted()


def test_a_message_is_asked_for_also_when_the_carrier_could_not_be_asked_for_hours(make_night: MakeNight) -> None:
    """F18: the same, through an outage of the carrier's lists, or of ourselves."""
    night = make_night(policy='[intake]\nno_message = "record"\n' + SMS_ONLY)
    ana, _ = night.on_call("ana", "bob")
    a_message_of_which_only_the_end_is_told(night)
    night.minutes_pass(3 * 60)
    sweeps_for(night, 1)
    ana.gets_sms("message of 0:05")
    night.sue.gets_sms("MISSED")
    night.other_customer.gets_sms("we saw your message").gets_sms("we promised to call you")
    night.nobody_else_was_contacted()


def test_audio_that_was_deleted_before_we_had_it_is_said_to_be_gone(night: Night) -> None:
    """F19: the page left without it, and the emergency stays."""
    ana, bob = night.on_call("ana", "bob")

    def deleted(sid: str, limit: int) -> bytes:
        raise CarrierError("audio answered 410", refused=True)

    the_carrier_answers(night, fetch_audio=deleted)
    night.engine = Engine(night.context)
    night.customer_leaves_message()
    ana.gets_sms("E-000001", "message of 0:20")
    assert night.facts().count("RecordingUnavailable") == 1
    night.minutes_pass(4)
    bob.gets_sms("E-000001").replies("1").gets_sms("is yours")
    assert night.facts().count("RecordingUnavailable") == 1
    assert night.web.get("/emergencies/E-000001").status_code == 200
    night.nobody_else_was_contacted()


def the_message_is_told_by_its_recording_alone(night: Night) -> str:
    """The database was away when the call came; then the action is lost. The recording's report says not who called.
    The call's SID."""
    night.customer.calls().skips_menus()
    call = night.customer.call
    assert call is not None
    with night.database.write() as session:
        session.delete(session.get_one(tables.Carrier, call.sid))
    night.knobs(webhooks_down=True)
    night.customer.leaves_message(seconds(5))
    night.knobs(webhooks_down=False)
    night.network.errors.clear()
    sid, status, length = night.context.gateway.recordings_of(call.sid)[0]
    form = {"CallSid": call.sid, "AccountSid": night.settings.account_sid, "RecordingSid": sid,
            "RecordingStatus": status, "RecordingDuration": str(length), "ErrorCode": "0"}  # fmt: skip
    assert night.webhook("/twilio/voice/recording", form).status_code == 200
    return call.sid


def test_who_called_is_asked_of_the_carrier_when_no_report_said_it(night: Night) -> None:
    """A number that nobody told us was taken for one that was withheld: there was no calling back."""
    ana, _ = night.on_call("ana", "bob")
    the_message_is_told_by_its_recording_alone(night)
    night.settle()
    assert night.emergency()["customer"]["number"] == night.customer.number
    ana.gets_sms("E-000001").is_called_back_by("3").presses("1")
    night.customer.answers(and_talks_for=seconds(60))
    ana.presses("1").gets_sms("your phone is ringing")
    assert night.facts().count("CallerIdentified") == 1
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_who_called_is_learnt_from_a_later_report_while_the_carrier_cannot_be_asked(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    call_sid = the_message_is_told_by_its_recording_alone(night)
    the_carrier_answers(night, fetch_call=lambda sid: unanswered())
    night.engine = Engine(night.context)
    night.settle()
    ana.gets_sms("number not known yet").replies("1").gets_sms("is yours")
    assert night.webhook("/twilio/voice/ended", ended(night, call_sid, night.customer.number)).status_code == 200
    night.settle()
    assert night.emergency()["customer"]["number"] == night.customer.number
    night.nobody_else_was_contacted()


def unanswered() -> CarrierCall:
    raise CarrierError("timeout", ambiguous=True)


@pytest.mark.storage
def test_a_caller_whom_the_carrier_does_not_know_is_not_asked_for_for_ever(night: Night) -> None:
    """Once every half minute, with no end: after a day it is given up. Who it was stays unknown, and is paged."""
    ana, _ = night.on_call("ana", "bob")
    recording = {"RecordingSid": "RE" + "9" * 32, "RecordingDuration": "9", "CallStatus": "completed"}
    form = {"CallSid": "CA" + "9" * 32, "AccountSid": night.settings.account_sid} | recording
    assert night.webhook("/twilio/voice/message", form).status_code == 200
    night.settle()
    ana.gets_sms("E-000001").replies("1").gets_sms("is yours")
    night.passes(seconds(40))
    assert look_up(night).state == "queued"
    with night.database.write() as session:
        row = session.get(tables.Outbox, look_up(night).id)
        assert row is not None
        row.created_at -= timedelta(days=1)
    night.passes(seconds(40))
    assert (look_up(night).state, look_up(night).error) == ("failed", "not-found 20404")
    night.nobody_else_was_contacted()


def look_up(night: Night) -> tables.Outbox:
    with night.database.read() as session:
        return session.exec(select(tables.Outbox).where(tables.Outbox.kind == "look-up")).one()
