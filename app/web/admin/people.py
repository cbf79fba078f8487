"""People: the roster's phones, who logs in, tokens, sessions, and the audit log."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from app.auth import login_throttle, passwords
from app.auth.guard import page
from app.auth.rights import ROLES, Principal
from app.runtime import App, AppDep
from app.web.base.shell import own_form, show
from callbacks.lib.sentence import Sentence, sentence
from callbacks.oncall.coverage import PhoneState, phones
from callbacks.store.errors import Conflict
from callbacks.store.sql import access_changes, audits, customers, people, sessions, tables, tokens, users
from callbacks.store.sql.transaction import Transaction

router = APIRouter(include_in_schema=False)
Reader = Annotated[Principal, Depends(page("people.read"))]
Changer = Annotated[Principal, Depends(page("people.change"))]
OwnForm = Annotated[FormData, Depends(own_form())]
Action = Callable[[Transaction, datetime, tables.User, str], str]
MOST_AUDITED = 100
GONE = sentence("That user no longer exists")


@router.get("/people")
def look(request: Request, app: AppDep, who: Reader, action: str = "") -> HTMLResponse:
    """Everything; `action` filters the audit log by its first word."""
    return _page(request, app, who, action=action)


@router.post("/people/users")
def add(request: Request, app: AppDep, who: Changer, form: OwnForm) -> Response:
    """A new user; the first password is shown once."""
    email, role = str(form.get("email") or "").strip(), str(form.get("role") or "")
    person = str(form.get("person") or "") or None
    if "@" not in email.strip("@") or len(email) > 254:
        return _page(request, app, who, fault=sentence("Give an e-mail address such as sue@example.com"))
    password = passwords.first_password()
    hashed = passwords.hashed(password)
    try:
        with app.database.write() as session:
            now = app.context.clock.now()
            if fault := _no_place(session, role, person):
                return _page(request, app, who, fault=fault)
            users.add(session, email, role, person, hashed, who.name, now)
            session.audits.put(now, who.name, "page", "user.added", users.spelled(email), role=role, person=person)
    except Conflict:
        return _page(request, app, who, fault=sentence("There is already a user with that address"))
    return _page(request, app, who, secret=password, secret_of=email)


@router.post("/people/users/{user_id}/role")
def another_role(user_id: int, request: Request, app: AppDep, who: Changer, form: OwnForm) -> Response:
    """What they may from now on, and who on the roster they are; every session of theirs ends, and
    every token that may do more."""
    role, person = str(form.get("role") or ""), str(form.get("person") or "") or None
    with app.database.write() as session:
        row, now = users.find(session, user_id), app.context.clock.now()
        fault = _not_theirs(row, who) or _no_place(session, role, person)
        if row is None or fault:
            return _page(request, app, who, fault=fault)
        access_changes.place(session, row, role, person, who.name, "page", now)
        session.audits.put(now, who.name, "page", "user.changed", row.email, role=role, person=person)
    return RedirectResponse("/people", 303)


@router.post("/people/users/{user_id}/{action}")
def change(user_id: int, action: str, request: Request, app: AppDep, who: Changer, form: OwnForm) -> Response:
    """disable, enable, reset or end (every session of theirs)."""
    act, done = ACTIONS.get(action, (None, ""))
    with app.database.write() as session:
        row, now = users.find(session, user_id), app.context.clock.now()
        fault = _not_theirs(row, who, or_own=action == "end")
        if row is None or act is None or fault:
            return _page(request, app, who, fault=fault or GONE)
        secret, email = act(session, now, row, who.name), row.email
        session.audits.put(now, who.name, "page", f"user.{done}", email)
    return _page(request, app, who, secret=secret, secret_of=email) if secret else RedirectResponse("/people", 303)


@router.post("/people/tokens")
def make_token(request: Request, app: AppDep, who: Changer, form: OwnForm) -> Response:
    """A new token; its secret is shown once."""
    role, name = str(form.get("role") or ""), str(form.get("name") or "").strip()[:64]
    days, person = str(form.get("days") or ""), str(form.get("person") or "") or None
    if not days.isdecimal() or not 1 <= int(days) <= 3650:
        return _page(request, app, who, fault=sentence("Choose between 1 and 3650 days"))
    with app.database.write() as session:
        now = app.context.clock.now()
        if fault := _no_place(session, role, person):
            return _page(request, app, who, fault=fault)
        secret = tokens.new_token(session, role, now, name, person, now + timedelta(days=int(days)), who.name)
        session.audits.put(now, who.name, "page", "token.made", name, role=role, person=person)
    return _page(request, app, who, secret=secret, secret_of=name or role)


@router.post("/people/tokens/{token_id}/revocation")
def revoke(token_id: str, app: AppDep, who: Changer, form: OwnForm) -> Response:
    """Worthless from now on."""
    with app.database.write() as session:
        now = app.context.clock.now()
        if tokens.revoke(session, token_id, now):
            session.audits.put(now, who.name, "page", "token.revoked", token_id)
    return RedirectResponse("/people", 303)


def _not_theirs(row: tables.User | None, who: Principal, or_own: bool = False) -> Sentence | None:
    """Why this user is not for them to change: nobody shuts themselves out, so one supervisor always stays."""
    if row is None:
        return GONE
    if row.id == who.user_id and not or_own:
        return sentence("Ask another supervisor to do that to your own account")
    return None


def _no_place(session: Transaction, role: str, person: str | None) -> Sentence | None:
    """Why nobody can have this role as this person."""
    if role not in ROLES:
        return sentence("Choose one of the roles")
    known = person is None or session.people.current_roster().person(person)
    return None if known else sentence("%(name)s is not on the roster", name=person)


def _disable(session: Transaction, now: datetime, row: tables.User, by: str) -> str:
    access_changes.disable(session, row, by, "page", now)
    return ""


def _enable(session: Transaction, now: datetime, row: tables.User, by: str) -> str:
    users.enable(row)
    return ""


def _reset(session: Transaction, now: datetime, row: tables.User, by: str) -> str:
    password = passwords.first_password()
    users.reset(session, row, passwords.hashed(password), now)
    login_throttle.forget_user(session, row)
    sessions.end_all(session, row.id, now)
    return password


def _end(session: Transaction, now: datetime, row: tables.User, by: str) -> str:
    sessions.end_all(session, row.id, now)
    return ""


ACTIONS: dict[str, tuple[Action, str]] = {
    "disable": (_disable, "disabled"),
    "enable": (_enable, "enabled"),
    "reset": (_reset, "reset"),
    "end": (_end, "logged-out"),
}


def _page(
    request: Request,
    app: App,
    who: Principal,
    *,
    fault: Sentence | None = None,
    secret: str = "",
    secret_of: str = "",
    action: str = "",
) -> HTMLResponse:
    now = app.context.clock.now()
    with app.database.read() as session:
        roster = session.people.current_roster()
        everybody = users.everybody(session)
        left = {name for u in everybody if u.disabled_at for name in (u.email, u.person or u.email)}
        context = {
            "gone": [t.id for t in tokens.everything(session) if t.person and not tokens.is_with_us(session, t.person)],
            "makers_gone": left,
            "times": audits.times,
            "roster": roster,
            "states": _states(session, app, now),
            "users": everybody,
            "open_sessions": {u.id: len(sessions.of_user(session, u.id, now)) for u in everybody},
            "tokens": tokens.everything(session),
            "audit": audits.latest(session, MOST_AUDITED, action or None),
            "blocked": [c for c in customers.everybody(session) if c.blocked_at] if who.may("customer.read") else [],
            "drilled": people.last_drills(session),
        }
    context |= {
        "roles": ROLES,
        "fault": fault,
        "secret": secret,
        "secret_of": secret_of,
        "action": action,
        "now": now,
        "may_change": who.may("people.change"),
        "own": who.user_id,
        "zone": roster.timezone,
    }
    answer = show(request, app, who, "people.html", context, 422 if fault else 200)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _states(session: Transaction, app: App, now: datetime) -> dict[str, PhoneState]:
    roster, drills = session.people.current_roster(), people.last_drills(session)
    return {s.name: s for s in phones(roster.people, session.people.sms_dead(), drills, now)}
