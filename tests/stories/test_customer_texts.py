"""What the customer is told by text, and what their own texts do."""

import pytest

from tests.night import MISSED, PENDING, Night, met, minutes, seconds, void


def texts(night: Night) -> list[str]:
    return [m.body for m in night.sent() if m.to_number == night.customer.number]


def withdraws(night: Night) -> None:
    """Replies with the number that the last text asks for."""
    night.customer.texts(texts(night)[-1].partition("reply ")[2] or texts(night)[-1].partition("répondez ")[2])


def bridge(night: Night) -> None:
    ana = night.people["ana"]
    ana.is_called_back_by("3").gets_sms("your phone is ringing").presses("1")


def test_a_receipt_with_the_reference_and_the_time_of_the_promise(called: Night) -> None:
    called.customer.gets_sms("E-000001: we have your message", "by 02:30", "WITHDRAW")
    assert [m.segments for m in called.sent() if m.to_number == called.customer.number] == [1]
    called.nobody_else_was_contacted()


def test_a_receipt_for_a_call_without_a_message(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls().presses("1").hangs_up()
    ana.gets_sms("E-000001")
    night.customer.gets_sms("we saw your call", "02:30")
    night.nobody_else_was_contacted()


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("long", [0, 20])
def test_a_receipt_after_the_deadline_names_no_time_that_has_passed(night: Night, language: str, long: int) -> None:
    """No webhook told of the call; the sweep finds it an hour later."""
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls().presses("1" if language == "en" else "2")
    night.knobs(webhooks_down=True)
    if long:
        night.customer.leaves_message(seconds(long))
    else:
        night.customer.hangs_up()
    night.minutes_pass(60)
    night.knobs(webhooks_down=False)
    night.network.errors.clear()
    assert night.sweeps() == 1
    late = {
        "en": (" late. A technician", "as soon as possible", "WITHDRAW"),
        "fr": ("en retard", "dès que possible", "RETIRER"),
    }
    receipt = night.customer.gets_sms("E-000001", *late[language]).last_text
    assert "02:30" not in receipt
    assert [m.segments for m in night.sent() if m.body == receipt] == [1]
    night.customer.gets_sms("02:30")  # the apology: it says that we are late
    ana.gets_sms("E-000001", "call now")
    night.sue.gets_sms("E-000001")
    night.nobody_else_was_contacted()


def test_who_is_calling_now(called: Night) -> None:
    called.customer.gets_sms("we have your message")
    bridge(called)
    called.customer.gets_sms("Ana is calling you now from this number")
    called.customer.answers(and_talks_for=seconds(40))
    called.people["ana"].presses("1")
    assert called.verdict() == met(by="carrier")
    assert len(texts(called)) == 2
    called.nobody_else_was_contacted()


def test_an_apology_when_the_promise_is_broken(called: Night) -> None:
    called.minutes_pass(31)
    called.customer.gets_sms("we have your message").gets_sms("by 02:30 and we are late", "sorry")
    assert called.verdict() == MISSED
    called.people["bob"].gets_all("P1 E-")
    called.sue.gets_all("P1 E-", "AT RISK", "MISSED E-")
    called.people["ana"].gets_all("P1 E-")
    called.nobody_else_was_contacted()


def test_tried_and_not_reached_both_sides_are_told(called: Night) -> None:
    ana = called.people["ana"]
    called.customer.gets_sms("we have your message")
    bridge(called)
    called.customer.gets_sms("Ana is calling").is_rung().rejects()
    ana.gets_sms("was not reached", "after 02:15", "send 3")
    called.customer.gets_sms("we called but could not reach you", "02:00")
    assert "SecondTrySuggested" in called.facts()
    called.minutes_pass(31)
    assert called.verdict() == void(by="carrier")
    called.nobody_else_was_contacted()


def test_did_we_reach_you_is_asked_only_when_nobody_can_prove_it(called: Night) -> None:
    called.people["ana"].proves("4").gets_sms("you reached the customer")
    called.customer.gets_sms("we have your message").gets_sms("did we reach you?", "1 yes, 2 no")
    called.nobody_else_was_contacted()


@pytest.mark.parametrize("word", ["1", "yes", "Oui!", " YES "])
def test_yes_raises_the_evidence(called: Night, word: str) -> None:
    called.minutes_pass(2)
    called.people["ana"].proves("4").gets_sms("you reached")
    called.customer.gets_sms("we have your message").gets_sms("did we reach you?").texts(word)
    assert called.verdict() == met(by="customer", after=minutes(2) + seconds(20))
    called.nobody_else_was_contacted()


@pytest.mark.parametrize("word", ["2", "no", "NON"])
def test_no_takes_it_back_and_supervisors_are_told(called: Night, word: str) -> None:
    called.people["ana"].proves("4").gets_sms("you reached")
    called.customer.gets_sms("we have your message").gets_sms("did we reach you?").texts(word)
    called.sue.gets_sms("CONTESTED E-000001", "02:30", "Ana Roy has it")
    assert called.verdict() == PENDING
    called.minutes_pass(21)
    called.people["ana"].gets_sms("has not been called yet").gets_sms("taken back")
    called.sue.gets_sms("AT RISK")
    called.people["bob"].gets_sms("E-000001")
    called.nobody_else_was_contacted()


def test_a_no_after_the_deadline_makes_it_missed_and_is_told(called: Night) -> None:
    called.people["ana"].proves("4").gets_sms("you reached")
    called.minutes_pass(40)
    called.customer.texts("2")
    called.sue.gets_sms("UNCONFIRMED").gets_sms("CONTESTED").gets_sms("MISSED")
    assert called.verdict() == MISSED
    called.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    called.people["bob"].gets_sms("P1 E-000001")
    called.people["ana"].gets_sms("was taken back")
    called.nobody_else_was_contacted()


def test_the_last_answer_holds(called: Night) -> None:
    called.people["ana"].proves("4").gets_sms("you reached")
    called.customer.texts("2").texts("1")
    called.sue.gets_sms("CONTESTED")
    assert called.verdict() == met(by="customer")
    called.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    called.nobody_else_was_contacted()


def test_a_reply_becomes_a_note_that_the_owner_gets(called: Night) -> None:
    ana = called.people["ana"]
    ana.replies("1").gets_sms("is yours")
    called.customer.texts("The queue is at 40,000 now")
    ana.gets_sms("E-000001", "the customer writes: The queue is at 40,000 now")
    assert "The queue is at 40,000 now" in called.web.get("/emergencies/E-000001").text
    called.nobody_else_was_contacted()


def test_a_reply_while_nobody_has_it_goes_to_whoever_was_paged(called: Night) -> None:
    called.customer.texts("please hurry")
    called.people["ana"].gets_sms("please hurry")
    called.nobody_else_was_contacted()


@pytest.mark.parametrize("word", ["withdraw", "Withdraw.", "RETIRER", "annuler", "ｗithdraw!"])
def test_withdraw_is_asked_again_and_its_number_closes(called: Night, word: str) -> None:
    called.minutes_pass(1)
    called.customer.gets_sms("we have your message").texts(word)
    called.customer.gets_sms("To close E-000001 reply WITHDRAW")
    assert called.emergency()["state"] == "open"
    digits = called.customer.last_text.split()[-1]
    assert called.customer.last_text == f"To close E-000001 reply WITHDRAW {digits}" and len(digits) == 3
    called.customer.texts(f"{word} {digits}")
    called.people["ana"].gets_sms("the customer withdrew it")
    called.customer.gets_sms("withdrawn, as you asked")
    e = called.emergency()
    assert (e["state"], e["verdict"]["outcome"]) == ("withdrawn", "withdrawn")
    called.minutes_pass(40)
    called.nobody_else_was_contacted()


FORGED = ("Withdraw? No thanks", "Annuler? Non", "retire pas", "withdraw please", "withdraw E-000001", "withdraw 731")


@pytest.mark.storage
@pytest.mark.parametrize("words", FORGED)
def test_any_other_text_that_begins_so_is_a_note(called: Night, words: str) -> None:
    called.customer.gets_sms("we have your message").texts(words)
    called.people["ana"].gets_sms("the customer writes", words)
    assert called.emergency()["state"] == "open" and called.verdict() == PENDING
    called.minutes_pass(4)
    called.people["bob"].gets_sms("E-000001")
    called.nobody_else_was_contacted()


def test_a_forged_withdrawal_ends_nothing_and_paging_goes_on(called: Night) -> None:
    """The real customer gets our answer three times at most; a number that is guessed is a note, three are told and
    then even the right one is a note for an hour."""
    for _n in range(5):
        called.customer.texts("withdraw")
    asked = [body for body in texts(called) if "To close" in body]
    assert len(asked) == 3 and len(set(asked)) == 1
    right = asked[0].split()[-1]
    ana = called.people["ana"]
    ana.gets_sms("the customer writes: withdraw")  # further notes come together, later
    wrong = [n for n in ("111", "222", "333", "444") if n != right][:3]
    for digits in wrong:
        called.customer.texts(f"withdraw {digits}")
    called.sue.gets_sms("E-000001", "wrong number", "forged", "Nothing was closed")
    called.customer.texts(f"withdraw {right}")
    assert called.emergency()["state"] == "open"
    called.minutes_pass(4)
    called.people["bob"].gets_sms("E-000001").gets_sms("5 more notes")
    called.customer.gets_sms("we have your message").gets_sms("To close").gets_sms("To close").gets_sms("To close")
    called.nobody_else_was_contacted()


def test_the_number_is_of_one_emergency(night: Night) -> None:
    """With two of them open from one phone, the number says which; the other stays open."""
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls().presses("1").leaves_message()
    ana.gets_sms("E-000001").replies("1").gets_sms("is yours")
    night.customer.gets_sms("E-000001").texts("withdraw").gets_sms("To close E-000001")
    digits = night.customer.last_text.split()[-1]
    night.customer.calls().presses("2").presses("1").leaves_message()
    ana.gets_sms("E-000002")
    night.customer.texts(f"retirer {digits}")
    ana.gets_sms("E-000001: the customer withdrew it")
    assert [e["state"] for e in night.emergencies()] == ["withdrawn", "open"]
    night.customer.gets_sms("we have your message").gets_sms("is withdrawn, as you asked")
    night.nobody_else_was_contacted()


def test_a_sentence_with_the_word_in_it_is_a_note(called: Night) -> None:
    called.customer.texts("do not withdraw it, it is still down")
    called.people["ana"].gets_sms("do not withdraw it")
    assert called.emergency()["state"] == "open"
    called.nobody_else_was_contacted()


def test_withdrawn_after_it_was_met_stays_met(called: Night) -> None:
    called.people["ana"].proves("4").gets_sms("you reached")
    called.minutes_pass(1)
    called.customer.texts("withdraw")
    withdraws(called)
    called.people["ana"].gets_sms("the customer withdrew it")
    assert called.verdict() == met(by="declared")
    called.customer.gets_sms("we have your message").gets_sms("did we reach you?").gets_sms("To close").gets_sms(
        "is withdrawn, as you asked"
    )
    called.nobody_else_was_contacted()


def test_stop_ends_our_texts_to_the_customer_and_nothing_else(called: Night) -> None:
    called.customer.gets_sms("we have your message").texts("STOP")
    bridge(called)
    called.customer.answers(and_talks_for=seconds(40))
    called.people["ana"].presses("1")
    assert called.verdict() == met(by="carrier")
    assert len(texts(called)) == 1
    called.nobody_else_was_contacted()


def test_start_lets_them_in_again(called: Night) -> None:
    called.customer.gets_sms("we have your message").texts("STOP").texts("START")
    bridge(called)
    called.customer.gets_sms("is calling you now")
    called.customer.is_rung()
    called.nobody_else_was_contacted()


def test_a_landline_is_not_texted_twice(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.knobs(numbers={night.customer.number: {"sms": {"fate": "undelivered", "error_code": 30006}}})
    night.customer.calls().presses("1").leaves_message()
    ana.gets_sms("E-000001")
    ana.is_called_back_by("3").presses("1")
    night.passes(seconds(3))
    assert len(texts(night)) == 1
    ana.gets_sms("your phone is ringing")
    night.customer.is_rung()
    night.nobody_else_was_contacted()


@pytest.mark.parametrize("shown", ["anonymous", "+266696687", "", "+15145550100", "+19005551234", "+442071838750"])
def test_never_to_numbers_that_are_nobodys_or_not_ours_to_dial(night: Night, shown: str) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls(caller_id=shown).leaves_message(seconds(5))
    ana.gets_sms("E-000001")
    night.minutes_pass(1)
    assert [m.to_number for m in night.sent()] == [ana.number]
    night.nobody_else_was_contacted()


def test_at_most_four_per_emergency_besides_the_answer_to_withdraw(called: Night) -> None:
    ana = called.people["ana"]
    for _ in range(2):
        ana.is_called_back_by("3").presses("1")
        called.customer.is_rung().rejects()
    ana.proves("4")
    called.customer.texts("2")
    called.minutes_pass(45)
    ana.proves("4")
    called.customer.texts("withdraw")
    assert ["To close" in body for body in texts(called)] == [False] * 4 + [True]
    called.customer.gets_all(
        "we have your message", "is calling you now", "could not reach you", "did we reach you?", "To close"
    )
    ana.gets_all("your phone is ringing", "the customer was not reached", "you reached the customer")
    called.sue.gets_all("CONTESTED")
    called.nobody_else_was_contacted()


def test_a_strangers_text_is_never_answered(night: Night) -> None:
    night.on_call("ana", "bob")
    night.other_customer.texts("withdraw").texts("1").texts("hello?")
    assert night.sent() == []
    night.nobody_else_was_contacted()


def test_in_french(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls().presses("2").leaves_message()
    ana.gets_sms("E-000001").proves("4").gets_sms("you reached")
    night.customer.gets_sms("votre message est noté", "avant 02:30").gets_sms("vous a-t-on joint?", "1 oui, 2 non")
    night.customer.texts("oui")
    assert night.verdict() == met(by="customer")
    night.nobody_else_was_contacted()


def test_the_french_apology_and_the_french_call(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls().presses("2").leaves_message()
    ana.gets_sms("E-000001")
    night.customer.gets_sms("noté")
    ana.is_called_back_by("3").presses("1")
    night.customer.gets_sms("Ana vous appelle maintenant").is_rung().rejects()
    night.customer.gets_sms("sans vous joindre")
    ana.gets_sms("your phone is ringing").gets_sms("the customer was not reached")
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_in_a_storm_receipts_wait_for_the_pages(night: Night) -> None:
    """F16."""
    night.on_call("ana", "bob")
    for n in range(12):
        night.customer.calls(caller_id=f"+1514555{3000 + n}").leaves_message(seconds(1))
    receipts = [m for m in night.sent() if "we have your message" in m.body]
    assert len(receipts) < 12
    night.minutes_pass(3)
    assert len([m for m in night.sent() if "we have your message" in m.body]) == 12
    assert all(e["first_page_at"] for e in night.emergencies())
    night.people["ana"].gets_sms("P1 E-000001").gets_sms("P1 E-000002").gets_sms("emergencies, call back by")
    night.nobody_else_was_contacted()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_declared_contact_that_is_not_confirmed_by_the_deadline_is_told(night: Night, language: str) -> None:
    """Once, to supervisors, whether it was resolved or not; the promise stays kept by the technician's word."""
    ana, _ = night.on_call("ana", "bob")
    night.roster(night.roster_text.replace('name = "sue"', f'name = "sue"\nlanguage = "{language}"'))
    night.customer.calls().presses("1").leaves_message()
    ana.gets_sms("E-000001").proves("4").gets_sms("you reached").proves("6").gets_sms("is resolved")
    night.minutes_pass(29)
    night.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    night.nobody_else_was_contacted()
    night.minutes_pass(3)
    night.sue.gets_sms("UNCONFIRMED E-000001" if language == "en" else "NON CONFIRMÉ E-000001", "02:30")
    assert night.verdict() == met(by="declared")
    night.minutes_pass(60)
    night.nobody_else_was_contacted()


def test_a_contact_declared_in_the_last_minute_is_told_at_the_deadline_too(called: Night) -> None:
    called.people["ana"].replies("1").gets_sms("is yours")
    called.minutes_pass(10)
    called.people["ana"].proves("5").gets_sms("no answer")
    called.minutes_pass(18.5)
    called.people["ana"].proves("4").gets_sms("you reached")
    called.minutes_pass(2)
    called.sue.gets_sms("UNCONFIRMED")
    called.customer.texts("2")
    called.sue.gets_sms("CONTESTED")
    called.customer.gets_sms("we have your message").gets_sms("could not reach you").gets_sms("did we reach you?")
    called.nobody_else_was_contacted()


def test_what_the_customer_confirmed_or_the_carrier_saw_is_not_told(called: Night) -> None:
    called.people["ana"].proves("4").gets_sms("you reached")
    called.customer.texts("1")
    called.minutes_pass(40)
    assert called.verdict() == met(by="customer")
    called.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    called.nobody_else_was_contacted()


def test_a_contact_declared_after_the_deadline_keeps_nothing_and_is_not_told_again(called: Night) -> None:
    called.people["ana"].proves("5").gets_sms("no answer")
    called.minutes_pass(31)
    called.people["ana"].proves("4").gets_sms("you reached")
    called.minutes_pass(10)
    assert called.verdict()["outcome"] == "void"
    called.customer.gets_sms("we have your message").gets_sms("could not reach you").gets_sms("did we reach you?")
    called.nobody_else_was_contacted()


def test_numbers_are_not_tried_out_beside_a_newer_emergency(night: Night) -> None:
    """A wrong one counts in every open emergency of the phone, not in the newest alone: after three, none closes."""
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls().presses("1").leaves_message()
    ana.gets_sms("E-000001")
    night.customer.gets_sms("we have your message").texts("withdraw").gets_sms("To close E-000001 reply WITHDRAW")
    digits = night.customer.last_text.split()[-1]
    night.customer.calls().presses("2").hangs_up()
    for n in [n for n in range(100, 110) if str(n) != digits][:5]:
        night.customer.texts(f"withdraw {n}")
    night.customer.texts(f"withdraw {digits}")
    assert [e["state"] for e in night.emergencies()] == ["open", "open"]
    told = [m.body for m in night.sent() if m.to_number == night.sue.number]
    assert len([body for body in told if "E-000001" in body]) == 1
    for ref, notes in (("E-000001", 1), ("E-000002", 5)):
        items = night.get(f"/api/v1/emergencies/{ref}/ledger")["items"]
        assert [item["kind"] for item in items].count("NoteAdded") == notes
    ana.gets_sms("P1 E-000002").gets_sms("the customer writes").gets_sms("the customer writes")
    night.sue.gets_sms("three texts from the customer's number")
    night.nobody_else_was_contacted()
