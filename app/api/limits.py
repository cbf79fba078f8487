"""How often a token may ask: so many reads and writes a minute, counted on all nodes together.

- Only tokens are counted. The carrier's webhooks, the health addresses and the pages never come here.
"""

import hashlib
import math
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.auth.guard import bearer, by_token
from app.runtime import App, AppDep
from callbacks.store import rates
from callbacks.store.sql.transaction import Transaction

WINDOW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many requests in any window."""

    kind: str
    limit: int


READS = Allowance("read", 600)
WRITES = Allowance("write", 120)


def spend(app: App, secret: str, rate: Allowance) -> dict[str, str]:
    """Counts one request; the headers that say how it stands, none for a token that is not valid. Raises 429."""
    if by_token(app, secret, "api") is None:
        return {}
    now = app.context.clock.now()
    key = f"{rate.kind}:{hashlib.sha256(secret.encode()).hexdigest()}"

    def once(session: Transaction) -> tuple[int, int, datetime]:
        return rates.take_rate(session, key[:80], 1, rate.limit, WINDOW, now)

    given, left, ends = app.database.transact(once)
    return _standing(rate, given > 0, left, max(1, math.ceil((ends - now).total_seconds())))


def limited(
    request: Request, app: AppDep, given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> None:
    """A router's dependency, before each route's check of rights: counts the request. Raises 429."""
    if given is None:
        return
    rate = READS if request.method == "GET" else WRITES
    request.state.rate = spend(app, given.credentials, rate)


def _standing(rate: Allowance, allowed: bool, left: int, seconds: int) -> dict[str, str]:
    headers = {"RateLimit-Limit": str(rate.limit), "RateLimit-Remaining": str(left), "RateLimit-Reset": str(seconds)}
    if allowed:
        return headers
    raise HTTPException(
        429,
        f"A token may {rate.kind} {rate.limit} times a minute; retry in {seconds} s",
        {**headers, "Retry-After": str(seconds)},
    )


# What every request to the API and to the health addresses passes, before any route: HEAD is answered as GET
# without its body, and the answer says how much of the rate is left.

PATHS = ("/api/", "/healthz", "/readyz", "/metrics")


class Gate:
    """ASGI middleware; leaves every other path alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PATHS):
            return await self._app(scope, receive, send)
        state = scope.setdefault("state", {})
        inner = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope
        await self._app(inner, receive, _told(send, state))


def _told(send: Send, state: MutableMapping[str, Any]) -> Callable[[Message], Awaitable[None]]:
    """Adds the rate's headers, once the request has been counted."""

    async def send_told(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in state.get("rate", {}).items():
                headers[name] = value
        await send(message)

    return send_told
