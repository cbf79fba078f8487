"""Texts with a technician's forged number: our answer reaches the real phone, or nothing that stops the paging counts."""

from tests.night import SMS_ONLY, Night


def test_a_forged_stop_and_then_a_1_stop_no_page(night: Night) -> None:
    """Ana's real phone is told of neither: the page goes on by calls."""
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").texts("STOP")
    for body in ("1", "2", "ack"):
        ana.texts(body)
    assert night.emergency()["acknowledged_by"] is None
    night.sue.gets_sms("Ana Roy has opted out of our texts")
    ana.is_rung()
    night.minutes_pass(4)
    bob.gets_sms("E-000001")
    ana.texts("START").texts("1").gets_sms("is yours")
    night.nobody_else_was_contacted()


def test_whoever_has_the_code_may_take_it_though_their_phone_takes_no_texts(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").texts("STOP").proves("1")
    assert night.emergency()["acknowledged_by"] == "ana"
    ana.is_rung()
    night.sue.gets_sms("Ana Roy has opted out of our texts")
    night.nobody_else_was_contacted()


def test_a_forged_3_after_a_forged_stop_rings_the_real_phone_or_changes_nothing(night: Night) -> None:
    ana, bob = night.on_call("ana", "bob")
    night.customer.calls("").leaves_message()  # nobody can be dialled: no call would tell ana
    ana.gets_sms("number withheld").texts("STOP").texts("3")
    assert night.emergency()["acknowledged_by"] is None
    ana.is_rung()
    night.sue.gets_sms("Ana Roy has opted out of our texts")
    night.minutes_pass(4)
    bob.gets_sms("E-000001")
    night.nobody_else_was_contacted()


def test_a_forged_p3_stops_no_pages_of_what_was_raised(night: Night) -> None:
    ana, bob = night.on_call("ana", "bob")
    night.customer.calls().presses("1").presses("2").leaves_message()
    night.sue.texts("p1").gets_sms("is now P1")
    code = ana.gets_sms("P1 E-000001").code
    ana.texts("p3").gets_sms("not recorded", f"Send P3 {code}")
    assert night.emergency()["priority"] == "P1"
    night.minutes_pass(4)
    bob.gets_sms("P1 E-000001").replies("p2").gets_sms("is now P2")
    ana.texts("p1").gets_sms("is now P1").texts(f"p3 {code}").gets_sms("is now P3")
    night.minutes_pass(10)
    night.nobody_else_was_contacted()


def test_that_everybody_passed_is_told_at_once_and_paging_goes_on(make_night) -> None:  # type: ignore[no-untyped-def]
    night: Night = make_night(policy=SMS_ONLY.partition('[[escalation]]\nafter = "8m"')[0])
    ana, bob = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001").replies("2").gets_sms("next person is being paged")
    bob.gets_sms("E-000001").replies("2").gets_sms("next person is being paged")
    night.sue.gets_sms("EVERYBODY PASSED E-000001", f"Send 1 {bob.code}")
    night.nobody_else_was_contacted()
    night.minutes_pass(4)
    ana.gets_sms("P1 E-000001").replies("2").gets_sms("next person")
    bob.gets_sms("P1 E-000001").replies("2").gets_sms("next person")
    night.nobody_else_was_contacted()


def test_a_1_that_nobody_would_hear_of_stops_no_page(make_night) -> None:  # type: ignore[no-untyped-def]
    """Twenty forged questions use up the answers: our answer to the forged 1 would not reach the real phone."""
    night: Night = make_night(policy="")
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    for _ in range(21):
        ana.texts("who")
    ana.texts("1").texts("2")
    assert night.emergency()["acknowledged_by"] is None
    assert ana.last_text.count("#") == 1
    for _ in range(20):
        ana.gets_sms("primary Ana Roy")
    ana.gets_sms("no more replies until", "with the page's code")
    night.sue.gets_sms("more than 20 texts in 10 minutes", "1 and 2 need the page's code")
    night.minutes_pass(1)
    ana.is_rung().answers().presses("1").hears("It is yours").hangs_up()
    night.nobody_else_was_contacted()
