"""Draws the states in docs/architecture.md from the code that moves them; with `--check` it only compares.

An emergency, a page and a callback are moved by `fold` alone: every fact is applied in every state that can be
reached, and what changes is drawn. The state of an outbox row is drawn from each place that writes it.
"""

import ast
import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, get_type_hints

from callbacks.emergency import events as ev
from callbacks.emergency.fold import FOLDS, apply
from callbacks.emergency.model import Emergency, Terms, terms_of
from callbacks.emergency.promise import state
from callbacks.policy.model import PUBLISHED
from tools.drawing import ROOT, keep

BEGIN, END = "<!-- states: made by tools/states.py -->\n", "<!-- end of states -->"
START = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
PLAIN: dict[Any, Any] = {str: "x", int: 60, bool: True, datetime: START, tuple[str, ...]: ("ana",)}
# What decides where a fact leads.
VARIANTS: dict[str, tuple[dict[str, Any], ...]] = {
    "AttachmentUnavailable": ({"why": "gone"},),
    "BridgeEnded": ({"status": "completed"}, {"status": "no-answer", "bridged": False, "talk_seconds": 0}),
    "CallbackReported": ({"result": "reached"}, {"result": "left-message"}),
    "CustomerJudged": ({"answered_by": "human"}, {"answered_by": "machine_start"}),
    "CustomerLegEnded": ({"status": "completed"}, {"status": "busy", "seconds": 0}),
    "Excluded": ({"why": ev.Exclusion(next(iter(ev.Exclusion)))},),
    "TechnicianMissed": ({"why": "no-key"},),
}
FIRST = (ev.PageRequested, ev.CallbackRequested)  # each page and callback has one, with a name of its own
Machine = Callable[[Emergency], str | None]
Moves = dict[tuple[str, str], list[str]]


def fact(kind: type[ev.Event], at: datetime, **given: Any) -> ev.Event:
    """One fact of a kind, about the one emergency, its one page and its one callback."""
    types = get_type_hints(kind)
    values: dict[str, Any] = {"at": at, "callback": "c1", "page": "p1", "by": "ana", "person": "ana", "to": "bob"}
    for field in dataclasses.fields(kind):
        if field.name not in values and field.default is dataclasses.MISSING:
            found = PLAIN.get(types[field.name], terms_of(PUBLISHED) if types[field.name] is Terms else None)
            values[field.name] = found
    names = {field.name for field in dataclasses.fields(kind)}
    return kind(**{name: value for name, value in (values | given).items() if name in names})


def opened() -> Emergency:
    after = apply(None, fact(ev.EmergencyOpened, START, priority="P1", can_wait=False, drill=False))
    assert after is not None
    return after


def page_state(e: Emergency) -> str | None:
    return str(e.pages["p1"].state) if "p1" in e.pages else None


def callback_state(e: Emergency) -> str | None:
    """By the last of its times that is known."""
    c = e.callbacks.get("c1")
    if c is None:
        return None
    if c.ended_at:
        return "failed" if c.failed else "talked" if c.ending and c.ending.bridged else "not answered"
    times = (c.joined_at, "joined"), (c.rang_at, "ringing"), (c.accepted_at, "accepted"), (c.answered_at, "answered")
    return next((name for at, name in times if at), "requested")


def moves(machine: Machine, kinds: list[type[ev.Event]], again: int = 2) -> Moves:
    """(from, to) and the facts that lead there. `again`: how many different ways into a state are followed."""
    found: Moves = {}
    seen: dict[str | None, int] = {}
    todo = [opened()]
    while todo:
        before = todo.pop(0)
        here = machine(before)
        seen[here] = seen.get(here, 0) + 1
        if seen[here] > again:
            continue
        for kind in kinds if here is None else [kind for kind in kinds if kind not in FIRST]:
            for given in VARIANTS.get(kind.__name__, ({},)):
                after = apply(before, fact(kind, before.last_at + timedelta(minutes=1), **given))
                assert after is not None
                there = machine(after)
                if there != here and there is not None:
                    names = found.setdefault((here or "[*]", there), [])
                    names += [kind.__name__] if kind.__name__ not in names else []
                if after != before:
                    todo.append(after)
    return found


def about(name: str) -> list[type[ev.Event]]:
    """The facts that carry this field."""
    return [kind for kind in FOLDS if name in {field.name for field in dataclasses.fields(kind)}]


def emergency_moves() -> Moves:
    """From each state by each fact; a callback that was accepted is given, so that its end can be told."""
    found: Moves = {("[*]", state(opened())): ["EmergencyOpened"]}
    skipped = {ev.EmergencyOpened, ev.UnknownEvent, ev.CallbackRequested, *about("page")}
    called = [ev.CallbackRequested, ev.TechnicianAccepted]
    kinds = [kind for kind in FOLDS if kind not in skipped]
    ways: dict[str, list[Emergency]] = {}
    todo = [opened()]
    while todo:
        before = todo.pop(0)
        here = state(before)
        if len(ways.setdefault(here, [])) >= 12 or before in ways[here]:
            continue
        ways[here].append(before)
        ready = before
        for kind in called if "c1" not in before.callbacks else ():
            ready = apply(ready, fact(kind, ready.last_at)) or ready
        for kind in kinds:
            for given in VARIANTS.get(kind.__name__, ({},)):
                after = apply(ready, fact(kind, ready.last_at + timedelta(minutes=1), **given))
                assert after is not None
                if state(after) != here:
                    names = found.setdefault((here, state(after)), [])
                    names += [kind.__name__] if kind.__name__ not in names else []
                    todo.append(after)
    return found


