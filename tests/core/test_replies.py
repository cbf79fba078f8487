"""The closed table of what technicians may text."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callbacks.replies import Reply, is_code, new_code, read_reply

CODES = ("K7", "R2M", "AB3C")

PLAIN = {
    "1": "acknowledge", "ack": "acknowledge", "ACK": "acknowledge", "Ok": "acknowledge", "ok!": "acknowledge",
    " 1 ": "acknowledge", "1.": "acknowledge", "«1»": "acknowledge", '"1"': "acknowledge", "(1)": "acknowledge",
    "１": "acknowledge", "1️⃣": "acknowledge", "①": "acknowledge", "1\u0000": "acknowledge", "1\u200b": "acknowledge",
    "o k": "unclear", "2": "pass", "Pass": "pass", "pass.": "pass", "②": "pass", "3": "call", "CALL": "call",
    "4": "reached", "Reached!": "reached", "5": "no-answer", "no answer": "no-answer", "No-Answer": "no-answer",
    "noanswer": "no-answer", "0": "status", "status": "status", "Status?": "status", "who": "who", "WHO?": "who",
    "ready": "ready", "6": "done", "done": "done", "hm": "unclear", "": "unclear", "   ": "unclear", "👍": "unclear",
    "yes please": "unclear", "ok thanks": "unclear", "1 1": "unclear", "1 2": "unclear", "12": "unclear",
    "call me": "unclear", "pass it": "unclear", "7": "unclear", "8": "unclear", "9": "unclear", "who is": "unclear",
    "stop": "opt-out", "STOP.": "opt-out", "Cancel": "opt-out", "end": "opt-out", "QUIT": "opt-out",
    "arret": "opt-out", "ARRÊT": "opt-out", "Arrêt!": "opt-out", "unsubscribe": "opt-out", "revoke": "opt-out",
    "optout": "opt-out", "stopall": "opt-out", "start": "opt-in", "YES": "opt-in", "unstop": "opt-in",
    "help": "carrier-help", "INFO": "carrier-help", "stop it": "unclear", "end call": "unclear",
}  # fmt: skip
WITH_CODE = {
    "1 K7": ("acknowledge", "K7"), "K7 1": ("acknowledge", "K7"), "1K7": ("acknowledge", "K7"),
    "k7ack": ("acknowledge", "K7"), "k7 ok": ("acknowledge", "K7"), "ok#K7": ("acknowledge", "K7"),
    "#k7 1": ("acknowledge", "K7"), "1 #K7": ("acknowledge", "K7"), "1-k7": ("acknowledge", "K7"),
    "２ｋ７": ("pass", "K7"), "2 r2m": ("pass", "R2M"), "r2m2": ("pass", "R2M"), "3ab3c": ("call", "AB3C"),
    "ab3c call": ("call", "AB3C"), "no answer k7": ("no-answer", "K7"), "k7 no-answer": ("no-answer", "K7"),
    "5K7": ("no-answer", "K7"), "4 k7": ("reached", "K7"), "K7reached": ("reached", "K7"), "pass k7": ("pass", "K7"),
    "0 k7": ("status", "K7"), "1 Z9": ("acknowledge", "Z9"), "Z9 1": ("acknowledge", "Z9"),
}  # fmt: skip
NOTES = {
    "6 all fixed": ("done", None, "all fixed"), "done Restarted MTA-2": ("done", None, "Restarted MTA-2"),
    "6 K7 all fixed": ("done", "K7", "all fixed"), "K7 6 all fixed": ("done", "K7", "all fixed"),
    "note call at 9": ("note", None, "call at 9"), "NOTE k7 Ring Bob": ("note", "K7", "Ring Bob"),
    "6": ("done", None, ""), "note": ("note", None, ""), "6 stop": ("done", None, "stop"),
    "done 1": ("done", None, "1"), "note: it's the DNS": ("note", None, "it's the DNS"),
}  # fmt: skip
PRIORITIES = {"p1": "P1", "P2": "P2", "p3.": "P3", "K7 p2": "P2", "p2 k7": "P2"}


@pytest.mark.parametrize("text,command", PLAIN.items())
def test_a_plain_text(text: str, command: str) -> None:
    reply = read_reply(text, CODES)
    assert (reply.command, reply.code) == (command, None)


@pytest.mark.parametrize("text,meaning", WITH_CODE.items())
def test_a_code_before_or_after(text: str, meaning: tuple[str, str]) -> None:
    reply = read_reply(text, CODES)
    assert (reply.command, reply.code) == meaning


@pytest.mark.parametrize("text,meaning", NOTES.items())
def test_the_rest_is_the_note(text: str, meaning: tuple[str, str | None, str]) -> None:
    reply = read_reply(text, CODES)
    assert (reply.command, reply.code, reply.words) == meaning


@pytest.mark.parametrize("text,priority", PRIORITIES.items())
def test_a_priority(text: str, priority: str) -> None:
    reply = read_reply(text, CODES)
    assert (reply.command, reply.priority) == ("priority", priority)


def test_two_codes_are_a_question_not_a_guess() -> None:
    assert read_reply("1 K7 R2M", CODES) == Reply("unclear")


@settings(max_examples=400)
@given(st.text(max_size=200))
def test_any_text_is_read_without_a_fault_and_no_code_is_invented(text: str) -> None:
    """F44."""
    reply = read_reply(text, CODES)
    assert reply.code is None or is_code(reply.code)


@given(st.text(alphabet="k71 #-ackno", max_size=12))
def test_texts_near_the_grammar_are_read_too(text: str) -> None:
    assert read_reply(text, CODES).command


@given(st.sets(st.sampled_from([f"{a}{b}" for a in "ACDEFGHJKMNQRTUVWXY" for b in "23456789"])), st.randoms())
def test_new_codes_are_new_and_of_the_right_form(taken: set[str], random: object) -> None:
    choose = random.randrange  # type: ignore[attr-defined]
    code = new_code(taken, choose)
    assert code not in taken
    assert is_code(code)
    assert code not in ("P1", "P2", "P3")
    assert 2 <= len(code) <= 4
    assert any(c.isdigit() for c in code)
    assert any(c.isalpha() for c in code)


def test_codes_grow_when_the_short_ones_are_used_up() -> None:
    taken, random = set[str](), Random(1)
    for _ in range(400):
        taken.add(new_code(taken, random.randrange))
    assert len(taken) == 400
    assert {len(code) for code in taken} == {2, 3}
