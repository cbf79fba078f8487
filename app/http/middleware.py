"""What every request passes: bounds of its body and its time, the headers of its answer, and the hosts we answer for.

- No request costs more than it is worth.
- A body of more than `MOST_BYTES` (more where a file is taken) ends in 413 before it is read whole, told or not.
- A body that is not there after `BODY_SECONDS` ends in 408; a head that is not there `HEAD_SECONDS` after it was begun
  ends the connection (`PatientProtocol`), be it the first one or a later one.
- A head of more than `MOST_HEAD` ends in 431. Of its cookies only ours are passed on, and none in quotes, which we
  never write: many a Python reads those in quadratic time (CVE-2024-7592, seconds for 30 KB).
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import urlsplit

import h11
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from uvicorn.protocols.http.h11_impl import H11Protocol

from app.http.peers import is_loopback
from app.http.problems import problem

MOST_BYTES = 64 * 1024
MOST_FILE = 5 * 1024 * 1024
MOST_HEAD = 16 * 1024
COOKIE_OF_OURS = re.compile(rb"\s*(__Host-|__Secure-)?callbacks[a-z_-]*=[^\"\\\\]*")
TAKES_FILES = ("/customers/import",)
BODY_SECONDS = 10.0
HEAD_SECONDS = 10.0

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class _Refused(HTTPException):
    """An HTTPException, because FastAPI turns any other error of a body into a 400. The connection ends with it:
    what is still coming is not read."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(status, detail, {"Connection": "close"})


class Bounds:
    """ASGI middleware around the product."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = MOST_FILE if scope["path"] in TAKES_FILES else MOST_BYTES
        body, began = _Body(receive, most), False

        async def sending(message: Message) -> None:
            nonlocal began
            began = True
            await send(message)

        try:
            _refuse_large_head(scope)
            _refuse_nul(scope)
            body.refuse_told_size(scope["headers"])
            # In place: spans and figures read the route from this scope.
            scope["headers"] = _without_other_cookies(scope["headers"])
            await self._app(scope, body.receive, sending)
        except _Refused as refused:
            if not began:
                answer = problem(refused.status_code, refused.detail, refused.headers)
                await answer(scope, body.receive, send)


def _refuse_nul(scope: Message) -> None:
    """PostgreSQL takes no NUL. The carrier's requests are for their signature to judge."""
    path, query = scope["path"], scope.get("query_string", b"")
    if ("\0" in path or b"%00" in query) and not path.startswith("/twilio/"):
        raise _Refused(400, "An address holds no NUL character")


def _refuse_large_head(scope: Message) -> None:
    """Raises _Refused. The server's own bound holds only for heads that come in pieces."""
    target = len(scope.get("raw_path") or b"") + len(scope["query_string"])
    if target + sum(len(name) + len(value) + 4 for name, value in scope["headers"]) > MOST_HEAD:
        raise _Refused(431, f"At most {MOST_HEAD // 1024} KiB of headers are taken; delete this site's cookies")


def _without_other_cookies(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    kept = []
    for name, value in headers:
        if name == b"cookie":
            value = b";".join(part for part in value.split(b";") if COOKIE_OF_OURS.fullmatch(part))
        kept.append((name, value))
    return kept


class _Body:
    """Reads on behalf of the application, within bounds. Raises _Refused."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive, self._most, self._size, self._whole = receive, most, 0, False
        self._until = asyncio.get_running_loop().time() + BODY_SECONDS

    def refuse_told_size(self, headers: list[tuple[bytes, bytes]]) -> None:
        told = next((value for name, value in headers if name == b"content-length"), b"0")
        if told.isdigit() and int(told) > self._most:
            raise self._too_large()

    async def receive(self) -> Message:
        if self._whole:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            raise _Refused(408, f"Send the body within {BODY_SECONDS:.0f} s") from None
        self._size += len(message.get("body", b""))
        self._whole = not message.get("more_body", False)
        if self._size > self._most:
            raise self._too_large()
        return message

    def _too_large(self) -> _Refused:
        return _Refused(413, f"The limit is {self._most // 1024} KiB")


class PatientProtocol(H11Protocol):
    """HTTP/1.1 that waits so long for a request's head, and no longer: uvicorn itself waits for ever, and no setting of
    it says otherwise (docs/decisions/0016)."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._head_is_begun():
            self._wait()
        else:
            self._wait_no_more()

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_no_more()
        super().connection_lost(exc)

    def _head_is_begun(self) -> bool:
        """Part of a head is here, and nothing else is going on."""
        return self.conn.their_state is h11.IDLE and bool(self.conn.trailing_data[0])

    def _wait(self) -> None:
        """From the head's first byte: a further one gives no more time."""
        if self._waiting is None:
            self._waiting = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _wait_no_more(self) -> None:
        if self._waiting:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        if not self.transport.is_closing():
            self.transport.close()


# Headers of every answer, the hosts that we answer for, and the path of the public address.

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
