"""The customer's side at its edges: lost reports, other numbers, silent owners, late words."""

from collections.abc import Callable
from typing import Any

import pytest

from callbacks.engine.intake import callers
from callbacks.store import customers, tokens
from callbacks.telephony.gateway import CarrierError
from sandbox.records import Call
from tests.night import DESK, SMS_ONLY, Night, seconds

FORWARD = f'[intake]\ndesk_number = "{DESK}"\n' + SMS_ONLY
RECORD = '[intake]\nno_message = "record"\n' + SMS_ONLY


def called(night: Night) -> Night:
    night.on_call("ana", "bob")
    night.customer.calls().presses("1").leaves_message()
    night.people["ana"].gets_sms("E-000001")
    return night


def call_of(night: Night) -> Call:
    """The customer's call that goes on."""
    assert night.customer.call
    return night.customer.call


def test_something_else_that_can_wait_is_its_own_emergency(night: Night) -> None:
    called(night)
    night.minutes_pass(2)
    night.customer.calls().presses("2").hears("You have reached").presses("2").hears(
        "Nobody will be woken"
    ).leaves_message()
    assert [e["priority"] for e in night.emergencies()] == ["P1", "P3"]


def test_a_desk_that_answered_but_was_never_joined_loses_no_message(make_night: Callable[..., Night]) -> None:
    night = make_night(policy=FORWARD)
    _ana, _ = night.on_call("ana", "bob")
    night.it_is("2026-11-24 10:00")
    night.customer.calls()
    night.desk.is_rung()
    assert night.desk.call
    sid = call_of(night).sid
    # the desk's leg answers (its status report arrives) but is never bridged: carrier says DialBridged=false
    post(
        night,
        "/twilio/voice/desk/leg",
        CallSid=night.desk.call.sid,
        ParentCallSid=sid,
        CallStatus="in-progress",
        From=night.customer.number,
        To=DESK,
        Direction="outbound-dial",
    )
    doc = post(
        night,
        "/twilio/voice/desk",
        CallSid=sid,
        CallStatus="in-progress",
        DialCallStatus="completed",
        DialBridged="false",
        From=night.customer.number,
        To="+15145550100",
        Direction="inbound",
    )
    assert "<Record" in doc or "Gather" in doc
    post(
        night,
        "/twilio/voice/message",
        CallSid=sid,
        CallStatus="in-progress",
        From=night.customer.number,
        To="+15145550100",
        Direction="inbound",
        RecordingSid="RE" + "a" * 32,
        RecordingDuration="12",
    )
    night.settle()
    assert len(night.emergencies()) == 1


def post(night: Night, path: str, **form: str) -> str:
    from twilio.request_validator import RequestValidator

    form["AccountSid"] = night.settings.account_sid
    url = night.address + path
    sig = RequestValidator(night.settings.webhook_tokens[0]).compute_signature(url, form)
    r = night.web.post(path, data=form, headers={"X-Twilio-Signature": sig})
    assert r.status_code == 200, (r.status_code, r.text)
    return r.text


def other_number(night: Night) -> None:
    night.on_call("ana", "bob")
    night.customer.calls().presses("1").speaks(seconds(9))
    night.customer.presses("#").presses(f"{night.other_customer.number[2:]}#")
    night.people["ana"].gets_sms("E-000001").gets_sms("left a number")


def test_who_keyed_another_number_is_known_when_calling_again(night: Night) -> None:
    other_number(night)
    night.minutes_pass(2)
    night.customer.calls().hears("Your emergency E 1")


def test_who_keyed_another_number_may_withdraw_from_either(night: Night) -> None:
    other_number(night)
    night.customer.gets_sms("we have your message", "WITHDRAW")
    night.customer.texts("withdraw").gets_sms("To close E-000001 reply WITHDRAW")
    night.customer.texts(night.customer.last_text.partition("reply ")[2])
    assert night.emergency()["state"] == "withdrawn"


