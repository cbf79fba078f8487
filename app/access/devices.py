"""Browsers that a user has fully logged in with before: a signed cookie of their own, which lets nobody in.

Who brings one along does not wait for other people's wrong tries (`login_throttle`). It names the user, so that one
user's browser is nobody else's, and ends half a year after the last login.
"""

import secrets

from fastapi import Request
from fastapi.responses import Response
from itsdangerous import BadData, URLSafeTimedSerializer

from app.deps import Runtime
from callbacks.store import users

COOKIE, SECURE_COOKIE = "callbacks_device", "__Host-callbacks-device"
SECONDS = 180 * 24 * 3600


def device_of(request: Request, here: Runtime, user_id: int | None) -> str | None:
    """The id of this user's browser; None for one that has not logged in as this user before."""
    found = _read(request, here)
    return found[1] if found and user_id is not None and found[0] == user_id else None


def is_known(request: Request, here: Runtime) -> bool:
    """Whether somebody who may still log in has logged in with this browser before."""
    found = _read(request, here)
    if found is None:
        return False
    with here.world.database.read() as session:
        return users.may_log_in(session, found[0])


def remember(answer: Response, request: Request, here: Runtime, user_id: int) -> None:
    """Leaves the cookie, with the same id where there was one."""
    device = device_of(request, here, user_id) or secrets.token_hex(16)
    is_secure = here.settings.public_url.startswith("https")
    answer.set_cookie(
        cookie_name(here), str(_serializer(here).dumps([user_id, device])), max_age=SECONDS, path="/", httponly=True,
        secure=is_secure, samesite="lax",
    )  # fmt: skip


def _read(request: Request, here: Runtime) -> tuple[int, str] | None:
    try:
        owner, device = _serializer(here).loads(request.cookies.get(cookie_name(here), ""), max_age=SECONDS)
    except (BadData, ValueError, TypeError):
        return None
    return (owner, str(device)) if isinstance(owner, int) else None


def cookie_name(here: Runtime) -> str:
    return SECURE_COOKIE if here.settings.public_url.startswith("https") else COOKIE


def _serializer(here: Runtime) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(here.settings.signing_keys, salt="device")
