"""What a phone adds by itself: forgiven below a command, and never a command or a proof."""

import pytest

from callbacks.messages.replies import Reply, is_like_a_code, own_words, read_customer, read_reply

CODES = ("K74",)
PAGE = "P1 E-000001 #K74: +1 514-555-0142, message of 0:20 at 02:00. Reply 1 have it, 2 pass, 3 connect."
BELOW = [
    f"> {PAGE}", f"> {PAGE}\n> http://127.0.0.1/t/AAAA", f"\nOn Mon, Nov 23, 2026 at 2:00 AM Support wrote:\n{PAGE}",
    f"On 23 Nov 2026 at 02:00,\n+15145550100 wrote:\n> {PAGE}", f"Le lun. 23 nov. 2026 à 02:00, Soutien a écrit :\n{PAGE}",
    f"-----Original Message-----\n{PAGE}", f"----- Message d'origine -----\n{PAGE}", "Sent from my iPhone",
    "\nEnvoyé de mon iPhone", "Envoye\u0301 de mon iPad", "Sent from my Galaxy S24", "Sent from Outlook for iOS",
    "Get Outlook for Android", "Obtenez Outlook pour iOS", "Envoyé à partir de Outlook", "Sent via Samsung phone",
    "-- \nAna Roy\nSupport 2 3 4", "--\nAna", "________________\nAna Roy",
]  # fmt: skip


@pytest.mark.parametrize("below", BELOW)
def test_what_stands_below_a_command_is_forgiven(below: str) -> None:
    for break_ in ("\n", "\r\n"):
        assert read_reply(f"1{break_}{below}", CODES) == Reply("acknowledge")
        assert read_reply(f"4 K74{break_}{below}", CODES) == Reply("reached", "K74")
        assert read_reply(f"6 K74 all fine{break_}{below}", CODES) == Reply("done", "K74", "all fine")


@pytest.mark.parametrize("below", BELOW)
def test_nothing_of_it_acts_or_proves(below: str) -> None:
    assert read_reply(below, CODES).command == "unclear"
    for command in ("4", "6 all fine", "no answer"):
        assert read_reply(f"{command}\n{below}", CODES).code is None


@pytest.mark.parametrize("text", [
    f"Liked “{PAGE}”", f'Loved "{PAGE}"', f"Emphasized “{PAGE}”", f'👍 to "{PAGE}"', f"\u200a\u200b👍🏽\u200b to “{PAGE}”",
    f"A aimé « {PAGE} »", f"👍 à «{PAGE}»", f"Removed a like from “{PAGE}”", 'Liked "1"', 'Liked "4 K74"',
])  # fmt: skip
def test_a_reaction_is_no_command_and_tries_no_code_out(text: str) -> None:
    assert read_reply(text, CODES) == Reply("unclear")
    assert not is_like_a_code(text)


@pytest.mark.parametrize("text", [
    "I'm driving with Do Not Disturb While Driving turned on.", "(I’m not receiving notifications. Reply \"urgent\")",
    "Automatic reply: 1", "[Auto-Reply] I am away until 4", "Réponse automatique : je suis absent", "Je conduis.",
    "Out of office until 6",
])  # fmt: skip
def test_an_automatic_reply_is_no_reply(text: str) -> None:
    assert read_reply(text, CODES) == Reply("automatic")


@pytest.mark.parametrize("text", [
    "6 K74 mail sent from my iPhone works", "6 K74 on 3 May they wrote: no\nso I called", "note K74 a > b\nc -- d",
    "note K74 le 3 il a écrit: non", "6 K74 sent from Montreal by courier",
])  # fmt: skip
def test_a_note_that_only_looks_alike_keeps_its_words(text: str) -> None:
    assert read_reply(text, CODES).words == " ".join(text.split()[2:])


def test_a_signature_on_the_same_line_is_forgiven() -> None:
    assert read_reply("4 K74 Sent from my iPhone", CODES) == Reply("reached", "K74")
    assert own_words("1 Envoyé de mon iPhone.") == "1"


def test_words_around_a_command_stay_unclear() -> None:
    for text in ("1\nthanks", "ok then\n> 1", "1 K74\n2 K74"):
        assert read_reply(text, CODES).command == "unclear"


def test_a_customers_answer_is_read_alike_and_kept_as_written() -> None:
    assert read_customer("1\nSent from my iPhone").meaning == "yes"
    assert read_customer("WITHDRAW 731\n> To close E-000001 reply WITHDRAW 731").digits == "731"
    assert read_customer("> reply WITHDRAW 731").meaning == "note"
    assert read_customer("still down\nSent from my iPhone").words == "still down Sent from my iPhone"


def test_only_stop_and_nothing_else_is_the_carriers_word() -> None:
    assert read_reply("STOP\nSent from my iPhone", CODES).command == "unclear"
    assert read_customer("STOP\n> reply WITHDRAW 731").meaning == "note"
