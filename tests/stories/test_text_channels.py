"""A phone that takes no texts: learnt from every sign of it, told, shown, and its pages go on by voice."""

import pytest
from sqlmodel import select

from callbacks.delivery.delivery_policy import NO_TEXTS
from callbacks.engine.intake.texts import UNREACHABLE
from callbacks.store.sql import tables
from tests.night import SUPPORT, Night


def dead_why(night: Night, name: str) -> str | None:
    with night.database.read() as session:
        row = session.get(tables.Person, name)
        return row.sms_dead_why if row else None


def texts_to(night: Night, number: str, **fate: object) -> None:
    """What the carrier reports of every text to that number from now on."""
    night.knobs(numbers={number: {"sms": fate}})


def inbound(night: Night, n: int, number: str, body: str, **more: str) -> None:
    form = {"MessageSid": f"SM{n:032x}", "AccountSid": night.settings.account_sid, "From": number, "To": SUPPORT}
    assert night.webhook("/twilio/sms", {**form, "Body": body, **more}).status_code == 200
    night.settle()


def test_stop_with_a_page_unanswered_rings_at_once_on_every_emergency(night: Night) -> None:
    """F39: not when the step is due; the same person, within the same second."""
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("1").gets_sms("is yours")
    for _n in range(2):
        night.minutes_pass(1)
        night.other_customer.calls("").leaves_message()
        ana.gets_sms("number withheld")
    at = night.clock.now()
    ana.texts("STOP")
    assert (night.clock.now() - at).total_seconds() < 2
    ana.is_rung().answers().hears("more emergency is waiting").presses("1").hears("It is yours").hangs_up()
    night.sue.gets_sms("Ana Roy has opted out of our texts", "by voice")
    facts = [night.get(f"/api/v1/emergencies/E-00000{n}/ledger")["items"] for n in (1, 2, 3)]
    voice = [[f["facts"]["page"] for f in items if f["kind"] == "PageRequested"] for items in facts]
    assert voice == [["0.0.ana.sms"], ["0.0.ana.sms", "0.0.ana.voice"], ["0.0.ana.sms", "0.0.ana.voice"]]
    night.minutes_pass(4)
    bob.gets_sms("E-00000")
    night.taken_up |= {m.sid for m in night.sent() if m.to_number == bob.number}
    night.taken_up |= {c.sid for c in night.placed()}
    night.nobody_else_was_contacted()


def test_who_stops_texts_and_does_not_answer_the_call_is_passed_over_at_once(night: Night) -> None:
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").texts("STOP").is_rung().rejects()
    bob.gets_sms("E-000001")
    night.sue.gets_sms("Ana Roy has opted out of our texts")
    night.nobody_else_was_contacted()


def test_who_takes_no_calls_either_is_passed_over_and_supervisors_are_told_so(night: Night) -> None:
    ana, bob = night.on_call("ana", "bob")
    night.roster(night.roster_text.replace('name = "ana"', 'name = "ana"\nvoice = false'))
    night.customer_leaves_message()
    ana.gets_sms("E-000001").texts("STOP")
    bob.gets_sms("E-000001")
    night.sue.gets_sms("does not take calls", "no page reaches them", "Put somebody else on call")
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_stop_and_start_in_turn_are_told_once_an_hour_and_the_last_one_holds(night: Night) -> None:
    """Both can be forged: neither floods supervisors, and neither loses its effect."""
    ana, _ = night.on_call("ana", "bob")
    for n in range(20):
        night.minutes_pass(1)
        ana.texts("STOP")
        assert dead_why(night, "ana") == "opted-out"
        if n < 19:
            ana.texts("START")
            assert dead_why(night, "ana") is None
    night.sue.gets_sms("Ana Roy has opted out of our texts")
    night.nobody_else_was_contacted()
    night.minutes_pass(60)
    ana.texts("START").texts("STOP")
    night.sue.gets_sms("Ana Roy has opted out of our texts")
    night.nobody_else_was_contacted()


def test_opted_out_at_the_carrier_alone_rings_at_once_and_is_told(night: Night) -> None:
    """21610 on a page: their STOP never reached us."""
    ana, bob = night.on_call("ana", "bob")
    night.knobs(webhooks_down=True)
    ana.texts("STOP")
    night.knobs(webhooks_down=False)
    night.network.errors.clear()
    night.customer_leaves_message()
    bob.gets_sms("E-000001")  # refused: the next step starts now too
    ana.is_rung().answers().presses("1").hears("It is yours").hangs_up()
    night.sue.gets_sms("Texts to Ana Roy are not delivered (error 21610)", "by voice")
    assert dead_why(night, "ana") == "opted-out"
    assert "text START" in night.web.get("/schedule").text
    night.nobody_else_was_contacted()


