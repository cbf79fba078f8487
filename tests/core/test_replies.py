"""The closed table of what technicians may text."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callbacks.messages.replies import Reply, is_code, is_like_a_code, new_code, read_reply

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


def is_as_promised(code: str) -> bool:
    """Letters and digits, at least one of each, 3 or 4 of them, and nothing else that can be texted."""
    mixed = any(c.isdigit() for c in code) and any(c.isalpha() for c in code)
    return mixed and len(code) in (3, 4) and is_code(code) and read_reply(code, ()).command == "unclear"


@given(
    st.sets(st.from_regex(r"[A-HJ-Y][2-9]|[A-HJ-Y]{1,2}[2-9]{1,2}", fullmatch=True), max_size=40),
    st.randoms(use_true_random=True),
)
def test_new_codes_are_new_and_of_the_right_form(taken: set[str], random: Random) -> None:
    """Beside the two characters that older emergencies carry, too."""
    code = new_code(taken, random.randrange)
    assert is_as_promised(code)
    for other in taken:
        assert code != other and not code.startswith(other) and not other.startswith(code)
        assert read_reply(f"{code} 4", {code, other}) == read_reply(f"4{code}", {code, other}) == Reply("reached", code)


def test_codes_grow_when_many_are_in_use_and_none_comes_twice() -> None:
    taken, random = list[str](), Random(1)
    for _ in range(1000):
        taken.append(new_code(set(taken), random.randrange))
    assert len(set(taken)) == 1000 and all(is_as_promised(code) for code in taken)
    assert [len(code) for code in taken] == [3] * 50 + [4] * 950


def test_a_guess_is_unlikely() -> None:
    """Three wrong codes are one try in 1,700 while few emergencies are open; a code of two characters was one in 50."""
    random = Random(1)
    seen = {new_code({""}, random.randrange) for _ in range(20_000)}  # an emergency that is being opened has none yet
    assert {len(code) for code in seen} == {3}
    assert len(seen) > 3 * 1_700


@given(st.lists(st.text(alphabet="abk7X5b52-é8", min_size=1, max_size=6), min_size=1, max_size=6))
def test_a_note_never_loses_a_word(words: list[str]) -> None:
    """Whatever its words look like, as long as none of them is a code in use."""
    note = " ".join(words).strip("-")
    meant = [word for word in note.split() if word.strip("-")]
    if not meant or {"K7", "AB3C"} & {part.upper() for word in meant for part in word.split("-")}:
        return
    for command in ("6", "done", "note"):
        for text in (f"{command} {note}", f"K7 {command} {note}", f"{command} AB3C: {note}"):
            found = read_reply(text, ("K7",), ("AB3C",))
            assert found.words == " ".join(note.split()).strip(" -"), text


def test_a_word_is_a_code_only_if_it_is_in_use() -> None:
    assert read_reply("6 k8s pod restarted", ("H2",)) == Reply("done", None, "k8s pod restarted")
    assert read_reply("6 k8s pod restarted", ("H2",), ("K8S",)) == Reply("done", "K8S", "pod restarted")
    assert read_reply("K8S 6 pod restarted", ("H2",)) == Reply("done", "K8S", "pod restarted")
    assert read_reply("6 H2 replaced the H2 valve", ("H2",)) == Reply("done", "H2", "replaced the H2 valve")


PIECES = ["4", "5", "6", "reached", "no answer", "no", "answer", "done", "noanswer", "ok", "fine", "x"]
JOINTS = ["", " ", " #", "-", "\n", ": ", "."]


@settings(max_examples=600)
@given(st.data())
def test_no_form_of_a_text_tries_a_code_out_uncounted(data: st.DataObject) -> None:
    """Whatever a text would end with the right code, with a wrong one in its place it is counted."""
    pieces = data.draw(st.lists(st.sampled_from([*PIECES, "CODE"]), min_size=1, max_size=5))
    text = "".join(piece + data.draw(st.sampled_from(JOINTS)) for piece in pieces)
    right, wrong = text.replace("CODE", "K74"), text.replace("CODE", "Q9Z")
    found = read_reply(right, {"K74"}, {"K74"})
    if found.rule and found.rule.needs_code and found.code:
        refused = read_reply(wrong, {"K74"}, {"K74"})
        is_named = refused.command != "unclear" and refused.code not in (None, "K74")
        assert is_named or is_like_a_code(wrong), (text, refused)


def test_one_note_is_no_list_of_guesses() -> None:
    guesses = " ".join(f"A{n}B" for n in range(2, 10))
    for text in (f"6 fine {guesses} K74", f"6 fine #{guesses.replace(' ', ' #')} #K74", f"done K74K74 {guesses} K74"):
        assert read_reply(text, {"K74"}, {"K74"}).code is None, text
    for text in ("6 K74 W2K and H3C moved, see B12 D4", "6 W2K and H3C moved K74", f"K74 6 {guesses}"):
        assert read_reply(text, {"K74"}, {"K74"}).code == "K74", text
