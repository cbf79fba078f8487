"""The policy in force: in plain words, whether it can keep its promise, as its file, and what it was before."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse

from app.auth.guard import page as door
from app.auth.rights import Principal
from app.deps import HERE, Here, Runtime
from app.pages import policy_words as words
from app.pages.language import language_of
from app.pages.policy_changes import changes
from app.pages.shell import show
from callbacks.policy.lint import lint, worst_case
from callbacks.store import checks
from callbacks.store.tables import PolicyRow

router = APIRouter(include_in_schema=False)
Reader = Annotated[Principal, Depends(door("policy.read"))]
PUBLISHED_FILE = HERE / "samples" / "policy.toml"


@router.get("/policy")
def policy(request: Request, here: Here, who: Reader) -> HTMLResponse:
    """What this process runs with."""
    language, running = language_of(request, who.language), here.world.policy
    with here.world.database.read() as session:
        rotations = here.world.duty(session).roster.rotation_names
        history = checks.versions(session)
    worst, known = worst_case(running), ", ".join(sorted(rotations))
    context = {
        "promise": list(words.promise(running, language)), "hours": list(words.hours(running, language)),
        "intake": list(words.intake(running, language)), "after": list(words.after(running, language)),
        "coverage": list(words.coverage(running, language)), "priorities": words.priorities(running, language),
        "rungs": words.rungs(running, worst, language), "left": words.length(language, worst.left),
        "faults": [words.fault(fault, known, language) for fault in lint(running, rotations or None)],
        "checked": bool(rotations), "text": text_of(here.world.policy_text), "is_published": not here.world.policy_text,
        "history": history, "differs": _differs(here, history),
    }  # fmt: skip
    return show(request, here, who, "policy.html", context)


@router.get("/policy/versions/{version}")
def version(version: int, request: Request, here: Here, who: Reader) -> HTMLResponse:
    """One that was in force, and what it changed of the one before."""
    with here.world.database.read() as session:
        history = checks.versions(session)
    place = next((n for n, row in enumerate(history) if row.id == version), None)
    if place is None:
        raise HTTPException(404, "There is no such version of the policy")
    row, before = history[place], history[place + 1] if place + 1 < len(history) else None
    until = history[place - 1].since if place else None
    lines = changes(before.text, row.text) if before else []
    context = {"row": row, "before": before, "until": until, "lines": lines, "text": text_of(row.text)}
    return show(request, here, who, "policy_version.html", context)


def text_of(text: str) -> str:
    """A policy's file; the published one's is the sample, which has every key."""
    return text or PUBLISHED_FILE.read_text("utf-8")


def _differs(here: Runtime, history: Sequence[PolicyRow]) -> bool:
    """Another process was started later, with another policy."""
    return bool(history) and history[0].digest != checks.policy_digest(here.world.policy_text)
