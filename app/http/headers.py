"""Headers of every answer, the hosts that we answer for, and the path of the public address."""

import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders

from app.http.peers import is_loopback
from app.http.problems import problem

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

    def __init__(self, app: Any, is_https: bool = False, more: Mapping[str, Mapping[str, str]] | None = None) -> None:
        """`more`: further headers by the beginning of a path."""
        self._app, self._is_https = app, is_https
        self._more = more or {}

    async def __call__(
        self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        guards = dict(HEADERS)
        if scope["type"] == "http":
            for beginning, further in self._more.items():
                if scope["path"].startswith(beginning):
                    guards |= further
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


# Pages answer under our own name only, so that a strange name made to point at us (DNS rebinding) reads nothing.
#
# - Ours are the public address's host and, on a connection that came by loopback, this machine's own names.
# - What brings a proof of its own is not asked: a signature over the configured address, a token, a secret in the
# address. Nor are the health addresses, which probes ask by number.
# - A slash at the end of a webhook's address changes nothing: it is signed as it came, and no redirect could follow.

WEBHOOKS = "/twilio/"
OWN_PROOF = (WEBHOOKS, "/media/", "/t/", "/calendar/", "/api/v1/")
PROBED = ("/healthz", "/readyz", "/metrics")

Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Hosts:
    """ASGI middleware around the product."""

    def __init__(self, app: Any, public_url: str) -> None:
        self._app, self._public_url = app, public_url
        self._ours = (urlsplit(public_url).hostname or "").lower()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(WEBHOOKS):
            scope["path"] = scope["path"].rstrip("/")  # in place: spans and figures read the route from here
        elif scope["type"] == "http" and not self._is_ours(scope):
            told = f"Nothing is under that name; open {self._public_url}. A proxy in front must pass Host on"
            await problem(400, told)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_ours(self, scope: Message) -> bool:
        if scope["path"].startswith(OWN_PROOF) or scope["path"] in PROBED:
            return True
        asked = _name([value for name, value in scope["headers"] if name == b"host"])
        by_loopback = is_loopback((scope.get("server") or ("",))[0] or "")
        return asked == self._ours or (by_loopback and is_loopback(asked))


def _name(hosts: list[bytes]) -> str:
    """The one name asked for, without its port; "" for none, several, or what is no name."""
    if len(hosts) != 1:
        return ""
    try:
        return (urlsplit(f"//{hosts[0].decode('ascii')}").hostname or "").lower()
    except ValueError:
        return ""


# The path of the public address, put before every address of ours that a browser gets.
#
# Pages, forms and redirects are written from the root. Where CALLBACKS_PUBLIC_URL has a path (`https://host/desk`),
# the proxy takes it off what comes in, and this puts it on what goes out. Texts, calls and feeds have the whole
# address.

# Words of people cannot look like this: their quotes are escaped.
FROM_ROOT = re.compile(rb'(\s(?:href|src|action|formaction)=")/(?!/)')


class Prefixed:
    """ASGI middleware around the pages; does nothing where the public address has no path."""

    def __init__(self, app: Any, public_url: str) -> None:
        self._app = app
        self._prefix = urlsplit(public_url).path.rstrip("/")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        answer = _Answer(self._prefix, send).send if self._prefix and scope["type"] == "http" else send
        await self._app(scope, receive, answer)


class _Answer:
    """One answer; a page's is held back until it is whole."""

    def __init__(self, prefix: str, send: Send) -> None:
        self._prefix, self._send = prefix, send
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if headers.get("location", "").startswith("/"):
                headers["location"] = self._prefix + headers["location"]
            if headers.get("content-type", "").startswith("text/html"):
                self._start = message
                return
        if self._start is None:
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if not message.get("more_body"):
            await self._send_page(self._start)

    async def _send_page(self, start: Message) -> None:
        body = FROM_ROOT.sub(rb"\g<1>" + self._prefix.encode() + b"/", self._body)
        if body:  # the answer to HEAD has none
            MutableHeaders(scope=start)["content-length"] = str(len(body))
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})
