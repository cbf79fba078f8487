"""The way to the company's own login and back."""

import httpx
import structlog
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from app.auth import login_steps, login_throttle, sso
from app.auth.login_throttle import How, Why
from app.deps import Here
from app.pages.choose_language import own_path
from app.pages.login import keep

router = APIRouter(include_in_schema=False)
log = structlog.get_logger()
NO = "The company's login did not let you in; log in with your password, or ask a supervisor to add your address"


@router.get("/login/sso")
def leave(request: Request, here: Here, next: str = "/") -> Response:
    """Off to the provider. Raises places.Busy: a provider that does not answer holds up nothing else."""
    if not sso.is_set_up(here):
        raise HTTPException(404)
    try:
        with login_steps.PROVIDER.one(login_throttle.is_known(request, here)):
            address, cookie = sso.departure(here, own_path(next))
    except (sso.Refused, ImportError) as why:
        log.warning("sso.unusable", why=str(why))
        raise HTTPException(503, NO) from None
    answer = RedirectResponse(address, 303)
    secure = here.settings.public_url.startswith("https")
    answer.set_cookie(
        sso.cookie_name(here), cookie, max_age=sso.TRIP_SECONDS, httponly=True, secure=secure, samesite="lax"
    )
    return answer


@router.get("/login/sso/back")
def back(request: Request, here: Here, state: str = "", code: str = "") -> Response:
    """Back with a code; the provider stands for the password, and for the second factor where it says so or nobody
    asks it to. Raises places.Busy."""
    if not sso.is_set_up(here):
        raise HTTPException(404)
    with login_steps.PROVIDER.one(login_throttle.is_known(request, here)):
        try:
            user, goal, is_strong = sso.arrival(here, state, code, request.cookies.get(sso.cookie_name(here), ""))
        except (sso.Refused, httpx.HTTPError, ImportError) as why:
            log.warning("sso.refused", why=str(why))
            login_throttle.refused(here, None, Why.SSO)
            raise HTTPException(403, NO) from None
    passed = is_strong or not login_steps.asks(user)
    secret = login_steps.begin(request, here, user, How.SSO, passed)
    answer = keep(RedirectResponse(goal if passed else f"/login?next={goal}", 303), here, secret)
    if passed:
        login_throttle.remember(answer, request, here, user.id or 0)
    answer.delete_cookie(sso.cookie_name(here), secure=here.settings.public_url.startswith("https"), httponly=True)
    return answer