def test_who_keyed_another_number_may_write_from_either(night: Night) -> None:
    other_number(night)
    night.customer.gets_sms("we have your message")
    night.customer.texts("please hurry")
    night.people["ana"].gets_sms("please hurry")


def test_a_silent_call_stays_outside_the_figures(make_night: Callable[..., Night]) -> None:
    night = make_night(policy=RECORD)
    night.on_call("ana", "bob")
    night.customer.calls()
    night.customer.hangs_up()
    night.minutes_pass(40)
    before = night.verdict()
    night.sue.texts("1")
    assert night.verdict()["outcome"] == before["outcome"], (before, night.verdict())


@pytest.mark.parametrize("word", ["6 called them, all fine", "p2", "4"])
def test_a_silent_call_stays_outside_the_figures_whatever_a_supervisor_texts(
    make_night: Callable[..., Night], word: str
) -> None:
    night = make_night(policy=RECORD)
    night.on_call("ana", "bob")
    night.customer.calls()
    night.customer.hangs_up()
    night.minutes_pass(40)
    before = night.verdict()
    night.sue.texts(word)
    assert night.verdict()["outcome"] == before["outcome"], (before, night.verdict())


def test_no_answers_the_question_that_was_asked_though_a_newer_emergency_is_open(night: Night) -> None:
    called(night)
    ana = night.people["ana"]
    ana.proves("4").gets_sms("you reached")
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.customer.calls().leaves_message()
    night.customer.texts("2")
    first = night.emergencies()[0]
    assert first["verdict"]["outcome"] == "pending", first["verdict"]


def test_an_answer_counts_from_the_question_not_from_the_call(night: Night) -> None:
    night.on_call("ana", "bob")
    night.it_is("2026-11-27 18:30")  # friday evening
    night.customer.calls().presses("1").presses("2").leaves_message()
    night.it_is("2026-11-30 09:00")
    night.sue.proves("4")
    night.sue.proves("6 fixed")
    assert any("did we reach you" in m.body for m in night.sent())
    night.customer.texts("2")
    assert night.verdict()["outcome"] != "met", night.verdict()


def test_a_second_no_takes_back_the_second_declaration(night: Night) -> None:
    called(night)
    ana = night.people["ana"]
    ana.proves("4").gets_sms("you reached")
    night.customer.texts("2")
    night.minutes_pass(3)
    ana.proves("4").gets_sms("you reached")
    night.minutes_pass(1)
    night.customer.texts("2")
    assert night.verdict()["outcome"] == "pending", night.verdict()


def test_a_blocked_callers_texts_wake_nobody(night: Night) -> None:
    night.on_call("ana", "bob")
    with night.database.write() as session:
        customers.block(session, night.customer.number, "sue", "threatens staff", "page", night.clock.now())
    night.customer.calls()
    night.settle()
    for n in range(3):
        night.customer.texts(f"abuse {n}")
    night.nobody_else_was_contacted()


def voice_only(night: Night) -> None:
    text = """
timezone = "America/Toronto"
[[technician]]
name = "ana"
full_name = "Ana Roy"
phone = "+15145550111"
sms = false
[[technician]]
name = "bob"
phone = "+15145550112"
[[supervisor]]
name = "sue"
phone = "+15145550199"
[[rotation]]
name = "primary"
members = ["ana"]
every = "1w"
starts = "2026-01-05T09:00"
[[rotation]]
name = "backup"
members = ["bob"]
every = "1w"
starts = "2026-01-05T09:00"
"""
    night.roster(text)


VOICE = SMS_ONLY.replace('by = ["sms"]', 'by = ["voice"]', 1)


def test_supervisors_hear_it_when_the_owner_takes_no_texts(make_night: Callable[..., Night]) -> None:
    night = make_night(policy=VOICE)
    voice_only(night)
    night.customer.calls().presses("1").leaves_message()
    ana = night.people["ana"].is_rung().answers()
    ana.presses("1")
    ana.hangs_up()
    assert night.emergency()["acknowledged_by"] == "ana"
    n = len(night.sent()) + len(night.placed())
    before = [m.body for m in night.sent()]
    night.minutes_pass(2)
    night.customer.calls().leaves_message()
    night.customer.texts("it is on fire")
    [(m.to_number, m.body) for m in night.sent()][len(before) :]
    assert len(night.sent()) + len(night.placed()) > n, "nobody was told"


