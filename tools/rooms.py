"""Draws the rooms of the code in docs/architecture.md from its imports; with `--check` it only compares."""

import grimp

from tools.drawing import ROOT, keep

BEGIN, END = "<!-- rooms: made by tools/rooms.py -->\n", "<!-- end of rooms -->"


def room(module: str) -> str | None:
    """The folder a module is in; None for the files at the top of `app`, which start and join the others."""
    top, _, rest = module.partition(".")
    if top == "sandbox":
        return "sandbox"
    folder = rest.split(".")[0]
    if not folder or not (ROOT / top / folder).is_dir():
        return None
    return f"{top}/{folder}"


def arrows() -> set[tuple[str, str]]:
    """(from, to): who imports whom, without what follows from other arrows."""
    graph = grimp.build_graph("app", "callbacks", "sandbox")
    found: dict[str, set[str]] = {}
    for module in graph.modules:
        for target in graph.find_modules_directly_imported_by(module):
            here, there = room(module), room(target)
            if here and there and here != there:
                found.setdefault(here, set()).add(there)
    return {(a, b) for a in found for b in found[a] if not any(b in _reach(found, c) for c in found[a] - {b})}


def _reach(found: dict[str, set[str]], start: str) -> set[str]:
    seen, todo = set(), [start]
    while todo:
        for there in found.get(todo.pop(), set()) - seen:
            seen.add(there)
            todo.append(there)
    return seen


def drawn() -> str:
    """A Mermaid flowchart."""
    targets: dict[str, list[str]] = {"sandbox": []}
    for here, there in sorted(arrows()):
        targets.setdefault(here, []).append(there)
    lines = [f"    {here} --> {' & '.join(found)}" if found else f"    {here}" for here, found in targets.items()]
    return "\n".join(["```mermaid", "flowchart TD", *lines, "```", ""])


if __name__ == "__main__":
    raise SystemExit(keep(BEGIN, END, drawn(), "tools/rooms.py"))
