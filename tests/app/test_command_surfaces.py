"""Each registered command is on every surface that its entry names, and on no other; a reply word is found once."""

import inspect
import re
from collections import Counter
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from app.api import actions as api
from app.auth.guard import Valid
from app.auth.rights import RIGHTS
from app.web.base.command_results import DONE, REFUSED
from app.web.emergency import actions as pages
from app.web.emergency import technician
from callbacks.emergency.commands import COMMANDS, PAGE_KEYS, Rule
from callbacks.emergency.inputs import Command, Commanded
from callbacks.engine.intake.texts import GENERAL
from callbacks.messages import replies
from callbacks.messages.catalog import phrase
from tests.catalogues import french_pages
from tests.core.pure import PureNight

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
RULES = list(COMMANDS.values())


def posts(router: object) -> dict[str, str]:
    """The right that each command's address asks for, by the last part of the address."""
    found = {}
    for route in getattr(router, "routes", ()):
        if isinstance(route, APIRoute) and "POST" in (route.methods or ()):
            rights = [getattr(part.call, "right", None) for part in route.dependant.dependencies]
            found[route.path.rpartition("/")[2]] = next(right for right in rights if right)
    return found


def test_every_command_has_an_entry() -> None:
    assert set(COMMANDS) == set(Command)
    assert all(rule.right in RIGHTS for rule in RULES)
    assert set(GENERAL) == {command for command, rule in COMMANDS.items() if rule.act is None}


def test_pages_and_api_have_each_command_that_says_so_with_its_right() -> None:
    assert posts(pages.router) == {rule.noun: rule.right for rule in RULES if rule.form}
    assert posts(api.router) == {rule.noun: rule.right for rule in RULES if rule.in_api}
    assert [COMMANDS[command].link for command in technician.OFFERED] == [rule.link for rule in RULES if rule.link]
    assert PAGE_KEYS == {"1": Command.ACKNOWLEDGE, "2": Command.PASS, "3": Command.CALL}


def test_a_reply_word_is_found_in_one_place() -> None:
    words = [word for rule in RULES for word in rule.replies]
    assert [word for word, n in Counter(words).items() if n > 1] == []
    assert len({rule.noun for rule in RULES if rule.noun}) == len([rule for rule in RULES if rule.noun])
    for command, rule in COMMANDS.items():
        for word in rule.replies:
            assert replies.read_reply(word.lower(), ()).command == command
    assert {word.replace(" ", ""): c for c, rule in COMMANDS.items() for word in rule.replies} == replies.COMMANDS


def test_every_key_is_told_and_each_told_key_is_a_command() -> None:
    keys = {rule.key for rule in RULES if rule.key}
    assert set(re.findall(r"\b(\d) ", phrase("unclear", "en"))) == keys
    table = README[README.index("| reply | meaning |") :].split("\n\n")[0]
    words = {cell.split()[0] for cell in re.findall(r"`([^`]+)`", table)}
    others = {rule.send for rule in RULES if rule.replies and not rule.key} - {"ready"}  # answers the handoff's text
    assert words == keys | others | {"p1", "p3"}


@pytest.mark.parametrize("rule", RULES, ids=[str(command) for command in COMMANDS])
def test_every_label_has_its_french(rule: Rule) -> None:
    forms = [form for form in (rule.form, rule.form_for, rule.link) if form]
    labels = [x for f in forms for x in (f.title, f.button, f.hint, f.whose)] + [rule.alone]
    labels += [x for field in rule.fields for x in (field.label, field.needed)]
    assert [words for words in labels if words and words not in french_pages()] == []


@pytest.mark.parametrize("rule", RULES, ids=[str(command) for command in COMMANDS])
def test_a_field_becomes_a_fact_of_the_command(rule: Rule) -> None:
    known = set(inspect.signature(Commanded).parameters)
    assert {field.fact or field.name for field in rule.fields} - {"how"} <= known


@pytest.mark.parametrize("said", [*DONE, *REFUSED, "nonsense"])
def test_any_answer_in_the_links_address_can_be_shown(said: str) -> None:
    night = PureNight()
    contact = night.duty.contact("ana")
    assert contact is not None
    told = technician.answer(Valid(1, night.opens(), contact, night.duty), said, "en", night.now)
    assert bool(told) == (said in technician.ANSWERS - {"taken"})