def token(night: Night, role: str = "supervisor") -> str:
    with night.database.write() as session:
        return tokens.new_token(session, role, night.clock.now())


def api(night: Night, tok: str, path: str, key: str | None = None, **body: Any) -> Any:
    h = {"Authorization": f"Bearer {tok}"}
    if key:
        h["Idempotency-Key"] = key
    return night.web.post(f"/api/v1/emergencies/{path}", json=body, headers=h)


def test_supervisors_hear_it_when_a_program_is_the_owner(night: Night) -> None:
    called(night)
    t = token(night)
    assert api(night, t, "E-000001/acknowledgement").status_code == 200
    night.minutes_pass(2)
    night.customer.calls().leaves_message()
    night.customer.texts("it is on fire")
    assert [m for m in night.sent() if m.sid not in night.taken_up and m.to_number not in night.customers], (
        "nobody told"
    )


def test_a_refused_command_is_refused_again_under_its_key(night: Night) -> None:
    called(night)
    night.people["ana"].replies("1")
    t = token(night)
    a = api(night, t, "E-000001/acknowledgement", key="k1", by="bob")
    b = api(night, t, "E-000001/acknowledgement", key="k1", by="bob")
    assert (a.status_code, b.status_code) == (409, 409)


def test_a_late_reclassification_does_not_unmiss_a_resolution(night: Night) -> None:
    called(night)
    ana = night.people["ana"]
    ana.proves("4")
    night.minutes_pass(5 * 60)
    before = night.emergency()["resolution"]
    ana.replies("p3")
    after = night.emergency()["resolution"]
    assert (
        before["verdict" if "verdict" in before else "outcome"] == after["verdict" if "verdict" in after else "outcome"]
    )


def test_a_receipt_that_waited_does_not_leave_after_the_withdrawal(night: Night) -> None:
    _ana, _ = night.on_call("ana", "bob")
    night.customer.calls(caller_id="+15145553000").leaves_message(seconds(1))
    for n in range(1, 14):
        night.customer.calls(caller_id=f"+1514555{3000 + n}").leaves_message(seconds(1))
    got = {m.to_number for m in night.sent() if "we have your message" in m.body}
    unsent = [e for e in night.emergencies() if e["customer"]["number"] not in got]
    assert unsent
    e = unsent[-1]
    t = token(night)
    assert api(night, t, f"{e['ref']}/withdrawal", reason="test").status_code == 200
    night.minutes_pass(5)
    late = [m.body for m in night.sent() if m.to_number == e["customer"]["number"]]
    assert not late, late


def test_withdrawn_after_being_reached_is_no_missed_resolution(night: Night) -> None:
    called(night)
    night.people["ana"].proves("4")
    night.minutes_pass(60)
    night.customer.texts("withdraw")
    asked = [m.body for m in night.sent() if m.to_number == night.customer.number][-1]
    night.customer.texts(asked.partition("reply ")[2])
    night.minutes_pass(240)
    e = night.emergency()
    assert e["resolution"]["outcome"] in ("withdrawn", "met"), (e["state"], e["resolution"])


def test_silent_can_wait_is_not_told_30_minutes(night: Night) -> None:
    night.on_call("ana", "bob")
    night.customer.calls().presses("1").presses("2")
    assert call_of(night).waits == "record"
    night.passes(seconds(60))
    words = " ".join(i.get("text", "") for i in call_of(night).heard)
    assert "within 30 minutes" not in words.split("Nobody will be woken")[1]


def test_silent_second_call_is_not_told_30_minutes(night: Night) -> None:
    called(night)
    night.minutes_pass(25)
    night.customer.calls()
    night.passes(seconds(90))
    words = " ".join(i.get("text", "") for i in call_of(night).heard)
    assert "within 30 minutes" not in words


