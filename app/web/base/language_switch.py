"""The language switch: a cookie, and back to where one was."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from app.runtime import AppDep
from app.web.base.language import COOKIE, SECURE_COOKIE
from app.web.base.shell import own_form
from callbacks.messages.catalog import LANGUAGES

router = APIRouter(include_in_schema=False)
YEAR = 365 * 24 * 3600


@router.post("/language")
def choose(app: AppDep, form: Annotated[FormData, Depends(own_form())]) -> RedirectResponse:
    """Keeps the choice for a year."""
    answer = RedirectResponse(own_path(str(form.get("next") or "/")), 303)
    wanted = str(form.get("language") or "")
    if wanted in LANGUAGES:
        secure = app.settings.public_url.startswith("https")
        answer.set_cookie(
            SECURE_COOKIE if secure else COOKIE, wanted, max_age=YEAR, httponly=True, secure=secure, samesite="lax"
        )
    return answer


def own_path(wanted: str) -> str:
    """A path of ours, or the board: never another site's address."""
    is_ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and "\\" not in wanted
    return wanted if is_ours and wanted.isprintable() else "/"
