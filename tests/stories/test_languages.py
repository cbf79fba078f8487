"""French or English: chosen by a key, remembered, or both heard by whoever simply speaks."""

from tests.night import SMS_ONLY, Night, seconds

FRENCH_FIRST = '[intake]\nlanguages = ["fr", "en"]\n' + SMS_ONLY


def heard(night: Night) -> str:
    assert night.customer.call is not None
    return " ".join(item.get("text", "") for item in night.customer.call.heard)


def test_two_asks_for_french_and_the_whole_call_goes_on_in_it(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls().hears("For service in English, press 1", "Pour le service en français")
    before = len(heard(night))
    night.customer.presses("2").hears("Vous avez joint", "d'ici 30 minutes")
    assert "You have reached" not in heard(night)[before:]
    night.customer.leaves_message()
    ana.gets_sms("E-000001")
    night.customer.gets_sms("votre message est noté", "02:30", "RETIRER")
    night.nobody_else_was_contacted()


def test_one_asks_for_english(night: Night) -> None:
    night.on_call("ana", "bob")
    night.customer.calls().presses("1").hears("You have reached the after-hours")
    assert "Vous avez joint" not in heard(night)
    night.nobody_else_was_contacted()


def test_who_simply_speaks_hears_both_and_needs_no_key(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls()
    night.passes(seconds(5))
    night.customer.hears("You have reached", "Vous avez joint").leaves_message()
    ana.gets_sms("E-000001")
    night.nobody_else_was_contacted()


def test_a_key_that_is_no_language_loses_nothing(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls().presses("7").hears("You have reached", "Vous avez joint").leaves_message()
    ana.gets_sms("E-000001")
    night.nobody_else_was_contacted()


def test_the_language_is_remembered_per_caller(night: Night) -> None:
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls().presses("2").leaves_message()
    ana.gets_sms("E-000001").proves("4").gets_sms("reached").proves("6").gets_sms("resolved")
    night.customer.calls().hears("Vous avez joint")
    assert "press 1" not in heard(night)
    night.customer.hangs_up()
    ana.gets_sms("E-000002")
    night.other_customer.calls().hears("For service in English")
    night.customer.gets_sms("votre message est noté").gets_sms("vous a-t-on joint")
    night.nobody_else_was_contacted()


def test_the_policy_may_put_french_first(make_night) -> None:  # type: ignore[no-untyped-def]
    night: Night = make_night(policy=FRENCH_FIRST)
    night.on_call("ana", "bob")
    night.customer.calls().hears("français, appuyez sur le 1", "English, press 2")
    night.customer.presses("1").hears("Vous avez joint")
    night.nobody_else_was_contacted()


def test_a_policy_of_one_language_asks_nothing(make_night) -> None:  # type: ignore[no-untyped-def]
    night: Night = make_night(policy='[intake]\nlanguages = ["fr"]\n' + SMS_ONLY)
    ana, _ = night.on_call("ana", "bob")
    night.customer.calls().hears("Vous avez joint")
    assert "press" not in heard(night)
    night.customer.leaves_message()
    ana.gets_sms("E-000001")
    night.customer.gets_sms("votre message est noté")
    night.nobody_else_was_contacted()
