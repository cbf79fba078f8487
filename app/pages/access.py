"""Who may look, and change: anybody at a sandbox on their own desk; else whoever has pasted an API token."""

from typing import Annotated

from fastapi import Depends, HTTPException, Request
from fastapi.responses import RedirectResponse

from app.deps import Here
from callbacks.store.tokens import role_of

COOKIE = "callbacks_token"


def viewer(request: Request, here: Here) -> str:
    """The role of who looks. Raises 303 to the token form."""
    if here.settings.in_sandbox:
        return "supervisor"
    secret = request.cookies.get(COOKIE)
    if secret:
        with here.world.database.read() as session:
            role = role_of(session, secret, here.world.clock.now())
        if role:
            return role
    raise HTTPException(303, headers={"Location": "/token"})


def supervisor(here: Here, role: Annotated[str, Depends(viewer)]) -> str:
    """The name that is put down for what a supervisor does. Raises 403 for other roles."""
    if role != "supervisor":
        raise HTTPException(403, "This page is for supervisors; make a token: callbacks token new --role supervisor")
    return "sandbox" if here.settings.in_sandbox else role


def keep(answer: RedirectResponse, secret: str, secure: bool) -> RedirectResponse:
    """Leaves the token in a cookie that no script reads."""
    answer.set_cookie(COOKIE, secret, max_age=12 * 3600, httponly=True, secure=secure, samesite="strict")
    return answer
