"""Many callers at once: few texts, nothing dropped, the earliest deadline first."""

import re

from tests.night import Night, Person, minutes, seconds


def calls(night: Night, *callers: str) -> None:
    """Each number calls and leaves a short message, one after the other, without a pause."""
    for number in callers:
        night.customer.calls(caller_id=number).leaves_message(seconds(1))


def texts_to(night: Night, person: Person) -> list[str]:
    return [m.body for m in night.sent() if m.to_number == person.number]


def numbers(count: int) -> list[str]:
    return [f"+1514555{n:04d}" for n in range(2000, 2000 + count)]


def test_a_third_page_in_a_minute_waits_and_takes_the_others_with_it(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    calls(night, *numbers(5))
    assert len(texts_to(night, ana)) == 2
    ana.gets_sms("E-000001").gets_sms("E-000002")
    night.minutes_pass(1)
    ana.gets_sms("3 emergencies", "call back by", "02:3")
    codes = re.findall(r"#(\w+)", ana.last_text)
    assert len(codes) == 3
    ana.replies("1").gets_sms("Which one?")
    ana.replies(f"1 {codes[1]}").gets_sms("E-000004 is yours")
    night.nobody_else_was_contacted()


def test_a_bundle_covers_every_emergency_it_names(night: Night) -> None:
    """F16."""
    ana, _ = night.on_call("ana", "bob")
    calls(night, *numbers(6))
    night.minutes_pass(1)
    assert all(e["first_page_at"] for e in night.emergencies())
    assert len(texts_to(night, ana)) == 3
    assert all(len(m.body) <= 1600 for m in night.sent())
    ana.gets_sms("P1 E-000001").gets_sms("P1 E-000002").gets_sms("emergencies, call back by")
    night.nobody_else_was_contacted()


def test_never_more_than_the_limit_in_any_minute(night: Night) -> None:
    """I15."""
    ana, _ = night.on_call("ana", "bob")
    for batch in range(6):
        calls(night, *numbers(30)[batch * 5 : batch * 5 + 5])
        night.passes(seconds(20))
    night.minutes_pass(3)
    times = sorted(m.created_at for m in night.sent() if m.to_number == ana.number)
    assert all(later - first >= minutes(1) for first, later in zip(times, times[2:], strict=False))
    assert all(e["first_page_at"] for e in night.emergencies())
    ana.gets_all("P1 E-", "emergencies, call back by")
    night.people["bob"].gets_all("P1 E-", "emergencies, call back by")
    night.nobody_else_was_contacted()


def test_one_number_calling_without_end_does_not_drown_another(night: Night) -> None:
    """F16."""
    ana, _ = night.on_call("ana", "bob")
    calls(night, *["+15145559999"] * 8, "+15145550177", *["+15145559999"] * 4)
    assert [e["customer"]["number"] for e in night.emergencies()] == ["+15145559999", "+15145550177"]
    ana.gets_sms("E-000001").gets_sms("E-000002")
    night.nobody_else_was_contacted()


def test_an_undelivered_bundle_pages_the_next_person_for_each(night: Night) -> None:
    ana, bob = night.on_call("ana", "bob")
    calls(night, *numbers(4))
    ana.gets_sms("E-000001").gets_sms("E-000002")
    night.knobs(numbers={ana.number: {"sms": {"fate": "undelivered"}}})
    night.minutes_pass(1)
    ana.gets_sms("2 emergencies")
    bob.gets_sms("2 emergencies")
    night.nobody_else_was_contacted()


def test_a_bundle_whose_answer_was_lost_is_found_and_not_sent_twice(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    calls(night, *numbers(4))
    ana.gets_sms("E-000001").gets_sms("E-000002")
    night.knobs(rest={"error_after_accept": True})
    night.passes(seconds(60))
    night.knobs(rest={"error_after_accept": False})
    night.passes(seconds(15))
    ana.gets_sms("2 emergencies")
    assert all(e["first_page_at"] for e in night.emergencies())
    night.nobody_else_was_contacted()


def test_what_somebody_took_meanwhile_is_no_longer_paged(night: Night) -> None:
    """I17."""
    ana, _ = night.on_call("ana", "bob")
    calls(night, *numbers(4))
    ana.gets_sms("E-000001").gets_sms("E-000002")
    third = night.get("/api/v1/emergencies/E-000003/ledger")["items"][0]["facts"]["code"]
    night.sue.texts(f"1 {third}").gets_sms("E-000003 is yours")
    night.minutes_pass(1)
    ana.gets_sms("P1 E-000004")
    night.nobody_else_was_contacted()


def test_one_call_for_many_names_the_most_urgent(make_night) -> None:  # type: ignore[no-untyped-def]
    night: Night = make_night(policy="")
    ana, _ = night.on_call("ana", "bob")
    calls(night, *numbers(4))
    night.minutes_pass(1)
    night.passes(seconds(65))
    ana.is_rung().is_rung().answers().hears("more emergency is waiting").presses("1").hears("It is yours").hangs_up()
    assert all(e["first_page_at"] for e in night.emergencies())
    ana.gets_all("P1 E-", "emergencies, call back by")
    night.people["bob"].gets_all("emergencies, call back by")
    night.sue.gets_all("emergencies, call back by")
    night.people["bob"].is_rung()
    night.sue.is_rung()
    night.nobody_else_was_contacted()


def test_a_quiet_night_knows_no_even_intervals(make_night) -> None:  # type: ignore[no-untyped-def]
    night: Night = make_night(policy="")
    ana, _ = night.on_call("ana", "bob")
    calls(night, *numbers(1))
    ana.gets_sms("E-000001")
    night.minutes_pass(1)
    ana.is_rung().rejects()
    night.passes(seconds(5))
    calls(night, "+15145559999")
    ana.gets_sms("E-000002")
    night.people["bob"].gets_sms("P1 E-000001")
    night.people["bob"].is_rung()
    night.nobody_else_was_contacted()
