"""The policy in force: in plain words, whether it can keep its promise, as its file, and what it was before."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse

from app.auth.guard import page as requires
from app.auth.rights import Principal
from app.runtime import HERE, App, AppDep
from app.web.admin import policy_text as words
from app.web.base.language import language_of
from app.web.base.shell import show
from callbacks.lib.toml import FaultyFile, format_duration
from callbacks.policy.lint import lint, worst_case
from callbacks.policy.model import END_OF_DAY, Policy, read_policy
from callbacks.store.rows import PolicyRow
from callbacks.store.sql import checks

# What one version of the policy says otherwise than another: by key and value, whatever their files leave out.

MOST_LINES = 2000
Line = tuple[str, str]


def changes(old: str, new: str) -> list[Line]:
    """("-" or "+", line) for each value that differs. A file that this version cannot read is compared as text."""
    try:
        before, after = (list(lines_of(read_policy(text))) for text in (old, new))
    except FaultyFile:
        before, after = old.splitlines(), new.splitlines()
    found = list(difflib.unified_diff(before, after, lineterm="", n=0))[2:]
    return [(line[:1], line[1:]) for line in found if not line.startswith("@@")][:MOST_LINES]


def lines_of(policy: Policy) -> Iterator[str]:
    """`promise.callback_within = 30m`, one for each value."""
    yield from _lines("", policy)


def _lines(key: str, value: Any) -> Iterator[str]:
    if is_dataclass(value):
        for part in fields(value):
            yield from _lines(f"{key}.{part.name}".lstrip("."), getattr(value, part.name))
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield from _lines(f"{key}.{name}", part)
    elif isinstance(value, tuple) and any(is_dataclass(part) for part in value):
        for n, part in enumerate(value, 1):
            yield from _lines(f"{key}[{n}]", part)
    else:
        yield f"{key} = {_shown(value)}"


def _shown(value: Any) -> str:
    if isinstance(value, timedelta):
        return format_duration(value)
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    if value == END_OF_DAY:
        return "24:00"
    return str(value) if value != "" else '""'


router = APIRouter(include_in_schema=False)
Reader = Annotated[Principal, Depends(requires("policy.read"))]
PUBLISHED_FILE = HERE / "samples" / "policy.toml"


@router.get("/policy")
def policy(request: Request, app: AppDep, who: Reader) -> HTMLResponse:
    """What this process runs with."""
    language, running = language_of(request, who.language), app.context.policy
    with app.database.read() as session:
        rotations = app.context.duty(session).roster.rotation_names
        history = checks.versions(session)
    worst, known = worst_case(running), ", ".join(sorted(rotations))
    context = {
        "promise": list(words.promise(running, language)),
        "hours": list(words.hours(running, language)),
        "intake": list(words.intake(running, language)),
        "after": list(words.after(running, language)),
        "coverage": list(words.coverage(running, language)),
        "priorities": words.priorities(running, language),
        "steps": words.step_rows(running, worst, language),
        "left": words.length(language, worst.left),
        "faults": [words.fault(fault, known, language) for fault in lint(running, rotations or None)],
        "checked": bool(rotations),
        "text": text_of(app.context.policy_text),
        "is_published": not app.context.policy_text,
        "history": history,
        "differs": _differs(app, history),
    }
    return show(request, app, who, "policy.html", context)


@router.get("/policy/versions/{version}")
def version(version: int, request: Request, app: AppDep, who: Reader) -> HTMLResponse:
    """One that was in force, and what it changed of the one before."""
    with app.database.read() as session:
        history = checks.versions(session)
    place = next((n for n, row in enumerate(history) if row.id == version), None)
    if place is None:
        raise HTTPException(404, "There is no such version of the policy")
    row, before = history[place], history[place + 1] if place + 1 < len(history) else None
    until = history[place - 1].since if place else None
    lines = changes(before.text, row.text) if before else []
    context = {"row": row, "before": before, "until": until, "lines": lines, "text": text_of(row.text)}
    return show(request, app, who, "policy_version.html", context)


def text_of(text: str) -> str:
    """A policy's file; the published one's is the sample, which has every key."""
    return text or PUBLISHED_FILE.read_text("utf-8")


def _differs(app: App, history: Sequence[PolicyRow]) -> bool:
    """Another process was started later, with another policy."""
    return bool(history) and history[0].digest != checks.policy_digest(app.context.policy_text)
