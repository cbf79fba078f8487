"""The way to the company's own login and back."""

import httpx
import structlog
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from app.access import devices, entry, login_record, sso
from app.access.login_record import How, Why
from app.deps import Here
from app.pages.choose_language import own_path
from app.pages.login import keep

router = APIRouter(include_in_schema=False)
log = structlog.get_logger()
NO = "The company's login did not let you in; log in with your password, or ask a supervisor to add your address"


@router.get("/login/sso")
def leave(here: Here, next: str = "/") -> Response:
    """Off to the provider."""
    if not sso.is_set_up(here):
        raise HTTPException(404)
    try:
        address, cookie = sso.departure(here, own_path(next))
    except (sso.Refused, ImportError) as why:
        log.warning("sso.unusable", why=str(why))
        raise HTTPException(503, NO) from None
    answer = RedirectResponse(address, 303)
    secure = here.settings.public_url.startswith("https")
    answer.set_cookie(sso.COOKIE, cookie, max_age=sso.TRIP_SECONDS, httponly=True, secure=secure, samesite="lax")
    return answer


@router.get("/login/sso/back")
def back(request: Request, here: Here, state: str = "", code: str = "") -> Response:
    """Back with a code; the provider stands for the password and the second factor."""
    if not sso.is_set_up(here):
        raise HTTPException(404)
    try:
        user, goal = sso.arrival(here, state, code, request.cookies.get(sso.COOKIE, ""))
    except (sso.Refused, httpx.HTTPError) as why:
        log.warning("sso.refused", why=str(why))
        login_record.refused(here, None, Why.SSO)
        raise HTTPException(403, NO) from None
    secret = entry.begin(request, here, user, How.SSO, passed=True)
    answer = keep(RedirectResponse(goal, 303), here, secret)
    devices.remember(answer, request, here, user.id or 0)
    answer.delete_cookie(sso.COOKIE)
    return answer