UNDER_WAY = ("requested", "answered", "accepted", "ringing", "joined")
WRITERS = (
    "callbacks/store/outbox.py",
    "callbacks/store/memory/outbox.py",
    "callbacks/engine/delivery/outcome.py",
    "callbacks/engine/delivery/dispatch.py",
)
WRITERS += ("callbacks/engine/webhooks.py", "callbacks/engine/intake/handle.py")


def outbox_moves() -> Moves:
    """`cancel` takes rows that wait; every other place writes the state of a claimed row, but for those that claim."""
    found: Moves = {}
    for path in WRITERS:
        for function in _functions(ast.parse((ROOT / path).read_text("utf-8"))):
            name = function.name.lstrip("_")
            for is_new, to in _written(function):
                for origin in ("[*]",) if is_new else _origins(name, to):
                    names = found.setdefault((origin, to), [])
                    names += [name] if name not in names else []
    return found


def _functions(within: ast.Module | ast.ClassDef) -> list[ast.FunctionDef]:
    """Those of a module, and the methods of its classes."""
    found = []
    for node in within.body:
        if isinstance(node, ast.FunctionDef):
            found.append(node)
        elif isinstance(node, ast.ClassDef):
            found += _functions(node)
    return found


def _origins(function: str, to: str) -> tuple[str, ...]:
    if to == "claimed":
        return "queued", "ambiguous", "claimed"
    return ("queued",) if function == "cancel" else ("claimed",)


def _written(function: ast.FunctionDef) -> list[tuple[bool, str]]:
    """The states that a function writes, and whether of a new row: `state=…` of a call, or `row.state = …`."""
    found: list[tuple[bool, str]] = []
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            is_new = isinstance(node.func, ast.Name) and node.func.id == "OutboxRow"
            found += [(is_new, name) for k in node.keywords if k.arg == "state" for name in _name(k.value)]
        if isinstance(node, ast.Assign):
            target, value = node.targets[0], node.value
            targets = target.elts if isinstance(target, ast.Tuple) else [target]
            values = value.elts if isinstance(value, ast.Tuple) else [value]
            for one, given in zip(targets, values, strict=False):
                if "state" in (getattr(one, "id", ""), getattr(one, "attr", "")):
                    found += [(False, name) for name in _name(given)]
    return found


def _name(value: ast.expr) -> list[str]:
    """`"sent"` or `OutboxState.SENT`; both of `a if … else b`."""
    if isinstance(value, ast.IfExp):
        return [*_name(value.body), *_name(value.orelse)]
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return [value.value]
    if isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name) and value.value.id == "OutboxState":
        return [value.attr.lower()]
    return []


def diagram(found: Moves, group: tuple[str, ...] = ()) -> str:
    """`group`: states that are drawn in one box; what leads out of all of them is drawn from the box."""
    keys = {name: name.replace(" ", "_") for pair in found for name in pair}
    titles = [f'    state "{name}" as {key}' for name, key in keys.items() if name != key]
    outside = {to: found[origin, to] for origin, to in found if origin in group and to not in group}
    inside = [f"        {a} --> {b}: {', '.join(found[a, b])}" for a, b in _steps(found, group)]
    box = ["    state under_way {", *inside, "    }"] if group else []
    leaving = [f"    under_way --> {keys[to]}: {', '.join(names)}" for to, names in outside.items()]
    assert all(found.get((one, to)) == names for one in group for to, names in outside.items()), "leaves from some only"
    others = {pair: names for pair, names in found.items() if pair[0] not in group}
    lines = [f"    {keys[a]} --> {keys[b]}: {', '.join(names)}" for (a, b), names in others.items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", *titles, *box, *lines, *leaving, "```"])


def _steps(found: Moves, group: tuple[str, ...]) -> list[tuple[str, str]]:
    """The moves within a group, without those that pass over a state between."""
    pairs = [(a, b) for a, b in found if a in group and b in group]
    return [(a, b) for a, b in pairs if not any((a, x) in pairs and (x, b) in pairs for x in group)]


def drawn() -> str:
    return "\n".join(
        [
            "**An emergency** (`promise.state`):",
            diagram(emergency_moves()),
            "**A page** (`Page.state`):",
            diagram(moves(page_state, about("page"))),
            "**A callback** (the last of its times; a report that was lost leaves its state out):",
            diagram(moves(callback_state, about("callback"), again=6), UNDER_WAY),
            "**An outbox row** (`outbox.state`; the functions that move it):",
            diagram(outbox_moves()),
            "",
        ]
    )


if __name__ == "__main__":
    raise SystemExit(keep(BEGIN, END, drawn(), "tools/states.py"))
