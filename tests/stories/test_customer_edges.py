"""The customer's side at its edges: lost reports, other numbers, silent owners, late words."""

from collections.abc import Callable

import pytest
import structlog

from callbacks.engine.intake import callers
from callbacks.store.sql import customers
from callbacks.telephony.gateway import CarrierError
from sandbox.records import Call
from tests.night import DESK, PENDING, PEOPLE, ROSTER, SMS_ONLY, SUPPORT, Night, Person, seconds

FORWARD = f'[intake]\ndesk_number = "{DESK}"\n' + SMS_ONLY
RECORD = '[intake]\nno_message = "record"\n' + SMS_ONLY
VOICE = SMS_ONLY.replace('by = ["sms"]', 'by = ["voice"]', 1)
WITHIN = "within 30 minutes"


@pytest.fixture
def ana(night: Night) -> Person:
    """Paged about the only emergency."""
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls().presses("1").leaves_message()
    return ana.gets_sms("E-000001")


@pytest.fixture
def keyed_in(night: Night) -> Night:
    """A caller left another number than the one they called from."""
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls().presses("1").speaks(seconds(9))
    night.customer.presses("#").presses(f"{night.other_customer.number[2:]}#")
    ana.gets_sms("E-000001").gets_sms("left a number")
    return night


def call_of(night: Night) -> Call:
    """The customer's call that goes on."""
    assert night.customer.call
    return night.customer.call


def reports(night: Night, path: str, **form: str) -> str:
    """A webhook about the customer's call, whatever the network says; the answer."""
    of_call = {"CallSid": call_of(night).sid, "CallStatus": "in-progress", "From": night.customer.number}
    to = {"To": SUPPORT, "Direction": "inbound", "AccountSid": night.settings.account_sid}
    answer = night.webhook(f"/twilio/voice/{path}", {**of_call, **to, **form})
    assert answer.status_code == 200, answer.text
    return answer.text


def heard(night: Night) -> str:
    return " ".join(item.get("text", "") for item in call_of(night).heard)


def test_something_else_that_can_wait_is_its_own_emergency(night: Night, ana: Person) -> None:
    night.minutes_pass(2)
    night.customer.calls().presses("2").hears("You have reached").presses("2").hears("Nobody will be woken")
    night.customer.leaves_message()
    assert [e["priority"] for e in night.emergencies()] == ["P1", "P3"]
    night.nobody_else_was_contacted()


def test_a_desk_that_answered_but_was_never_joined_loses_no_message(make_night: Callable[..., Night]) -> None:
    night = make_night(policy=FORWARD)
    ana, _ = night.on_call("ana", "bob")
    night.it_is("2026-11-24 10:00")
    night.customer.calls()
    desk = night.desk.is_rung().call
    assert desk
    parent = {"ParentCallSid": call_of(night).sid, "To": DESK, "Direction": "outbound-dial"}
    reports(night, "desk/leg", CallSid=desk.sid, **parent)
    answer = reports(night, "desk", DialCallStatus="completed", DialBridged="false")
    assert "You have reached" in answer
    reports(night, "message", RecordingSid="RE" + "a" * 32, RecordingDuration="12")
    night.settle()
    assert len(night.emergencies()) == 1
    ana.gets_sms("P1 E-000001")
    night.nobody_else_was_contacted()


def test_who_keyed_another_number_is_known_when_calling_again(keyed_in: Night) -> None:
    keyed_in.minutes_pass(2)
    keyed_in.customer.calls().hears("Your emergency E 1")
    keyed_in.nobody_else_was_contacted()


def test_who_keyed_another_number_may_withdraw_from_either(keyed_in: Night) -> None:
    keyed_in.customer.gets_sms("we have your message", "WITHDRAW")
    keyed_in.customer.texts("withdraw").gets_sms("To close E-000001 reply WITHDRAW")
    keyed_in.customer.texts(keyed_in.customer.last_text.partition("reply ")[2])
    assert keyed_in.emergency()["state"] == "withdrawn"
    keyed_in.people["ana"].gets_sms("the customer withdrew it")
    keyed_in.nobody_else_was_contacted()


def test_who_keyed_another_number_may_write_from_either(keyed_in: Night) -> None:
    keyed_in.customer.texts("please hurry")
    keyed_in.people["ana"].gets_sms("please hurry")
    keyed_in.nobody_else_was_contacted()


def test_stop_counts_from_the_number_that_was_texted(keyed_in: Night) -> None:
    keyed_in.customer.gets_sms("we have your message")
    keyed_in.customer.texts("STOP")
    with keyed_in.database.read() as session:
        assert not session.customers.takes_texts(keyed_in.customer.number)
    keyed_in.nobody_else_was_contacted()


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("1", "None of yours is waiting"),
        ("6 called them, all fine", "not recorded"),
        ("p2", "is now P2"),
        ("4", "not recorded"),
    ],
)
def test_a_silent_call_stays_outside_the_figures(make_night: Callable[..., Night], word: str, answer: str) -> None:
    night = make_night(policy=RECORD)
    night.on_call("ana", "bob")
    night.customer.calls().hangs_up()
    night.minutes_pass(40)
    before = night.verdict()
    night.sue.texts(word).gets_sms(answer)
    assert night.verdict()["outcome"] == before["outcome"]
    night.nobody_else_was_contacted()