@pytest.mark.parametrize("code", sorted(NO_TEXTS))
def test_a_page_that_fails_for_good_rings_at_once_and_is_told(night: Night, code: int) -> None:
    """F39."""
    ana, bob = night.on_call("ana", "bob")
    texts_to(night, ana.number, fate="undelivered", error_code=code)
    night.customer_leaves_message()
    ana.gets_sms("E-000001").is_rung().answers().presses("1").hears("It is yours").hangs_up()
    bob.gets_sms("E-000001")
    night.sue.gets_sms("Texts to Ana Roy are not delivered", f"error {code}")
    assert dead_why(night, "ana") == NO_TEXTS[code]
    night.nobody_else_was_contacted()


def test_any_text_to_one_of_ours_is_a_sign_not_only_a_page(night: Night) -> None:
    """The answer to a text fails: the page that waits for another answer goes on by voice."""
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    texts_to(night, ana.number, fate="undelivered", error_code=30006)
    ana.texts("who").gets_sms("Ana Roy").is_rung().answers().presses("1").hangs_up()
    night.sue.gets_sms("Texts to Ana Roy are not delivered", "30006")
    night.nobody_else_was_contacted()


@pytest.mark.storage
@pytest.mark.parametrize("code", UNREACHABLE)
def test_unreachable_twice_in_a_row_is_a_sign_and_once_is_none(night: Night, code: int) -> None:
    ana, _ = night.on_call("ana", "bob")
    for fates in ("undelivered", "delivered", "undelivered", "undelivered"):
        texts_to(night, ana.number, fate=fates, error_code=code)
        assert dead_why(night, "ana") is None
        ana.texts("who").gets_sms("Ana Roy")
    assert dead_why(night, "ana") == "unreachable"
    night.sue.gets_sms("Texts to Ana Roy are not delivered", str(code))
    night.nobody_else_was_contacted()


def test_a_supervisors_own_texts_are_told_to_the_others_only(night: Night) -> None:
    night.on_call("ana", "bob")
    texts_to(night, night.sue.number, fate="undelivered", error_code=30006)
    night.sue.texts("who").gets_sms("Ana Roy")
    assert dead_why(night, "sue") == "no-texts"
    night.nobody_else_was_contacted()


def test_the_carriers_own_word_for_stop_and_start_counts_whatever_the_text(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    inbound(night, 1, ana.number, "Désabonner", OptOutType="STOP")
    ana.is_rung().rejects()
    night.sue.gets_sms("Ana Roy has opted out of our texts")
    night.people["bob"].gets_sms("E-000001").replies("1").gets_sms("is yours")
    inbound(night, 2, ana.number, "Réabonner", OptOutType="START")
    assert dead_why(night, "ana") is None
    inbound(night, 3, ana.number, "Aide", OptOutType="HELP")
    night.nobody_else_was_contacted()


@pytest.mark.parametrize("word", ["START", "start.", " Start! ", "ｓｔａｒｔ", "Yes", "unstop", "un stop", "«START»"])
def test_every_spelling_of_start_brings_texts_back(night: Night, word: str) -> None:
    ana, _ = night.on_call("ana", "bob")
    texts_to(night, ana.number, fate="undelivered", error_code=21614)
    ana.texts("who").gets_sms("Ana Roy")
    night.sue.gets_sms("are not delivered")
    texts_to(night, ana.number, fate="delivered")
    ana.texts(word)
    assert dead_why(night, "ana") is None
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("1").gets_sms("is yours")
    night.nobody_else_was_contacted()


def test_yes_to_a_page_is_told_what_to_send(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("Yes").gets_sms("Not understood", "1 have it")
    assert night.emergency()["state"] == "open"
    ana.replies("1").gets_sms("is yours")
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_another_number_in_the_roster_takes_texts_again(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    texts_to(night, ana.number, fate="undelivered", error_code=21614)
    ana.texts("who").gets_sms("Ana Roy")
    night.sue.gets_sms("are not delivered")
    night.load(night.roster_text.replace(ana.number, "+15145550117"))
    assert dead_why(night, "ana") is None
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_a_customers_stop_by_the_carriers_own_word_counts_too(night: Night) -> None:
    night.on_call("ana", "bob")
    night.customer.calls().presses("1").leaves_message()
    night.people["ana"].gets_sms("E-000001")
    inbound(night, 1, night.customer.number, "Désabonner", OptOutType="STOP")
    with night.database.read() as session:
        assert not session.customers.takes_texts(night.customer.number)
        assert session.exec(select(tables.Outbox).where(tables.Outbox.kind == "text")).all() == []
    night.nobody_else_was_contacted()