@pytest.mark.parametrize("key", ["1", "2"])
def test_a_menu_key_while_nothing_can_be_written(night: Night, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    night.on_call("ana", "bob")
    night.customer.calls()

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("database is locked")

    monkeypatch.setattr(callers, "chosen", broken)
    night.customer.presses(key)
    assert not call_of(night).is_over
    assert call_of(night).waits in ("record", "gather")


@pytest.mark.storage
def test_sweep_opens_though_legs_cannot_be_listed(
    make_night: Callable[..., Night], monkeypatch: pytest.MonkeyPatch
) -> None:
    night = make_night(policy=FORWARD)
    _ana, _ = night.on_call("ana", "bob")
    night.knobs(webhooks_down=True)
    night.customer.calls()
    night.minutes_pass(1)
    night.knobs(webhooks_down=False)

    def no(*_: object, **__: object) -> None:
        raise CarrierError("timeout", ambiguous=True)

    monkeypatch.setattr(type(night.context.gateway), "legs_of", no)
    night.sweeps()
    night.minutes_pass(2)
    night.sweeps()
    assert len(night.emergencies()) == 1


@pytest.mark.storage
def test_a_newer_silent_call_does_not_hide_the_open_emergency(make_night: Callable[..., Night]) -> None:
    night = make_night(policy=RECORD)
    called(night)
    night.minutes_pass(1)
    night.customer.calls().presses("2").hangs_up()
    night.minutes_pass(1)
    night.customer.calls().hears("Your emergency E 1")


def test_stop_counts_from_the_number_that_was_texted(night: Night) -> None:
    night.on_call("ana", "bob")
    night.customer.calls().skips_menus().speaks(seconds(9))
    night.customer.presses("#").presses(f"{night.other_customer.number[2:]}#")
    night.customer.gets_sms("we have your message")
    night.customer.texts("STOP")
    from callbacks.store import customers as c

    with night.database.read() as s:
        assert not c.takes_texts(s, night.customer.number)


def test_the_sweep_is_quiet_about_calls_that_joined(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    called(night)
    night.people["ana"].replies("1")
    night.customer.calls().leaves_message()
    night.minutes_pass(1)
    from callbacks.engine.reconcile import reconcile

    said = []
    monkeypatch.setattr(reconcile.log, "warning", lambda *a, **k: said.append((a, k)), raising=False)
    night.sweeps()
    night.sweeps()
    assert not said, said


def test_waiting_with_nothing_recorded_is_not_told_30_minutes(night: Night) -> None:
    night.on_call("ana", "bob")
    night.customer.calls().presses("1").presses("2")
    doc = post(
        night,
        "/twilio/voice/after?language=en&choice=wait",
        CallSid=call_of(night).sid,
        CallStatus="in-progress",
        From=night.customer.number,
        To="+15145550100",
        Direction="inbound",
    )
    assert night.emergency()["priority"] == "P3"
    assert "within 30 minutes" not in doc, doc


def test_joined_with_nothing_recorded_is_not_told_30_minutes(night: Night) -> None:
    called(night)
    night.minutes_pass(25)
    night.customer.calls()
    doc = post(
        night,
        "/twilio/voice/after?language=en",
        CallSid=call_of(night).sid,
        CallStatus="in-progress",
        From=night.customer.number,
        To="+15145550100",
        Direction="inbound",
    )
    assert "within 30 minutes" not in doc, doc


def test_a_text_about_what_waits_is_told_once_the_desk_knows_of_it(night: Night) -> None:
    night.on_call("ana", "bob")
    night.customer.calls().presses("1").presses("2").leaves_message()
    night.it_is("2026-11-24 09:00")
    night.sue.gets_sms("WAITING")
    night.customer.texts("it is much worse now, nobody gets mail")
    night.minutes_pass(1)
    assert [m for m in night.sent() if "worse" in m.body and m.to_number == "+15145550199"]
