"""One's own account: password, second factor, language, and the browsers that are logged in."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from app.auth import login_throttle, passwords, second_factor
from app.auth.guard import by_session, page
from app.auth.rights import Principal, sees_everything
from app.runtime import App, AppDep
from app.web.account.login import UNEQUAL, WRONG_CODE
from app.web.base.shell import own_form, show
from callbacks.lib.sentence import Sentence, sentence
from callbacks.messages.catalog import LANGUAGES
from callbacks.oncall.roster import Role
from callbacks.store.sql import audits, sessions, tables, users

router = APIRouter(include_in_schema=False)
Own = Annotated[Principal, Depends(page("account.own"))]
OwnForm = Annotated[FormData, Depends(own_form())]
NOT_YOURS = sentence("The current password is wrong; type it again")
SAID = {
    "password": "Password changed; other browsers are logged out.",
    "factor": "The second factor is set up.",
    "removed": "The second factor is removed.",
    "ended": "That browser is logged out.",
    "language": "Saved.",
}
MOST_LOGINS = 10
NEEDED = sentence("Supervisors and auditors need a second factor; ask for a reset to change it")


@router.get("/account")
def account(request: Request, app: AppDep, who: Own, done: str = "") -> HTMLResponse:
    """What may be changed."""
    return _page(request, app, who, told=SAID.get(done, ""))


@router.post("/account/password")
def change_password(request: Request, app: AppDep, who: Own, form: OwnForm) -> Response:
    """A new password; every other session ends."""
    row, user = _mine(request, app)
    new, again = str(form.get("new") or ""), str(form.get("again") or "")
    fault = (UNEQUAL if new != again else None) or passwords.fault(new, user.email)
    now = app.context.clock.now()
    if not _is_theirs(app, now, form, user):
        fault = NOT_YOURS
    if fault:
        return _page(request, app, who, fault=fault)
    hashed = passwords.hashed(new)
    with app.database.write() as session:
        users.change_password(session, user.id, hashed, now)
        sessions.end_all(session, user.id, now, but=row.digest)
        session.audits.put(now, who.name, "page", "password.changed")
    return _back("password")


@router.post("/account/factor")
def factor(request: Request, app: AppDep, who: Own, form: OwnForm) -> Response:
    """Sets the second factor up with its first code, or takes it away where it is not needed."""
    _, user = _mine(request, app)
    now = app.context.clock.now()
    if user.password and not _is_theirs(app, now, form, user):
        return _page(request, app, who, fault=NOT_YOURS)
    if "remove" in form:
        return _removed(request, app, who, user)
    step = second_factor.step_of(str(form.get("code") or ""), second_factor.secret_of(app, user), user.totp_step, now)
    allowed = login_throttle.from_within("own-code", user.id)
    if login_throttle.wait(app, allowed, now) or step is None:
        return _page(request, app, who, fault=WRONG_CODE)
    with app.database.write() as session:
        users.enrol(session, user.id, step, now)
        session.audits.put(now, who.name, "page", "second-factor.enrolled")
    login_throttle.was_right(app, allowed)
    return _back("factor")


def _is_theirs(app: App, now: datetime, form: FormData, user: tables.User) -> bool:
    """Whether the present password was given: counted before it is looked at."""
    allowed = login_throttle.from_within("own", user.id)
    if login_throttle.wait(app, allowed, now) or not passwords.is_right(str(form.get("old") or ""), user.password):
        return False
    login_throttle.was_right(app, allowed)
    return True


@router.post("/account/language")
def language(request: Request, app: AppDep, who: Own, form: OwnForm) -> Response:
    """The language of one's pages, where no cookie says otherwise."""
    _, user = _mine(request, app)
    wanted = str(form.get("language") or "")
    with app.database.write() as session:
        users.change_language(session, user.id, wanted if wanted in LANGUAGES else None)
    return _back("language")


@router.post("/account/end")
def end(request: Request, app: AppDep, who: Own, form: OwnForm) -> Response:
    """Logs one of one's own browsers out."""
    _, user = _mine(request, app)
    now = app.context.clock.now()
    with app.database.write() as session:
        mine = {row.id for row in sessions.of_user(session, user.id, now)}
        wanted = str(form.get("session") or "")
        if wanted in mine:
            sessions.end(session, wanted, now)
            session.audits.put(now, who.name, "page", "session.ended", wanted)
    return _back("ended")


def _removed(request: Request, app: App, who: Principal, user: tables.User) -> Response:
    if sees_everything(Role(user.role)):
        return _page(request, app, who, fault=NEEDED)
    with app.database.write() as session:
        users.remove_second_factor(session, user.id)
        session.audits.put(app.context.clock.now(), who.name, "page", "second-factor.removed")
    return _back("removed")


def _mine(request: Request, app: App) -> tuple[tables.Session, tables.User]:
    """Raises 404 at a sandbox, where nobody has an account."""
    found = by_session(request, app)
    if found is None:
        raise HTTPException(404, "Nobody is logged in here; this sandbox needs no account")
    return found


def _back(done: str) -> RedirectResponse:
    return RedirectResponse(f"/account?done={done}", 303)


def _page(request: Request, app: App, who: Principal, fault: Sentence | None = None, told: str = "") -> HTMLResponse:
    row, user = _mine(request, app)
    secret = "" if user.totp_since else second_factor.to_enrol(app, user)
    with app.database.read() as session:
        mine = sessions.of_user(session, user.id, app.context.clock.now())
        logins = audits.of_logins(session, user.email, MOST_LOGINS)
    has_factor = user.totp_since is not None
    context = {
        "logins": logins,
        "times": audits.times,
        "refused": login_throttle.REFUSED,
        "user": user,
        "sessions": mine,
        "here_id": row.id,
        "has_factor": has_factor,
        "fault": fault,
        "told": told,
        "key": "" if has_factor else secret,
        "may_remove": not sees_everything(Role(user.role)),
        "shortest": passwords.SHORTEST,
        "has_password": user.password is not None,
        "picture": "" if has_factor else second_factor.picture(secret, user.email),
    }
    answer = show(request, app, who, "account.html", context, 422 if fault else 200)
    answer.headers["Cache-Control"] = "no-store"
    return answer
