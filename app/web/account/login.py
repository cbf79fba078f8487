"""Login and logout: password, then a new password or the second factor if required."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import httpx
import structlog
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from app.auth import login_steps, login_throttle, passwords, second_factor
from app.auth.guard import by_session, cookie_name
from app.auth.login_throttle import How, Why
from app.runtime import App, AppDep
from app.web.base.shell import own_form, own_path, show
from callbacks.lib.sentence import Sentence, sentence
from callbacks.store.received_form import storable
from callbacks.store.sql import sessions, strikes, tables, users
from callbacks.store.sql.strikes import Allowance

router = APIRouter(include_in_schema=False)
OwnForm = Annotated[FormData, Depends(own_form())]
WRONG_CODE = sentence("That code is not valid; wait for the next one and type all six digits")
AGAIN = sentence("Too many wrong codes; log in again with your password")
UNEQUAL = sentence("The two new passwords do not match; type them again")


@router.get("/login")
def login_form(request: Request, app: AppDep, next: str = "/") -> Response:
    """Asks for what is still missing: the password first, then what `entry.asks` says."""
    found = by_session(request, app)
    if found is None:
        return _page(request, app, "password-first", next)
    asked = None if found[0].passed else login_steps.asks(found[1])
    if asked is None:
        return RedirectResponse(own_path(next), 303)
    return _page(request, app, asked, next, user=found[1])


@router.post("/login")
def login(request: Request, app: AppDep, form: OwnForm) -> Response:
    """The password. Raises places.Busy."""
    email, password = storable(str(form.get("email") or ""))[:254], str(form.get("password") or "")
    goal = own_path(str(form.get("next") or "/"))
    with login_steps.PASSWORD.one(login_throttle.is_known(request, app)):
        let = login_steps.by_password(request, app, email, password)
    if let.secret is None:
        return _page(request, app, "password-first", goal, let.fault, status=403, email=email)
    answer = keep(RedirectResponse(f"/login?next={goal}", 303), app, let.secret)
    if let.user_id is not None:
        login_throttle.remember(answer, request, app, let.user_id)
    return answer


@router.post("/login/password")
def new_password(request: Request, app: AppDep, form: OwnForm) -> Response:
    """The first password is changed before anything else. Whoever else came in with it is out."""
    found, goal = by_session(request, app), own_path(str(form.get("next") or "/"))
    if found is None or found[0].passed or not found[1].must_change:
        return RedirectResponse("/login", 303)
    new, again = str(form.get("new") or ""), str(form.get("again") or "")
    fault = (UNEQUAL if new != again else None) or passwords.fault(new, found[1].email)
    if fault:
        return _page(request, app, "password", goal, fault, status=422, user=found[1])
    hashed = passwords.hashed(new)
    with app.database.write() as session:
        row = users.replace_first_password(session, found[1].id, hashed, app.context.clock.now())
        sessions.end_all(session, row.id, app.context.clock.now(), but=found[0].digest)
        session.audits.put(app.context.clock.now(), row.email, "page", "password.changed")
    return _onwards(request, app, found[0], goal)


@router.post("/login/code")
def code(request: Request, app: AppDep, form: OwnForm) -> Response:
    """The second factor: enrolled with its first code, or asked for."""
    found, goal = by_session(request, app), own_path(str(form.get("next") or "/"))
    if found is None or found[0].passed:
        return RedirectResponse("/login", 303)
    user, now = found[1], app.context.clock.now()
    if user.must_change:
        return RedirectResponse("/login", 303)
    asked = login_steps.asks(user) or "code"
    allowed = login_throttle.for_code(user.id, login_throttle.device_of(request, app, user.id))
    wait = login_throttle.wait(app, allowed, now)
    if wait:
        login_throttle.refused(app, user, Why.WAITING)
        return _page(request, app, asked, goal, login_steps.too_many(wait), status=403, user=user)
    step = second_factor.step_of(str(form.get("code") or ""), second_factor.secret_of(app, user), user.totp_step, now)
    if step is None or not _use_code(app, user, step, now):
        return _wrong_code(request, app, user, asked, goal, allowed)
    login_throttle.was_right(app, allowed)
    return _onwards(request, app, found[0], goal, has_code=True)


def _use_code(app: App, user: tables.User, step: int, now: datetime) -> bool:
    """Uses the code up, and enrols with the first one; False when it was used before."""
    with app.database.write() as session:
        row = users.find(session, user.id)
        if row is None or not users.use_step(session, row.id, step):
            return False
        if users.enrol_if_new(row, now):
            session.audits.put(now, row.email, "page", "second-factor.enrolled")
    return True


def _wrong_code(
    request: Request, app: App, user: tables.User, asked: str, goal: str, allowed: Mapping[str, Allowance]
) -> Response:
    """After `MOST_CODES` in a row the password is asked again, and people are told: whoever guesses has it."""
    login_throttle.refused(app, user, Why.CODE)
    with app.database.read() as session:
        in_a_row = max(strikes.in_a_row(session, key) for key in allowed)
    if in_a_row < login_throttle.MOST_CODES:
        return _page(request, app, asked, goal, WRONG_CODE, status=403, user=user)
    with app.database.write() as session:
        sessions.end_halves(session, user.id, app.context.clock.now())
    login_throttle.guessed_codes(app, user, in_a_row)
    return _page(request, app, "password-first", goal, AGAIN, status=403, email=user.email)


@router.post("/logout")
def logout(request: Request, app: AppDep, form: OwnForm) -> Response:
    """Ends this session, here and on the server."""
    found = by_session(request, app)
    if found:
        with app.database.write() as session:
            sessions.end(session, found[0].id, app.context.clock.now())
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(cookie_name(app), path="/", secure=_secure(app), httponly=True, samesite="lax")
    return answer


def keep(answer: Response, app: App, secret: str) -> Response:
    """Leaves the session's secret in a cookie that no script reads."""
    age = int(sessions.ABSOLUTE.total_seconds())
    answer.set_cookie(
        cookie_name(app), secret, max_age=age, path="/", httponly=True, secure=_secure(app), samesite="lax"
    )
    return answer


