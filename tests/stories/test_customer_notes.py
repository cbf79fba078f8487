"""What customers write reaches people: the first note at once, further ones together, and every one is kept."""

import pytest

from tests.night import SMS_ONLY, Night, minutes, seconds

EVERYBODY = """
[[escalation]]
after = "0m"
page = "everyone"
by = ["sms"]
"""


@pytest.fixture
def called(night: Night) -> Night:
    night.on_call("ana", "bob")
    night.customer.calls().presses("1").leaves_message()
    night.people["ana"].gets_sms("E-000001").replies("1").gets_sms("is yours")
    return night


def notes_to(night: Night, name: str) -> list[str]:
    number = night.people[name].number
    return [m.body for m in night.sent() if m.to_number == number and "customer" in m.body and "E-0" in m.body]


def test_eight_notes_are_two_texts_and_none_is_lost(called: Night) -> None:
    ana = called.people["ana"]
    for n in range(8):
        called.customer.texts(f"note number {n}")
        called.passes(seconds(5))
    ana.gets_sms("the customer writes: note number 0")
    called.nobody_else_was_contacted()
    called.passes(minutes(5))
    ana.gets_sms("7 more notes from the customer", "all on the page", "note number 1 / note number 2")
    page = called.web.get("/emergencies/E-000001").text
    assert all(f"note number {n}" in page for n in range(8))
    assert called.facts().count("NoteAdded") == 8
    called.minutes_pass(4)
    called.nobody_else_was_contacted()


def test_the_second_text_comes_five_minutes_after_the_first(called: Night) -> None:
    ana = called.people["ana"]
    called.customer.texts("one")
    ana.gets_sms("the customer writes: one")
    called.minutes_pass(2)
    called.customer.texts("two")
    called.passes(minutes(3) - seconds(2))
    called.nobody_else_was_contacted()
    called.passes(seconds(3))
    ana.gets_sms("the customer writes: two")
    called.nobody_else_was_contacted()


def test_every_text_about_notes_has_two_segments_at_most(called: Night) -> None:
    called.customer.texts("[" * 1500)
    for _ in range(30):
        called.customer.texts("~^{}" * 300 + "œ…" * 100)
    called.minutes_pass(6)
    sent = [m for m in called.sent() if m.to_number == called.people["ana"].number and "customer" in m.body]
    assert [m.segments for m in sent if "writes" in m.body or "more notes" in m.body] == [2, 2]
    called.people["ana"].gets_sms("the customer writes").gets_sms("more notes from the customer")
    called.nobody_else_was_contacted()


def test_a_note_that_waited_goes_to_whoever_takes_over(called: Night) -> None:
    called.customer.texts("one").texts("two")
    called.people["ana"].gets_sms("the customer writes: one").proves("2").gets_sms("the next person")
    called.people["bob"].gets_sms("E-000001 #")
    called.people["bob"].gets_sms("the customer writes: two")
    called.nobody_else_was_contacted()


def test_who_is_paged_later_reads_the_told_ones_on_the_page(night: Night) -> None:
    night.on_call("ana", "bob")
    night.customer.calls().presses("1").leaves_message()
    night.people["ana"].gets_sms("E-000001")
    night.customer.texts("it is the mail server")
    night.people["ana"].gets_sms("it is the mail server")
    night.minutes_pass(5)
    night.people["bob"].gets_sms("E-000001 #")
    night.nobody_else_was_contacted()


@pytest.mark.parametrize("night_policy", [EVERYBODY])
def test_five_texts_of_a_caller_are_two_to_each_of_three_people(make_night, night_policy: str) -> None:  # type: ignore[no-untyped-def]
    night: Night = make_night(policy=night_policy)
    night.on_call("ana", "bob")
    night.customer.calls().presses("1").leaves_message()
    night.settle()
    before = len(night.sent())
    for n in range(5):
        night.customer.texts(f"note {n}")
    paged = {m.to_number for m in night.sent() if "Reply 1" in m.body}
    assert len(night.sent()) - before == len(paged)
    night.minutes_pass(5.5)
    about = [m for m in night.sent() if "customer writes" in m.body or "more notes" in m.body]
    assert len(about) == 2 * len(paged)
    night.people["ana"].gets_all("P1 E-", "the customer writes", "more notes from the customer")
    night.people["bob"].gets_all("P1 E-", "the customer writes", "more notes from the customer")
    night.people["cleo"].gets_all("P1 E-", "the customer writes", "more notes from the customer")
    night.sue.gets_all("P1 E-", "the customer writes", "more notes from the customer")
    night.nobody_else_was_contacted()


def test_notes_after_the_end_still_reach_whoever_had_it(called: Night) -> None:
    called.people["ana"].replies("4").replies("6 fixed")
    called.customer.texts("it is back").texts("and again").texts("please")
    called.minutes_pass(6)
    told = [body for body in notes_to(called, "ana") if "writes" in body or "more notes" in body]
    assert len(told) == 2
    assert "it is back" in told[0]
    assert "and again / please" in told[1]
    called.people["ana"].gets_sms("not recorded. Numbers can be forged").gets_sms(
        "not recorded. Numbers can be forged"
    ).gets_sms("the customer writes").gets_sms("more notes from the customer")
    called.nobody_else_was_contacted()


def test_what_waits_at_the_withdrawal_is_not_told_any_more(called: Night) -> None:
    ana = called.people["ana"]
    called.customer.gets_sms("E-000001").texts("no mail").texts("still nothing").texts("withdraw")
    ana.gets_sms("the customer writes: no mail")
    digits = called.customer.gets_sms("To close").last_text.split()[-1].strip(".")
    called.customer.texts(f"withdraw {digits}").gets_sms("withdrawn")
    ana.gets_sms("withdrew it")
    called.minutes_pass(30)
    called.nobody_else_was_contacted()
    called.customer.texts("It is down again, please call")
    ana.gets_sms("the customer writes: It is down again")
    called.nobody_else_was_contacted()


def test_a_policy_may_want_them_at_another_pace(make_night) -> None:  # type: ignore[no-untyped-def]
    night: Night = make_night(policy=SMS_ONLY + '[limits]\nrelayed_notes_every = "30s"\n')
    night.on_call("ana", "bob")
    night.customer.calls().presses("1").leaves_message()
    night.people["ana"].gets_sms("E-000001").replies("1").gets_sms("is yours")
    night.customer.texts("one").texts("two")
    night.people["ana"].gets_sms("one")
    night.passes(seconds(31))
    night.people["ana"].gets_sms("the customer writes: two")
    night.nobody_else_was_contacted()


def test_links_are_left_out_of_the_text_and_are_plain_words_on_the_page(called: Night) -> None:
    called.customer.texts("reset it at https://evil.example/t/AAAA or bit.ly/x please")
    called.people["ana"].gets_sms("the customer writes: reset it at [link] or [link] please")
    assert "evil" not in called.people["ana"].last_text
    page = called.web.get("/emergencies/E-000001").text
    assert "https://evil.example/t/AAAA or bit.ly/x" in page
    assert "href=&#34;https://evil" not in page
    assert 'href="https://evil' not in page
    called.nobody_else_was_contacted()


def test_a_caller_who_calls_again_and_again_is_told_once_in_five_minutes(called: Night) -> None:
    for _ in range(4):
        called.customer.calls().hangs_up()
    called.people["ana"].gets_sms("the customer called again")
    called.nobody_else_was_contacted()
    called.minutes_pass(5)
    called.customer.calls().hangs_up()
    called.people["ana"].gets_sms("the customer called again")
    called.nobody_else_was_contacted()