def test_no_answers_the_question_that_was_asked_though_a_newer_emergency_is_open(night: Night, ana: Person) -> None:
    ana.proves("4").gets_sms("you reached")
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.customer.calls().leaves_message()
    night.customer.texts("2")
    assert night.emergencies()[0]["verdict"]["outcome"] == "pending"
    ana.gets_sms("P1 E-000002")
    night.sue.gets_sms("CONTESTED")
    night.nobody_else_was_contacted()


def test_an_answer_counts_from_the_question_not_from_the_call(night: Night) -> None:
    night.on_call("ana", "bob")
    night.it_is("2026-11-27 18:30")  # friday evening
    night.customer.calls().presses("1").presses("2").leaves_message()
    night.it_is("2026-11-30 09:00")
    night.sue.gets_sms("WAITING E-").proves("4").gets_sms("you reached the customer")
    night.sue.proves("6 fixed").gets_sms("is resolved")
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?").texts("2")
    assert night.verdict()["outcome"] != "met"
    night.sue.gets_sms("CONTESTED")
    night.nobody_else_was_contacted()


def test_a_second_no_takes_back_the_second_declaration(night: Night, ana: Person) -> None:
    ana.proves("4").gets_sms("you reached")
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?").texts("2")
    night.sue.gets_sms("CONTESTED")
    night.minutes_pass(3)
    ana.proves("4").gets_sms("you reached")
    night.minutes_pass(1)
    night.customer.texts("2")
    assert night.verdict() == PENDING
    night.nobody_else_was_contacted()


def test_a_blocked_callers_texts_wake_nobody(night: Night) -> None:
    night.on_call("ana", "bob")
    with night.database.write() as session:
        customers.block(session, night.customer.number, "sue", "threatens staff", "page", night.clock.now())
    night.customer.calls()
    for n in range(3):
        night.customer.texts(f"abuse {n}")
    night.nobody_else_was_contacted()


def test_supervisors_hear_it_when_the_owner_takes_no_texts(make_night: Callable[..., Night]) -> None:
    night = make_night(policy=VOICE)
    (full, number), (_, other) = PEOPLE["ana"], PEOPLE["bob"]
    technicians = (
        f'[[technician]]\nname = "ana"\nfull_name = "{full}"\nphone = "{number}"\nsms = false\n'
        f'[[technician]]\nname = "bob"\nphone = "{other}"\n'
    )
    every_week = 'members = ["{}"]\nevery = "1w"\nstarts = "2026-01-05T09:00"\n'
    rotations = '[[rotation]]\nname = "primary"\n' + every_week.format("ana")
    night.roster(ROSTER.format(technicians=technicians, rotations=rotations))
    night.customer.calls().presses("1").leaves_message()
    night.people["ana"].is_rung().answers().presses("1").hangs_up()
    assert night.emergency()["acknowledged_by"] == "ana"
    night.minutes_pass(2)
    night.customer.calls().leaves_message()
    night.customer.texts("it is on fire")
    night.sue.gets_sms("called again").gets_sms("it is on fire")
    night.nobody_else_was_contacted()


def test_supervisors_hear_it_when_a_program_is_the_owner(night: Night, ana: Person) -> None:
    assert night.api("E-000001/acknowledgement").status_code == 200
    night.minutes_pass(2)
    night.customer.calls().leaves_message()
    night.customer.texts("it is on fire")
    night.sue.gets_sms("called again").gets_sms("it is on fire")
    night.nobody_else_was_contacted()


def test_a_refused_command_is_refused_again_under_its_key(night: Night, ana: Person) -> None:
    ana.replies("1").gets_sms("is yours")
    for _ in range(2):
        assert night.api("E-000001/acknowledgement", key="k1", by="bob").status_code == 409
    night.nobody_else_was_contacted()


def test_a_late_reclassification_does_not_unmiss_a_resolution(night: Night, ana: Person) -> None:
    ana.proves("4").gets_sms("you reached the customer")
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.minutes_pass(5 * 60)
    before = night.emergency()["resolution"]
    ana.replies("p3").gets_sms("is now P3")
    assert night.emergency()["resolution"]["outcome"] == before["outcome"]
    night.sue.gets_sms("UNCONFIRMED")
    night.nobody_else_was_contacted()


def test_a_receipt_that_waited_does_not_leave_after_the_withdrawal(night: Night) -> None:
    ana, bob = night.on_call("ana", "bob")
    for n in range(14):
        night.customer.calls(caller_id=f"+1514555{3000 + n}").leaves_message(seconds(1))
    told = {m.to_number for m in night.sent() if "we have your message" in m.body}
    last = [e for e in night.emergencies() if e["customer"]["number"] not in told][-1]
    assert night.api(f"{last['ref']}/withdrawal", reason="test").status_code == 200
    night.minutes_pass(5)
    assert not [m.body for m in night.sent() if m.to_number == last["customer"]["number"]]
    for person in (ana, bob):
        person.gets_sms("P1 E-000001").gets_sms("P1 E-000002").gets_sms("emergencies, call back by")
    night.nobody_else_was_contacted()


