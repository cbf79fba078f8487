"""How often a token may ask: so many reads and writes a minute, counted on all nodes together.

- A node takes the window's allowance in small blocks from the table, so that most requests write nothing. The limit
  is never passed; with several nodes a token may be told a block too early that it is reached.
- Only tokens are counted. The carrier's webhooks, the health addresses and the pages never come here.
"""

import hashlib
import math
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.auth.guard import bearer, by_token
from app.runtime import Here, Runtime
from callbacks.store import rates
from callbacks.store.database import with_retries

WINDOW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many requests in any window; a node takes `block` of them at a time."""

    kind: str
    limit: int
    block: int


READS = Allowance("read", 600, 20)
WRITES = Allowance("write", 120, 4)


@dataclass(slots=True)
class _Held:
    """What this node holds for a token: `left` of its block, `shared` still in the table, until `ends`."""

    left: int
    shared: int
    ends: datetime


class Limits:
    """The blocks that this node holds; one object for the process."""

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}
        self._lock = threading.Lock()

    def spend(self, here: Runtime, secret: str, rate: Allowance) -> dict[str, str]:
        """Counts one request; the headers that say how it stands, none for a token that is not valid. Raises 429."""
        now = here.world.clock.now()
        key = f"{rate.kind}:{hashlib.sha256(secret.encode()).hexdigest()}"
        found = self._from_block(key, now)
        if found is None:
            if by_token(here, secret, "api") is None:
                return {}
            self._fetch(here, key, rate, now)
            found = self._from_block(key, now) or (False, 0, now + WINDOW)
        allowed, left, ends = found
        return _standing(rate, allowed, left, max(1, math.ceil((ends - now).total_seconds())))

    def _from_block(self, key: str, now: datetime) -> tuple[bool, int, datetime] | None:
        """(allowed, left, end of the window) as far as this node knows; None when the table must be asked."""
        with self._lock:
            held = self._held.get(key)
            if held is None or now >= held.ends or (held.left == 0 and held.shared > 0):
                return None
            allowed = held.left > 0
            held.left -= allowed
            return allowed, held.left + held.shared, held.ends

    def _fetch(self, here: Runtime, key: str, rate: Allowance, now: datetime) -> None:
        def once() -> tuple[int, int, datetime]:
            with here.world.database.write() as session:
                return rates.take_rate(session, key[:80], rate.block, rate.limit, WINDOW, now)

        given, shared, ends = with_retries(once)
        with self._lock:
            held = self._held.get(key)
            kept = held.left if held and held.ends == ends else 0
            self._held[key] = _Held(kept + given, shared, ends)


def limited(
    request: Request, here: Here, given: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> None:
    """A router's dependency, before the door of each route: counts the request. Raises 429."""
    if given is None:
        return
    limits: Limits = request.app.state.limits
    rate = READS if request.method == "GET" else WRITES
    request.state.rate = limits.spend(here, given.credentials, rate)


def _standing(rate: Allowance, allowed: bool, left: int, seconds: int) -> dict[str, str]:
    headers = {"RateLimit-Limit": str(rate.limit), "RateLimit-Remaining": str(left), "RateLimit-Reset": str(seconds)}
    if allowed:
        return headers
    raise HTTPException(
        429,
        f"A token may {rate.kind} {rate.limit} times a minute; ask again in {seconds} s",
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
    """Adds the rate's headers, once a route's door has counted the request."""

    async def send_told(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in state.get("rate", {}).items():
                headers[name] = value
        await send(message)

    return send_told
