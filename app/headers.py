"""Every answer carries the same guards, unless a route has set its own; under a link's address, more of them."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.datastructures import MutableHeaders

from app.pages import technician

POLICY = (
    "default-src 'self'; style-src 'self'; script-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self), payment=()",
}
HTTPS_ONLY = "max-age=31536000; includeSubDomains"
KEPT = ("/static/", "/sandbox/")
Message = MutableMapping[str, Any]


class Headers:
    """ASGI middleware: plain, because one that wraps requests would turn a refusal while reading into a failure."""

    def __init__(self, app: Any, is_https: bool = False) -> None:
        self._app, self._is_https = app, is_https

    async def __call__(
        self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        is_link = scope["type"] == "http" and scope["path"].startswith(technician.PATH)
        guards = HEADERS | technician.HEADERS if is_link else dict(HEADERS)
        if self._is_https:
            guards["Strict-Transport-Security"] = HTTPS_ONLY
        if scope["type"] == "http" and not scope["path"].startswith(KEPT):
            guards.setdefault("Cache-Control", "no-store")

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in guards.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, sending)