def test_withdrawn_after_being_reached_is_no_missed_resolution(night: Night, ana: Person) -> None:
    ana.proves("4").gets_sms("you reached the customer")
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.minutes_pass(60)
    night.customer.texts("withdraw").gets_sms("To close")
    night.customer.texts(night.customer.last_text.partition("reply ")[2]).gets_sms("is withdrawn")
    night.minutes_pass(240)
    assert night.emergency()["resolution"]["outcome"] == "withdrawn"
    ana.gets_sms("the customer withdrew it")
    night.sue.gets_sms("UNCONFIRMED")
    night.nobody_else_was_contacted()


def test_silent_can_wait_is_not_told_30_minutes(night: Night) -> None:
    night.on_call("ana", "bob")
    night.customer.calls().presses("1").presses("2")
    assert call_of(night).waits == "record"
    night.passes(seconds(60))
    assert WITHIN not in heard(night).split("Nobody will be woken")[1]
    night.nobody_else_was_contacted()


def test_silent_second_call_is_not_told_30_minutes(night: Night, ana: Person) -> None:
    night.minutes_pass(25)
    night.customer.calls()
    night.passes(seconds(90))
    assert WITHIN not in heard(night)
    everybody_is_paged(night, ana)
    night.nobody_else_was_contacted()


def test_joined_with_nothing_recorded_is_not_told_30_minutes(night: Night, ana: Person) -> None:
    night.minutes_pass(25)
    night.customer.calls()
    assert WITHIN not in reports(night, "after?language=en")
    everybody_is_paged(night, ana)
    night.nobody_else_was_contacted()


def everybody_is_paged(night: Night, ana: Person) -> None:
    for person in (ana, night.people["bob"]):
        person.gets_all("P1 E-000001")
    night.sue.gets_all("P1 E-000001", "AT RISK")


def test_waiting_with_nothing_recorded_is_not_told_30_minutes(night: Night) -> None:
    night.on_call("ana", "bob")
    night.customer.calls().presses("1").presses("2")
    answer = reports(night, "after?language=en&choice=wait")
    assert night.emergency()["priority"] == "P3"
    assert WITHIN not in answer
    night.nobody_else_was_contacted()


@pytest.mark.parametrize(("key", "waits"), [("1", "gather"), ("2", "gather")])
def test_a_menu_key_while_nothing_can_be_written(
    night: Night, monkeypatch: pytest.MonkeyPatch, key: str, waits: str
) -> None:
    night.on_call("ana", "bob")
    night.customer.calls()

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("database is locked")

    monkeypatch.setattr(callers, "chosen", broken)
    night.customer.presses(key)
    assert (call_of(night).is_over, call_of(night).waits) == (False, waits)
    night.nobody_else_was_contacted()


def test_sweep_opens_though_legs_cannot_be_listed(
    make_night: Callable[..., Night], monkeypatch: pytest.MonkeyPatch
) -> None:
    night = make_night(policy=FORWARD)
    ana, _ = night.on_call("ana", "bob")
    night.knobs(webhooks_down=True)
    night.customer.calls()
    night.minutes_pass(1)
    night.knobs(webhooks_down=False)
    night.network.errors.clear()

    def no(*_: object) -> None:
        raise CarrierError("timeout", ambiguous=True)

    monkeypatch.setattr(night.context.gateway, "legs_of", no)
    night.sweeps()
    night.minutes_pass(2)
    night.sweeps()
    assert len(night.emergencies()) == 1
    ana.gets_sms("P1 E-000001")
    night.nobody_else_was_contacted()


def test_a_newer_silent_call_does_not_hide_the_open_emergency(make_night: Callable[..., Night]) -> None:
    night = make_night(policy=RECORD)
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls().presses("1").leaves_message()
    ana.gets_sms("E-000001")
    night.minutes_pass(1)
    night.customer.calls().presses("2").hangs_up()
    night.minutes_pass(1)
    night.customer.calls().hears("Your emergency E 1")
    night.nobody_else_was_contacted()


def test_the_sweep_is_quiet_about_calls_that_joined(night: Night, ana: Person) -> None:
    ana.replies("1").gets_sms("is yours")
    night.customer.calls().leaves_message()
    ana.gets_sms("called again")
    night.minutes_pass(1)
    with structlog.testing.capture_logs() as told:
        night.sweeps()
        night.sweeps()
    assert [line for line in told if line["log_level"] == "warning"] == []
    night.nobody_else_was_contacted()


def test_a_text_about_what_waits_is_told_once_the_desk_knows_of_it(night: Night) -> None:
    night.on_call("ana", "bob")
    night.customer.calls().presses("1").presses("2").leaves_message()
    night.it_is("2026-11-24 09:00")
    night.sue.gets_sms("WAITING")
    night.customer.texts("it is much worse now, nobody gets mail")
    night.sue.gets_sms("it is much worse")
    night.nobody_else_was_contacted()
