"""The address book, for supervisors: find, add, edit, import, block and unblock. Works without script."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, TypeVar
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData, UploadFile

from app.auth.guard import page as requires
from app.auth.rights import Principal
from app.runtime import App, AppDep
from app.web.base.shell import own_form, show
from callbacks.lib.phone import kept
from callbacks.lib.sentence import Language, sentence
from callbacks.lib.toml import Fault, FaultyFile
from callbacks.oncall.contacts import (
    COLUMNS,
    LONGEST_NOTES,
    LONGEST_REASON,
    UNSEEN,
    WORKS_OF_A_BLOCK,
    decoded,
    entry_of,
    read_book,
    said,
)
from callbacks.store.sql import customers
from callbacks.store.sql.transaction import Transaction

T = TypeVar("T")
MOST_SHOWN = 200
MOST_FAULTS = 50
MOST_FILE = 4 * 1024 * 1024
SAID = {
    "saved": "Saved.",
    "same": "No change.",
    "blocked": "Blocked.",
    "unblocked": "Unblocked: the next call is taken again.",
}
router = APIRouter(include_in_schema=False)
Reader = Annotated[Principal, Depends(requires("customer.read"))]
Supervisor = Annotated[Principal, Depends(requires("customer.change"))]
OwnForm = Annotated[FormData, Depends(own_form())]
OwnFile = Annotated[FormData, Depends(own_form(MOST_FILE))]
Words = Mapping[str, str]


@router.get("/customers")
def page(
    request: Request, app: AppDep, who: Reader, q: str = "", number: str = "", done: str = "", n: int = 0
) -> HTMLResponse:
    """The address book; `q` searches, `number` fills the form, `done` says what has just happened."""
    known = kept(number)
    with app.database.read() as session:
        row = session.customers.known(known)
    typed = {column: getattr(row, column) or "" for column in COLUMNS} if row else {"number": known or number}
    return _page(request, app, who, typed=typed, edits=row is not None, wanted=q, told=_said(done, n))


@router.post("/customers")
def save(request: Request, app: AppDep, who: Supervisor, form: OwnForm) -> Response:
    """Adds or edits one. Adding leaves what the form says nothing of; editing empties it."""
    typed, edits = _typed(form, COLUMNS), "edits" in form
    try:
        entry = entry_of({c: text for c, text in typed.items() if edits or text.strip() or c == "number"})
    except FaultyFile as faulty:
        return _page(request, app, who, faulty.faults, typed=typed, edits=edits)
    changes = _write(app, lambda session, now: customers.save(session, entry, who.name, who.via, now))
    return _back("saved" if changes else "same")


@router.post("/customers/import")
def take_file(request: Request, app: AppDep, who: Supervisor, form: OwnFile) -> Response:
    """Enters all of a CSV file, or nothing."""
    file = form.get("file")
    try:
        given = read_book(decoded(file.file.read() if isinstance(file, UploadFile) else b""))
    except FaultyFile as faulty:
        return _page(request, app, who, faulty.faults)
    changes = _write(app, lambda session, now: customers.take_file(session, given, who.name, who.via, now))
    return _back("imported", n=str(len(changes)))


@router.post("/customers/block")
def block(request: Request, app: AppDep, who: Supervisor, form: OwnForm) -> Response:
    """Ends a caller's calls from now on; needs a reason."""
    typed = _typed(form, ("number", "reason"))
    try:
        number, why = entry_of({"number": typed["number"]}).number, said("reason", typed["reason"], LONGEST_REASON)
    except FaultyFile as faulty:
        return _page(request, app, who, faulty.faults, blocking=typed)
    _write(app, lambda session, now: customers.block(session, number, who.name, why, who.via, now))
    return _back("blocked")


@router.post("/customers/unblock")
def unblock(request: Request, app: AppDep, who: Supervisor, form: OwnForm) -> Response:
    """Serves a caller again."""
    try:
        typed = _typed(form, ("number",))
        number = kept(typed["number"]) or entry_of(typed).number
    except FaultyFile as faulty:
        return _page(request, app, who, faulty.faults)
    was_blocked = _write(app, lambda session, now: customers.unblock(session, number, who.name, who.via, now))
    return _back("unblocked" if was_blocked else "same")


def _write(app: App, work: Callable[[Transaction, datetime], T]) -> T:
    """One transaction; tried again when somebody else was first."""

    return app.database.transact(lambda session: work(session, app.context.clock.now()))


def _said(done: str, n: int) -> str:
    if done == "imported":
        return sentence("Imported. Callers changed: %(n)s.", n=n)
    return SAID.get(done, "")


def _back(done: str, **more: str) -> RedirectResponse:
    return RedirectResponse(f"/customers?{urlencode({'done': done, **more})}", 303)


def _typed(form: FormData, names: Sequence[str]) -> dict[str, str]:
    """The named fields as text; what is missing or a file is empty."""
    found = {name: form.get(name, "") for name in names}
    return {name: text if isinstance(text, str) else "" for name, text in found.items()}


def _page(
    request: Request,
    app: App,
    who: Principal,
    faults: Sequence[Fault] = (),
    *,
    typed: Words | None = None,
    edits: bool = False,
    blocking: Words | None = None,
    wanted: str = "",
    told: str = "",
) -> HTMLResponse:
    """The page; with faults it answers 422, and what was typed stands in its form again."""
    wanted = wanted[:LONGEST_REASON]
    with app.database.read() as session:
        rows, count = customers.search(session, wanted, MOST_SHOWN)
        zone = app.context.duty(session).roster.timezone
    context = {
        "rows": rows,
        "count": count,
        "wanted": _visible(wanted),
        "told": told,
        "zone": zone,
        "edits": edits,
        "faults": faults[:MOST_FAULTS],
        "fault_count": len(faults),
        "typed": {name: _visible((typed or {}).get(name, "")) for name in COLUMNS},
        "blocking": {name: _visible((blocking or {}).get(name, "")) for name in ("number", "reason")},
        "spoken": tuple(Language),
        "columns": ", ".join(COLUMNS),
        "works": WORKS_OF_A_BLOCK,
    }
    return show(request, app, who, "customers.html", context, 422 if faults else 200)


def _visible(text: str) -> str:
    """What was typed, to show again: not endless, and without characters that no page may hold."""
    return UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text[:LONGEST_NOTES])
