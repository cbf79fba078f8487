"""What every request to the API and to the health addresses passes, before any route: HEAD is answered as GET
without its body, and the answer says how much of the rate is left."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
