"""Every fact has a sentence in both languages, and so has every answer and every word of the emergency's templates."""

import dataclasses
import re
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, get_type_hints

import pytest

from app.web.base import command_results
from app.web.base.language import outcome_name, say
from app.web.emergency import actions, story
from callbacks.emergency import commands
from callbacks.emergency.events import EVENTS, Acknowledged, Event, Excluded, UnknownEvent, to_record
from callbacks.emergency.model import Outcome, Terms, Via, terms_of
from callbacks.emergency.promise import NAMES, TimedBy
from callbacks.oncall.roster import Role
from callbacks.policy.model import PUBLISHED
from callbacks.store.rows import Entry
from tests.catalogues import french_pages
from tests.clock import NIGHT

FRENCH = french_pages()
TEMPLATES = Path(story.__file__).parents[2] / "templates"
SAME = {"{by}: {how}", "page", "source", "Message", "Code", "Note", "Source", "Pass"}
VALUES: dict[Any, Any] = {
    str: "no-answer", int: 3, bool: True, datetime: NIGHT, Terms: terms_of(PUBLISHED), str | None: "bob",
    int | None: 3, tuple[str, ...]: ("ana",),
}  # fmt: skip
SPECIAL = {"page": "0.0.ana.voice", "by": "ana", "person": "ana", "to": "bob", "via": "sms", "sign": "action",
           "about": "receipt", "command": "call",
           "sha256": "0f" * 32, "key": "1", "priority": "P2", "product": "modusMail", "ref": "E-000001"}  # fmt: skip


def sample(kind: str) -> Event:
    """A fact of this kind with every field filled."""
    hints = get_type_hints(EVENTS[kind])
    given: dict[str, Any] = {
        f.name: SPECIAL.get(f.name) or _value(hints[f.name]) for f in dataclasses.fields(EVENTS[kind])
    }
    return EVENTS[kind](**given)


def _value(hint: Any) -> Any:
    is_closed = isinstance(hint, type) and issubclass(hint, StrEnum)
    return next(iter(hint)) if is_closed else VALUES[hint]


def told(event: Event, language: str) -> story.Chapter:
    kind, body, private = to_record(event)
    return story.chapter(Entry(1, kind, NIGHT, NIGHT, body, private, "f" * 64), event, "America/Toronto", language)


@pytest.mark.parametrize("kind", EVENTS)
def test_every_fact_has_a_sentence_in_both_languages(kind: str) -> None:
    assert EVENTS[kind] in story.LINES, f"app/web/emergency/story.py has no sentence for {kind}"
    event = sample(kind)
    english, french = told(event, "en"), told(event, "fr")
    assert english.line != french.line
    for chapter in (english, french):
        assert not re.search(r"[{}%]|None", chapter.line), chapter.line
        assert chapter.source
        assert kind == "Excluded" or "no-answer" not in chapter.line


def test_an_unknown_fact_is_told_by_its_kind() -> None:
    event = UnknownEvent(at=NIGHT, kind="Teleported", body={"to": "Mars"})
    assert [told(event, x).line for x in ("en", "fr")] == [
        "Unknown event: Teleported", "Événement inconnu\xa0: Teleported",
    ]  # fmt: skip


def test_who_acted_for_whom_is_told() -> None:
    own, for_bob = (Acknowledged(at=NIGHT, by="bob", role=Role.TECHNICIAN, via=Via.PAGE, set_by=s)
                    for s in (None, "sue"))  # fmt: skip
    assert told(own, "en").line == "bob acknowledged (by page)"
    assert told(for_bob, "en").line == "sue acknowledged for bob (by page)"
    assert told(for_bob, "fr").line == "sue a noté la prise en charge par bob (par page)"


@pytest.mark.parametrize("why", ["blocked caller: rude", "busy"])
def test_the_reason_of_an_exclusion_stays_somebodys_own_words(why: str) -> None:
    line = told(Excluded(at=NIGHT, by="sue", why=why), "fr").line
    assert line in ("Exclue par sue (appelant bloqué\xa0: rude)", "Exclue par sue (busy)")


def test_an_exclusion_says_its_reason_apart_from_its_line() -> None:
    said = told(Excluded(at=NIGHT, by="sue", why="blocked-caller", reason="rude"), "fr")
    assert (said.line, said.words) == ("Exclue par sue (appelant bloqué)", "rude")
    said = told(Excluded(at=NIGHT, by="sue", why="decision", reason="our test"), "fr")
    assert (said.line, said.words) == ("Exclue par sue (décision d'un superviseur)", "our test")


def phrases() -> set[str]:
    """Everything that story, deeds and templates say in English."""
    found = {*story.LINES.values(), *story.FOR_SOMEBODY.values(), *story.SLUGS.values(), *story.TOLD.values()}
    found |= {*story.GIVEN.values(), *story.ELSEWHERE.values(), *story.SOURCES.values(), TimedBy.OURSELVES}
    found |= {*command_results.DONE.values(), *command_results.REFUSED.values(), *actions.EFFECTS.values()}
    found |= {name.replace("_", " ") for name in NAMES} | {"from the call", "from the message"}
    source = Path(actions.__file__).read_text()
    found |= set(re.findall(r'(?<!")"([A-Z][^"\n]+\.)"(?!")', source)) | {actions.CHOOSE}
    for name in ("emergency.html", "emergency_forms.html", "emergency_pictures.html", "sure.html"):
        text = (TEMPLATES / name).read_text()
        found |= set(re.findall(r'\b(?:_|ngettext)\("((?:[^"\\]|\\.)*)"', text)) - {"from the "}
    return found


def test_everything_that_is_said_has_its_french() -> None:
    assert {phrase for phrase in phrases() if phrase not in FRENCH} == set()
    assert {p for p in phrases() if FRENCH[p] == (p,)} <= {"page", "Message", "Code", "Note", "Source", "Actions", "webhook", "{by}: {how}",
                                                        "silence", "absent", "billable"}  # fmt: skip


def test_pages_show_a_void_promise_as_unreached_in_both_languages() -> None:
    shown = {o: [say(language, outcome_name(o)) for language in ("en", "fr")] for o in Outcome}
    assert shown[Outcome.VOID] == ["unreached", "injoignable"]
    assert all(english == o and french != english for o, (english, french) in shown.items() if o != Outcome.VOID)


BY_TEXT_ALONE = {"needs-code", "texts-blocked"}  # pages and links need no code


def test_every_answer_of_the_core_has_words_on_a_page() -> None:
    slugs = set(re.findall(r'(?:Answer\(\s*|return |else )"([a-z-]+)"', Path(commands.__file__).read_text()))
    said = command_results.DONE.keys() | command_results.REFUSED.keys()
    assert slugs - said - {"withheld", "resolved", "workaround"} - BY_TEXT_ALONE == set()
