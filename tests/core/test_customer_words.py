"""What customers' texts mean: an answer only where it is plainly one, else a note."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbacks.emergency.inputs import Meaning
from callbacks.messages.replies import LONGEST, CustomerReply, is_code, new_code, read_customer, read_reply

MEANINGS = {
    "1": "yes", "yes": "yes", "Oui!": "yes", "y": "yes", "o": "yes", "１": "yes",
    "2": "no", "No.": "no", "non": "no", "n": "no",
    "withdraw": "withdraw", "Withdraw.": "withdraw", "retirer": "withdraw", "RETIRE": "withdraw", "Annuler!": "withdraw",
    "Withdraw please": "note", "annuler s'il": "note", "withdraw it now": "note", "Withdraw? No thanks": "note",
    "Annuler? Non": "note", "retire pas": "note", "withdraw the one from today": "note", "withdraw E-000042": "note",
    "WITHDRAW 731": "confirm-withdrawal", "retirer 731.": "confirm-withdrawal", "withdraw731": "confirm-withdrawal",
    "Annuler #７３１": "confirm-withdrawal", "withdraw 7310": "note", "withdraw 73": "note", "731": "note",
    "withdraw 731 please": "note", "with draw": "note", "please 731": "note",
    "please withdraw": "note",
    "stop": "opt-out", "STOP.": "opt-out", "arrêt": "opt-out", "opt out": "opt-out", "stop all": "opt-out",
    "start": "opt-in", "unstop": "opt-in", "un stop": "opt-in", "help": "carrier-help", "Info?": "carrier-help",
    "stop it": "note", "yes it works": "note", "no answer": "note", "12": "note", "": "note", "👍": "note",
    "our mail is down": "note", "start over": "note", "3": "note",
}  # fmt: skip


@pytest.mark.parametrize("text,meaning", MEANINGS.items())
def test_a_customers_text(text: str, meaning: str) -> None:
    assert read_customer(text).meaning == meaning


def test_their_words_are_kept_as_written_in_one_line() -> None:
    assert read_customer(" It's  the\nDNS \x00again") == CustomerReply(Meaning.NOTE, "It's the DNS again")
    assert read_customer("  Withdraw   please ").words == "Withdraw please"
    assert read_customer("Retirer  731") == CustomerReply(Meaning.CONFIRM_WITHDRAWAL, "Retirer 731", "731")
    assert [read_customer(text).words for text in ("STOP", "yes", "non.", "withdraw")] == [
        "STOP",
        "yes",
        "non.",
        "withdraw",
    ]


def test_an_endless_text_is_read_up_to_the_carriers_longest() -> None:
    assert len(read_customer("x" * 5000).words) == LONGEST
    assert read_reply("note " + "x" * 5000, ()).words == "x" * (LONGEST - len("note "))


@given(st.text(max_size=100))
def test_any_text_has_a_meaning(text: str) -> None:
    assert read_customer(text).meaning in (
        "yes",
        "no",
        "withdraw",
        "confirm-withdrawal",
        "note",
        "opt-out",
        "opt-in",
        "carrier-help",
    )


TWO_WORDS = {
    "opt out": "opt-out", "stop all": "opt-out", "un stop": "opt-in", "op tout": "opt-out", "can cel": "unclear",
}  # fmt: skip


@pytest.mark.parametrize("text,command", TWO_WORDS.items())
def test_only_the_carriers_own_words_may_be_split(text: str, command: str) -> None:
    assert read_reply(text, ()).command == command


GLUED = {
    "no answerK7": ("no-answer", "K7", ""), "No-AnswerK7": ("no-answer", "K7", ""), "no answerZZ": ("unclear", None, ""),
    "no K7": ("unclear", None, ""), "K7": ("unclear", "K7", ""), "#K7": ("unclear", "K7", ""),
    "K7 R2M 1": ("unclear", "K7", ""), "K71 R2M": ("unclear", "K7", ""), "1K7 K7": ("acknowledge", "K7", ""),
    "K7 1 K7": ("acknowledge", "K7", ""), "1 K7 please": ("unclear", None, ""), "1 X5": ("acknowledge", "X5", ""),
    "note #X5 they called": ("note", None, "#X5 they called"), "note X5 they called": ("note", None, "X5 they called"),
    "note they called #K7 twice": ("note", "K7", "they called twice"), "note they have a B52": ("note", None, "they have a B52"),
    "note rack (K7) is down": ("note", "K7", "rack is down"), "done: K7": ("done", "K7", ""), "6, fixed.": ("done", None, "fixed"),
    "K7 note see R2M": ("note", "K7", "see R2M"), "noteK7 see it": ("note", "K7", "see it"), "K7NO ANSWER": ("no-answer", "K7", ""),
    "P1K7": ("priority", "K7", ""), "p1 X5": ("priority", "X5", ""), "1P2": ("unclear", None, ""),
}  # fmt: skip


@pytest.mark.parametrize("text,meaning", GLUED.items())
def test_codes_stand_before_after_and_inside(text: str, meaning: tuple[str, str | None, str]) -> None:
    """F44: tolerant in form, never a guess."""
    found = read_reply(text, ("K7", "R2M", "AB3C"))
    assert (found.command, found.code, found.words) == meaning


def test_two_known_codes_that_fit_one_word_are_a_question() -> None:
    assert read_reply("1K7", ("K7", "1K7")).command == "unclear"
    assert read_reply("K7ACK", ("K7", "7ACK")).code == "K7"


def test_when_no_code_is_free_one_is_given_twice() -> None:
    """F82: nothing that can run out keeps an emergency from opening."""
    assert new_code(set(), lambda below: 0) == "A22"
    assert new_code({"A22"}, lambda below: 0) == "A222"
    assert new_code({"A22", "A222"}, lambda below: 0) == "A222"
    assert new_code(set(), lambda below: below - 1) == "Y9Y"


FORMS = {
    "o\u0301k": "acknowledge", "1\u202e": "acknowledge", "1\u00ad": "acknowledge", "1\u20e3": "acknowledge", "\ue000" "1": "acknowledge",
    "1\ud800": "acknowledge", "\t1\n": "acknowledge", "ok\x07": "acknowledge", "1X": "unclear", "1\n2": "unclear",
}  # fmt: skip


@pytest.mark.parametrize("text,command", FORMS.items())
def test_marks_that_cannot_be_seen_mean_nothing(text: str, command: str) -> None:
    """F90: controls, directions, private and broken characters."""
    assert read_reply(text, ()).command == command


def test_what_cannot_be_seen_is_not_kept_in_words_either() -> None:
    assert read_customer("a\u202eb\u20e3c\ue000d\ud800e\u200bf").words == "abcdef"
    assert read_customer("X marks\tit\nhere").words == "X marks it here"
    assert read_reply("note Xavier X", ()).words == "Xavier X"


def test_an_accent_belongs_to_its_word() -> None:
    assert read_customer("arre\u0302t").meaning == "opt-out"
    assert read_reply("a\u0331ck", ()).command == "acknowledge"


def test_the_longest_known_code_is_meant() -> None:
    assert read_reply("K7AACK", ("K7", "K7A")).code == "K7A"
    assert read_reply("K7A1 now", ("K7", "K7A")).code == "K7A"
    assert read_reply("K71NO answer", ("K7", "K71")).code == "K71"
    assert read_reply("A22 x", ("A2", "A22")).code == "A22"
    glued = read_reply("K7A6 all fixed", ("K7", "K7A"))
    assert (glued.command, glued.code, glued.words) == ("done", "K7A", "all fixed")


def test_a_code_nobody_has_is_read_behind_a_command_to_be_refused_by_name() -> None:
    assert read_reply("1X5", ()).code == "X5"
    assert read_reply("passX5", ()).code == "X5"
    assert read_reply("X51", ()).command == "unclear"
    assert read_reply("15X", ()).code == "5X"
    assert read_reply("no answerK7 please", ("K7",)).command == "unclear"


def test_codes_of_priorities_are_no_codes() -> None:
    for word in ("P1", "P2", "P3"):
        assert not is_code(word) and read_reply(word, ()).priority == word
    assert is_code("P4")
    assert read_reply("1 K7", ("K7",)).priority is None


def test_a_glued_code_and_a_leading_one_must_agree() -> None:
    assert read_reply("K7 1K7", ("K7", "R2M")).code == "K7"
    assert read_reply("K7 1R2M", ("K7", "R2M")).command == "unclear"


MARKED = {
    "note #X5": (None, "#X5"), "note see#X5 later": (None, "see#X5 later"), "note 5X is up": (None, "5X is up"),
    "note a X5": (None, "a X5"), "note it is (#X5), really": (None, "it is (#X5), really"), "6 #K7": ("K7", ""),
    "6 K7.": ("K7", ""), "note - K7 - cable": ("K7", "cable"), "note 2N7Z up": (None, "2N7Z up"),
}  # fmt: skip


@pytest.mark.parametrize("text,meaning", MARKED.items())
def test_a_code_inside_a_note(text: str, meaning: tuple[str | None, str]) -> None:
    found = read_reply(text, ("K7", "R2M"))
    assert (found.code, found.words) == meaning
