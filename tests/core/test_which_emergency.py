"""Which emergency a technician's text is about: every combination of two of them, with and without a code."""

from itertools import product
from typing import Any

import pytest

from callbacks.messages.replies import COMMANDS, Candidate, Reply, Route, route_reply
from tests.core.pure import at

KINDS: dict[str, dict[str, Any] | None] = {
    "none": None,
    "waits": {},
    "waits, not paged": {"is_paged": False},
    "mine": {"owner": "ana"},
    "another's": {"owner": "bob"},
    "mine, resolved but owed": {"owner": "ana", "is_resolved": True},
    "another's, resolved but owed": {"owner": "bob", "is_resolved": True},
    "closed": {"is_open": False, "is_resolved": True, "owner": "ana"},
}
ANSWERS = ("acknowledge", "pass")
OTHERS = ("call", "reached", "no-answer", "done", "note", "priority")
GENERAL = ("status", "who", "ready")


def candidate(n: int, kind: str) -> list[Candidate]:
    facts = KINDS[kind]
    plain = {"owner": None, "is_open": True, "is_resolved": False, "is_paged": True}
    if facts is None:
        return []
    return [Candidate(id=n, code=f"K{n}4", due_at=at(n), opened_at=at(0), **{**plain, **facts})]


PAIRS = list(product(KINDS, repeat=2))


@pytest.mark.parametrize("first,second", PAIRS)
def test_a_bare_command_is_about_the_only_one_that_can_be_meant(first: str, second: str) -> None:
    found = {n: kind for n, kind in ((1, first), (2, second)) if kind != "none"}
    candidates = [c for n, kind in found.items() for c in candidate(n, kind)]
    waiting = [n for n, kind in found.items() if kind == "waits"]
    live = [n for n, kind in found.items() if kind != "closed"]
    own = [n for n in live if not found[n].startswith("another's")] or live
    for command in ANSWERS:
        where = route_reply(Reply(command), "ana", candidates)
        if len(waiting) == 1:
            assert where == Route(to=waiting[0])
        elif waiting:
            assert where == Route(ask="which", listed=(1, 2))
        else:
            assert where == (Route(ask="none-waits", listed=tuple(own)) if live else Route(ask="no-open"))
    for command in OTHERS:
        where = route_reply(Reply(command), "ana", candidates)
        if len(own) == 1:
            assert where == Route(to=own[0])
        else:
            assert where == (Route(ask="which", listed=(1, 2)) if live else Route(ask="no-open"))
    for command in GENERAL:
        assert route_reply(Reply(command), "ana", candidates) == Route(ask=command, listed=tuple(own))


@pytest.mark.parametrize("first,second", PAIRS)
def test_a_code_says_which_whatever_its_state(first: str, second: str) -> None:
    candidates = candidate(1, first) + candidate(2, second)
    for command in (*ANSWERS, *OTHERS):
        for n in (1, 2):
            where = route_reply(Reply(command, f"K{n}4"), "ana", candidates)
            there = n in [c.id for c in candidates]
            assert where.to == (n if there else None) and (there or where.ask == "unknown-code")


def test_every_command_is_in_the_table() -> None:
    assert {*ANSWERS, *OTHERS, *GENERAL} == set(COMMANDS.values())
