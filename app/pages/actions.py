"""What a supervisor may change on an emergency's page. Each is a command like any other: refused with a reason, or
a fact with the supervisor's name."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from app.deps import Here, Runtime
from app.pages.access import supervisor
from app.pages.same_site import own_form
from callbacks.engine.intake import take_in
from callbacks.inputs import Commanded
from callbacks.store import emergencies

router = APIRouter(include_in_schema=False)
Supervisor = Annotated[str, Depends(supervisor)]
OwnForm = Annotated[FormData, Depends(own_form())]
COVERAGES = ("inside", "outside", "billable")
LONGEST = 2000


@router.post("/emergencies/{ref}/coverage")
def coverage(ref: str, here: Here, by: Supervisor, form: OwnForm) -> Response:
    """Which product it is about, and whether the policy covers it."""
    product, covered = str(form.get("product") or "") or None, str(form.get("coverage") or "")
    known = here.world.policy.coverage.named
    if covered not in COVERAGES:
        raise HTTPException(422, f"coverage is one of {', '.join(COVERAGES)}")
    if product and product not in known:
        raise HTTPException(422, f"product is one of the policy's: {', '.join(known)}")
    return _take(here, ref, by, "cover", product=product, coverage=covered)


@router.post("/emergencies/{ref}/priority")
def priority(ref: str, here: Here, by: Supervisor, form: OwnForm) -> Response:
    """A new priority, with its reason. The original clock goes on."""
    wanted = str(form.get("priority") or "")
    if wanted not in here.world.policy.priorities:
        raise HTTPException(422, f"priority is one of {', '.join(here.world.policy.priorities)}")
    if not _words(form, "reason"):
        raise HTTPException(422, "A change of priority needs a reason")
    return _take(here, ref, by, "priority", priority=wanted, words=_words(form, "reason"))


@router.post("/emergencies/{ref}/note")
def note(ref: str, here: Here, by: Supervisor, form: OwnForm) -> Response:
    """Words for the story."""
    return _take(here, ref, by, "note", words=_words(form, "words"))


@router.post("/emergencies/{ref}/resolution")
def resolution(ref: str, here: Here, by: Supervisor, form: OwnForm) -> Response:
    """Resolved, or worked around."""
    words = _words(form, "words")
    return _take(here, ref, by, "done", words=f"workaround {words}" if form.get("how") == "workaround" else words)


@router.post("/emergencies/{ref}/withdrawal")
def withdrawal(ref: str, here: Here, by: Supervisor, form: OwnForm) -> Response:
    """Nothing more is owed, for this reason."""
    reason = _words(form, "reason")
    if not reason:
        raise HTTPException(422, "A withdrawal needs a reason")
    return _take(here, ref, by, "withdraw", words=reason)


def _words(form: FormData, name: str) -> str:
    return str(form.get(name) or "").replace("\x00", "").strip()[:LONGEST]


def _take(here: Runtime, ref: str, by: str, command: str, **facts: str | None) -> Response:
    with here.world.database.read() as session:
        row = emergencies.by_ref(session, ref)
    if row is None or row.id is None:
        raise HTTPException(404, f"There is no emergency {ref}; a reference looks like E-000042")
    said = Commanded(at=here.world.clock.now(), by=by, role="supervisor", command=command, via="page", **facts)  # type: ignore[arg-type]
    taken = take_in(here.world, row.id, said)
    if taken and taken.decision.answer and taken.decision.answer.refused:
        raise HTTPException(409, f"{ref} cannot take that now ({taken.decision.answer.about})")
    return RedirectResponse(f"/emergencies/{ref}", 303)
