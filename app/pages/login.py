"""Coming in and going out: password, what is still asked after it (a new password, the second factor), logout."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from app.access import entry, passwords, second_factor, sso, strangers
from app.access.guard import by_session, cookie_name
from app.deps import Here, Runtime
from app.pages.choose_language import own_path
from app.pages.same_site import own_form
from app.pages.shell import show
from app.peers import address_of
from callbacks.sentence import Sentence, sentence
from callbacks.store import audits, sessions, strikes, users
from callbacks.store.received import storable
from callbacks.store.tables import SessionRow, UserRow

router = APIRouter(include_in_schema=False)
OwnForm = Annotated[FormData, Depends(own_form())]
WRONG_CODE = sentence("That code is not right now; wait for the next one and type all six digits")
UNEQUAL = sentence("The two new passwords are not the same; type them again")


@router.get("/login")
def login_form(request: Request, here: Here, next: str = "/") -> Response:
    """Asks for what is still missing: the password first, then what `entry.asks` says."""
    found = by_session(request, here)
    if found is None:
        return _page(request, here, "password-first", next)
    asked = None if found[0].passed else entry.asks(found[1])
    if asked is None:
        return RedirectResponse(own_path(next), 303)
    return _page(request, here, asked, next, user=found[1])


@router.post("/login")
def login(request: Request, here: Here, form: OwnForm) -> Response:
    """The password."""
    email, password = storable(str(form.get("email") or ""))[:254], str(form.get("password") or "")
    goal = own_path(str(form.get("next") or "/"))
    let = entry.by_password(request, here, email, password)
    if let.secret is None:
        return _page(request, here, "password-first", goal, let.fault, status=403, email=email)
    return keep(RedirectResponse(f"/login?next={goal}", 303), here, let.secret)


@router.post("/login/password")
def new_password(request: Request, here: Here, form: OwnForm) -> Response:
    """The first password is changed before anything else."""
    found, goal = by_session(request, here), own_path(str(form.get("next") or "/"))
    if found is None or found[0].passed or not found[1].must_change:
        return RedirectResponse("/login", 303)
    new, again = str(form.get("new") or ""), str(form.get("again") or "")
    fault = (UNEQUAL if new != again else None) or passwords.fault(new, found[1].email)
    if fault:
        return _page(request, here, "password", goal, fault, status=422, user=found[1])
    hashed = passwords.hashed(new)
    with here.world.database.write() as session:
        row = session.get(UserRow, found[1].id)
        assert row is not None
        row.password, row.must_change = hashed, False
        audits.put(session, here.world.clock.now(), row.email, "page", "password.changed")
    return _onwards(request, here, found[0], goal)


@router.post("/login/code")
def code(request: Request, here: Here, form: OwnForm) -> Response:
    """The second factor: enrolled with its first code, or asked for."""
    found, goal = by_session(request, here), own_path(str(form.get("next") or "/"))
    if found is None or found[0].passed:
        return RedirectResponse("/login", 303)
    user, now = found[1], here.world.clock.now()
    key = f"code:{user.id}:{address_of(request)}"[:80]
    may_try = strangers.may_try(here, key, now)
    step = second_factor.step_of(str(form.get("code") or ""), user.totp_secret or "", user.totp_step, now)
    if user.must_change or not may_try or step is None:
        asked = entry.asks(user) or "code"
        return _page(request, here, asked, goal, WRONG_CODE, status=403, user=user)
    with here.world.database.write() as session:
        row = session.get(UserRow, user.id)
        assert row is not None
        if not users.use_step(session, row.id or 0, step):
            return _page(request, here, entry.asks(user) or "code", goal, WRONG_CODE, status=403, user=user)
        if row.totp_since is None:
            row.totp_since = now
            audits.put(session, now, row.email, "page", "second-factor.enrolled")
        strikes.forget(session, key)
    return _onwards(request, here, found[0], goal, has_code=True)


@router.post("/logout")
def logout(request: Request, here: Here, form: OwnForm) -> Response:
    """Ends this session, here and on the server."""
    found = by_session(request, here)
    if found:
        with here.world.database.write() as session:
            sessions.end(session, found[0].id, here.world.clock.now())
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(cookie_name(here), path="/", secure=_secure(here), httponly=True, samesite="lax")
    return answer


def keep(answer: Response, here: Runtime, secret: str) -> Response:
    """Leaves the session's secret in a cookie that no script reads."""
    age = int(sessions.ABSOLUTE.total_seconds())
    answer.set_cookie(
        cookie_name(here), secret, max_age=age, path="/", httponly=True, secure=_secure(here), samesite="lax"
    )
    return answer


def _onwards(request: Request, here: Runtime, row: SessionRow, goal: str, has_code: bool = False) -> Response:
    """The next thing asked, or in: with a session of its own, the half one ends."""
    now: datetime = here.world.clock.now()
    with here.world.database.read() as session:
        user = session.get(UserRow, row.user_id)
    assert user is not None
    asked = entry.asks(user)
    if asked and not (asked == "code" and has_code):
        return RedirectResponse(f"/login?next={goal}", 303)
    secret = entry.begin(request, here, user, passed=True)
    with here.world.database.write() as session:
        sessions.end(session, row.id, now)
        audits.put(session, now, user.email, "page", "user.logged-in")
    return keep(RedirectResponse(goal, 303), here, secret)


def _page(
    request: Request, here: Runtime, asked: str, goal: str, fault: Sentence | None = None, *, status: int = 200,
    user: UserRow | None = None, email: str = "",
) -> HTMLResponse:  # fmt: skip
    context = {"asked": asked, "next": own_path(goal), "fault": fault, "email": email, "key": "", "picture": "",
               "sso": sso.is_set_up(here), "shortest": passwords.SHORTEST}  # fmt: skip
    if asked == "enrol" and user:
        secret = _secret_of(here, user)
        context |= {"key": secret, "picture": second_factor.picture(secret, user.email)}
    answer = show(request, here, None, "login.html", context, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _secret_of(here: Runtime, user: UserRow) -> str:
    """The one that waits to be enrolled."""
    if user.totp_secret:
        return user.totp_secret
    with here.world.database.write() as session:
        row = session.get(UserRow, user.id)
        assert row is not None
        row.totp_secret = row.totp_secret or second_factor.new_secret()
        return row.totp_secret


def _secure(here: Runtime) -> bool:
    return here.settings.public_url.startswith("https")
