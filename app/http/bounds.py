"""No request costs more than it is worth: a bounded body, and bounded time to send it.

- A body of more than `MOST_BYTES` (more where a file is taken) ends in 413 before it is read whole, told or not.
- A body that is not there after `BODY_SECONDS` ends in 408; a head that is not there `HEAD_SECONDS` after it was begun
  ends the connection (`PatientProtocol`), be it the first one or a later one.
- A head of more than `MOST_HEAD` ends in 431. Of its cookies only ours are passed on, and none in quotes, which we
  never write: many a Python reads those in quadratic time (CVE-2024-7592, seconds for 30 KB).
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import h11
from starlette.exceptions import HTTPException
from uvicorn.protocols.http.h11_impl import H11Protocol

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
        return _Refused(413, f"The limit here is {self._most // 1024} KiB")


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
