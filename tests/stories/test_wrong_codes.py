"""Somebody with a technician's forged number has no page and no code: what they text ends nothing, guesses are told and
block, and the night goes on."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlmodel import select

from callbacks.store.sql import audits, tables
from tests.night import PENDING, SUPPORT, Night, met, minutes, seconds


def alarms(night: Night) -> list[str]:
    with night.database.read() as session:
        found = session.exec(select(tables.Outbox).where(tables.Outbox.kind == "alarm")).all()
        return [row.text or "" for row in found if row.about == "audit-codes"]


def test_guessed_codes_are_told_once_and_paging_goes_on(night: Night) -> None:
    """F91: three within ten minutes, nobody's or somebody else's; one text to each supervisor, one line, one audit entry."""
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    code = ana.gets_sms("E-000001").code
    bob.texts("1 Z9").gets_sms("with the code Z9")
    bob.texts(f"1 {code}").gets_sms("You were not paged for")
    assert alarms(night) == []
    bob.texts("4 Z8").gets_sms("with the code Z8")
    night.sue.gets_sms("ALARM: 3 texts in 10 minutes", "Bob Chen", "may be forged", "close nothing", "paging continues")
    bob.texts("2 Z2").gets_sms("with the code Z2", "No open emergency. Send 0").replies(f"4 {code}").gets_sms(
        "You were not paged for"
    )
    bob.texts("0").gets_sms("No open emergency.")
    assert len(alarms(night)) == 1
    with night.database.read() as session:
        found = [(row.who, row.via, row.about) for row in audits.latest(session, action="codes.guessed")]
    assert found == [("callbacks", "sms", "bob")]
    assert night.emergency()["acknowledged_by"] is None
    night.minutes_pass(4)
    bob.gets_sms("E-000001").replies("1").gets_sms("is yours")
    night.nobody_else_was_contacted()


def test_who_errs_now_and_then_is_no_news_and_an_hour_later_it_is_told_again(night: Night) -> None:
    """F91."""
    ana, _ = night.on_call("ana", "bob")
    for guess in ("1 Z9", "1 Z8", "1 Z7"):
        ana.texts(guess).gets_sms("You have no open emergency")
        night.minutes_pass(6)
    assert alarms(night) == []
    for guess in ("1 Z9", "1 Z8"):
        ana.texts(guess).gets_sms("You have no open emergency")
    night.sue.gets_sms("ALARM: 3 texts", "Ana Roy")
    night.minutes_pass(61)
    for guess in ("1 Z6", "1 Z5", "1 Z4"):
        ana.texts(guess).gets_sms("You have no open emergency")
    night.sue.gets_sms("ALARM: 3 texts")
    night.nobody_else_was_contacted()


def test_a_supervisor_reads_it_in_french_and_a_guesser_nobody_knows_hears_nothing(night: Night) -> None:
    """F43, F91: an unknown sender is never answered, whatever codes they send, and nobody is told of it."""
    night.on_call("ana", "bob")
    ana = night.people["ana"]
    night.roster(night.roster_text.replace('name = "sue"', 'name = "sue"\nlanguage = "fr"'))
    for guess in ("1 Z9", "1 Z8", "4 Z7", "6 Z6"):
        night.other_customer.texts(guess)
        night.network.texts.receive("+15145550777", guess)
    night.nobody_else_was_contacted()
    assert alarms(night) == []
    for guess in ("1 Z6", "1 Z5", "1 Z4"):
        ana.texts(guess).gets_sms("You have no open emergency")
    night.sue.gets_sms("ALARME: 3 textos", "Ana Roy", "ne ferment rien")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("1").gets_sms("is yours")
    night.nobody_else_was_contacted()


def test_guesses_at_the_same_instant_are_told_once(night: Night) -> None:
    """F91: on several nodes at once too; whichever transaction is second finds that it was told."""
    ana, _ = night.on_call("ana", "bob")
    account = night.settings.account_sid

    def guess(n: int) -> int:
        form = {
            "MessageSid": f"SM{n:032x}",
            "AccountSid": account,
            "From": ana.number,
            "To": SUPPORT,
            "Body": f"1 Z{n % 9 + 1}",
        }
        return night.webhook("/twilio/sms", form).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(guess, range(24))) == {200}
    assert len([text for text in alarms(night) if "codes for other emergencies" in text]) == 1
    night.settle()
    told = [m.body for m in night.sent() if m.to_number == ana.number]
    assert len([body for body in told if "You have no open emergency" in body]) == 20
    assert len(told) == 21
    night.taken_up |= {m.sid for m in night.sent()}
    night.nobody_else_was_contacted()


def rows(night: Night, kind: str) -> list[str]:
    with night.database.read() as session:
        return [row.state for row in session.exec(select(tables.Outbox).where(tables.Outbox.kind == kind)).all()]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("body", ["4", "reached", "5", "no answer", "6 all fine now", "done", "６", "4️⃣"])
def test_a_forged_text_without_the_code_ends_nothing(night: Night, body: str, language: str) -> None:
    """The first of it came before the page had left: it still leaves, nobody has it, the next step comes in time."""
    ana, bob = night.on_call("ana", "bob", languages=language)
    night.customer_leaves_message()
    code = ana.gets_sms("E-000001").code
    ana.texts(body).gets_sms(f"{'Envoyez' if language == 'fr' else 'Send'} {body[0] if body[0] in '456' else ''}")
    assert code in ana.last_text
    e = night.emergency()
    assert (e["state"], e["acknowledged_by"], e["attempts"]) == ("open", None, [])
    assert night.verdict() == PENDING
    night.minutes_pass(4)
    bob.gets_sms("E-000001").replies("1").gets_sms("E-000001")
    night.nobody_else_was_contacted()


def test_what_the_answer_names_works_as_it_stands(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message(seconds(30))
    ana.gets_sms("E-000001").replies("4")
    ana.gets_sms("not recorded", "the code")
    named = ana.last_text.partition("Send ")[2].rstrip(".")
    assert named == f"4 {ana.code}"
    night.minutes_pass(2)
    ana.replies(named).gets_sms("you reached the customer")
    assert night.verdict() == met(by="declared", after=minutes(2) + seconds(30))
    ana.replies("6 fixed").gets_sms("not recorded", f"Send 6 {ana.code}")
    assert night.emergency()["state"] == "reached"
    ana.proves("6 fixed").gets_sms("is resolved")
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()


def test_a_supervisors_number_can_be_forged_too(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    code = ana.gets_sms("E-000001").code
    for body, key in (("4", "4"), ("5", "5"), ("6 fine", "6")):
        night.sue.texts(body).gets_sms("not recorded", f"Send {key} {code}")
    e = night.emergency()
    assert (e["state"], e["acknowledged_by"], e["verdict"]["outcome"]) == ("open", None, "pending")
    night.sue.texts(f"4 {code}").gets_sms("you reached the customer")
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()


def test_what_the_carrier_or_the_customer_proved_is_closed_without_a_code(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").is_called_back_by("3").gets_sms("phone is ringing").presses("1")
    night.customer.answers(and_talks_for=seconds(90))
    ana.replies("6 rerouted").gets_sms("is resolved")
    night.other_customer.calls().leaves_message()
    ana.gets_sms("E-000002").proves("4").gets_sms("you reached")
    night.other_customer.texts("1")
    ana.replies("6 restarted").gets_sms("E-000002 is resolved")
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.other_customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()


def test_after_three_wrong_codes_a_right_one_may_be_guessed_too(night: Night) -> None:
    """Links, keys on our calls and every other command go on; an hour later the code counts again."""
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    code = ana.gets_sms("E-000001").code
    for guess in ("4 Z9", "4 Z98", "1 Y7Y"):
        ana.texts(guess).gets_sms("You have no open emergency with the code")
    night.sue.gets_sms("ALARM: 3 texts", "close nothing")
    for body in (f"4 {code}", f"5 {code}", f"6 {code} all fine", "4"):
        ana.texts(body).gets_sms("not recorded", "Too many wrong codes", "until 03:00", "link", "send 3")
    e = night.emergency()
    assert (e["state"], e["acknowledged_by"], e["attempts"]) == ("open", None, [])
    ana.replies(f"note {code} I am on my way").gets_sms("note added").replies("1").gets_sms("is yours")
    ana.is_called_back_by("3").gets_sms("phone is ringing").presses("1")
    night.customer.answers(and_talks_for=seconds(90))
    ana.replies("6 fixed").gets_sms("is resolved")
    night.other_customer.calls().leaves_message()
    ana.gets_sms("E-000002").proves("4").gets_sms("Too many wrong codes")
    night.minutes_pass(61)
    while ana.code and (left := [m for m in night.sent() if m.sid not in night.taken_up]):
        night.taken_up |= {m.sid for m in left}
    ana.replies(f"4 {night.sue.code}").gets_sms("you reached the customer")
    night.other_customer.gets_sms("did we reach you?")
    night.nobody_else_was_contacted()


def test_who_takes_it_while_codes_are_blocked_hears_what_counts(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    for n in range(3):
        ana.texts(f"4 Z{n}9").gets_sms("You have no open emergency")
    night.sue.gets_sms("ALARM: 3 texts")
    ana.texts("1").gets_sms("is yours", "until 03:00 use the link in the page", "by text change nothing")
    ana.texts("note I call now").gets_sms("note added")
    assert "change nothing" not in ana.last_text
    night.nobody_else_was_contacted()


def test_nine_wrong_codes_from_all_numbers_block_all(night: Night) -> None:
    """As somebody would who forges one number after another."""
    ana, bob = night.on_call("ana", "bob")
    cleo = night.people["cleo"]
    for n, person in enumerate((ana, ana, bob, bob, cleo, cleo, night.sue, night.sue)):
        person.texts(f"4 Z{n}9").gets_sms("You have no open emergency")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").proves("4").gets_sms("you reached the customer")
    cleo.texts("4 Z89").gets_sms("You have no open emergency")
    night.sue.gets_sms("ALARM: 3 texts", "Cleo Martin").gets_sms("ALARM: 9 texts", "technicians' texts close nothing")
    ana.proves("6 fine").gets_sms("Too many wrong codes")
    assert night.emergency()["state"] == "reached"
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()


def test_a_word_that_looks_like_a_code_is_a_note_and_no_wrong_code(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").proves("4").gets_sms("you reached the customer")
    for _n in range(4):
        ana.replies("6 k8s pod restarted").gets_sms("not recorded", f"Send 6 {ana.code}")
    ana.replies("note k8s pod restarts").gets_sms("note added")
    ana.proves("6 k8s pod restarted").gets_sms("is resolved")
    items = night.get("/api/v1/emergencies/E-000001/ledger")["items"]
    assert items[-1]["facts"]["note"] == "k8s pod restarted"
    assert alarms(night) == []
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()


def test_codes_are_not_tried_out_as_first_words_of_notes(night: Night) -> None:
    """Ten in ten minutes, each refused: then a right one closes nothing either."""
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    for n in range(10):
        ana.texts(f"6 Z{n}Z fine").gets_sms("not recorded")
    night.sue.gets_sms("ALARM: 10 texts", "Ana Roy")
    ana.proves("6 fine").gets_sms("Too many wrong codes")
    assert night.emergency()["state"] == "open"
    night.nobody_else_was_contacted()


def test_codes_of_two_characters_from_before_still_work(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    ana, _ = night.on_call("ana", "bob")
    with monkeypatch.context() as before:
        before.setattr("callbacks.engine.intake.handle.new_code", lambda *_: "K7")
        night.customer_leaves_message()
    ana.gets_sms("E-000001 #K7:")
    ana.replies("4 k7").gets_sms("you reached the customer").replies("K76 fixed").gets_sms("is resolved")
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()


def test_tries_at_the_same_instant_are_looked_at_one_by_one(night: Night) -> None:
    """Of many codes sent at once, the right one among them, no more than two wrong ones come before the block."""
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    code = ana.gets_sms("E-000001").code

    def tries(n: int) -> int:
        body = f"4 {code}" if n == 20 else f"4 Z{n}Z"
        form = {
            "MessageSid": f"SM{n:032x}",
            "AccountSid": night.settings.account_sid,
            "From": ana.number,
            "To": SUPPORT,
        }
        return night.webhook("/twilio/sms", {**form, "Body": body}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(tries, range(30))) == {200}
    assert len(alarms(night)) >= 1
    assert night.emergency()["state"] == "open"
    ana.gets_all("You have no open emergency with the code", "Too many texts from this number")
    night.sue.gets_all("texts in 10 minutes")
    night.nobody_else_was_contacted()


TRIES = {
    "{}4": "not clear", "{}reached": "not clear", "no answer{}": "not clear", "{}no answer": "not clear",
    "{}done fine": "not clear", "6 all is fine {}": "not recorded", "done, it was #{}": "not recorded",
}  # fmt: skip


@pytest.mark.parametrize("form", TRIES)
def test_codes_are_not_tried_out_in_any_other_form(night: Night, form: str) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    code = ana.gets_sms("E-000001").code
    for n in range(10):
        ana.texts(form.format(f"Z{n}Z"))
    ana.texts(form.format(code))
    e = night.emergency()
    assert (e["state"], e["acknowledged_by"], e["attempts"]) == ("open", None, [])
    assert len([text for text in alarms(night) if "Ana Roy's number contained codes" in text]) == 1
    ana.gets_all("Not understood", "not recorded", "not recorded. Numbers can be forged")
    night.sue.gets_all("texts in 10 minutes")
    night.nobody_else_was_contacted()


def test_codes_are_not_tried_out_where_several_are_open(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    night.other_customer.calls().leaves_message()
    code = ana.gets_sms("E-00000").code
    for n in range(10):
        ana.texts(f"6 all is fine Z{n}Z")
    ana.texts(f"6 all is fine {code}")
    assert [e["state"] for e in night.emergencies()] == ["open", "open"]
    ana.gets_all("P1 E-", "Which one? E-", "not recorded")
    night.sue.gets_all("texts in 10 minutes")
    night.nobody_else_was_contacted()


def test_one_text_does_not_try_all_codes_out(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    code = ana.gets_sms("E-000001").code
    guesses = " ".join(f"{a}{n}{b}" for a in "ACDEF" for n in range(2, 10) for b in "ACDEF")
    ana.texts(f"6 fine {guesses} {code}").gets_sms("not recorded", f"Send 6 {code}")
    assert night.emergency()["state"] == "open"
    night.nobody_else_was_contacted()