def _onwards(request: Request, app: App, row: tables.Session, goal: str, has_code: bool = False) -> Response:
    """The next thing asked, or in: with a session of its own, the half one ends."""
    now: datetime = app.context.clock.now()
    with app.database.read() as session:
        user = users.find(session, row.user_id)
    assert user is not None
    asked = login_steps.asks(user)
    if asked and not (asked == "code" and has_code):
        return RedirectResponse(f"/login?next={goal}", 303)
    secret = login_steps.begin(request, app, user, How.CODE if has_code else How.PASSWORD, passed=True)
    with app.database.write() as session:
        sessions.end(session, row.id, now)
    answer = keep(RedirectResponse(goal, 303), app, secret)
    login_throttle.remember(answer, request, app, user.id)
    return answer


def _page(
    request: Request,
    app: App,
    asked: str,
    goal: str,
    fault: Sentence | None = None,
    *,
    status: int = 200,
    user: tables.User | None = None,
    email: str = "",
) -> HTMLResponse:
    context = {
        "asked": asked,
        "next": own_path(goal),
        "fault": fault,
        "email": email,
        "key": "",
        "picture": "",
        "sso": login_steps.is_set_up(app),
        "shortest": passwords.SHORTEST,
    }
    if asked == "enrol" and user:
        secret = second_factor.to_enrol(app, user)
        context |= {"key": secret, "picture": second_factor.picture(secret, user.email)}
    answer = show(request, app, None, "login.html", context, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _secure(app: App) -> bool:
    return app.settings.public_url.startswith("https")


# The way to the company's own login and back.

log = structlog.get_logger()
NO = "The company login was refused; log in with your password, or ask a supervisor to add your address"


@router.get("/login/sso")
def leave(request: Request, app: AppDep, next: str = "/") -> Response:
    """Off to the provider. Raises places.Busy: a provider that does not answer holds up nothing else."""
    if not login_steps.is_set_up(app):
        raise HTTPException(404)
    try:
        with login_steps.PROVIDER.one(login_throttle.is_known(request, app)):
            address, cookie = login_steps.authorization_url(app, own_path(next))
    except (login_steps.Refused, ImportError) as why:
        log.warning("sso.unusable", why=str(why))
        raise HTTPException(503, NO) from None
    answer = RedirectResponse(address, 303)
    secure = app.settings.public_url.startswith("https")
    answer.set_cookie(
        login_steps.cookie_name(app),
        cookie,
        max_age=login_steps.TRIP_SECONDS,
        httponly=True,
        secure=secure,
        samesite="lax",
    )
    return answer


@router.get("/login/sso/back")
def back(request: Request, app: AppDep, state: str = "", code: str = "") -> Response:
    """Back with a code; the provider stands for the password, and for the second factor where it says so or nobody
    asks it to. Raises places.Busy."""
    if not login_steps.is_set_up(app):
        raise HTTPException(404)
    with login_steps.PROVIDER.one(login_throttle.is_known(request, app)):
        try:
            user, goal, is_strong = login_steps.handle_callback(
                app, state, code, request.cookies.get(login_steps.cookie_name(app), "")
            )
        except (login_steps.Refused, httpx.HTTPError, ImportError) as why:
            log.warning("sso.refused", why=str(why))
            login_throttle.refused(app, None, Why.SSO)
            raise HTTPException(403, NO) from None
    passed = is_strong or not login_steps.asks(user)
    secret = login_steps.begin(request, app, user, How.SSO, passed)
    answer = keep(RedirectResponse(goal if passed else f"/login?next={goal}", 303), app, secret)
    if passed:
        login_throttle.remember(answer, request, app, user.id)
    answer.delete_cookie(
        login_steps.cookie_name(app), secure=app.settings.public_url.startswith("https"), httponly=True
    )
    return answer
