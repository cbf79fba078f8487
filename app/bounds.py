"""No request costs more than it is worth: a bounded body, and bounded time to send it.

- A body of more than `MOST_BYTES` (more where a file is taken) ends in 413 before it is read whole, told or not.
- A body that is not there after `BODY_SECONDS` ends in 408; a head that is not there after `HEAD_SECONDS` ends the
  connection (`PatientProtocol`).
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.exceptions import HTTPException
from uvicorn.protocols.http.h11_impl import H11Protocol

from app.problems import problem

MOST_BYTES, MOST_FILE = 64 * 1024, 5 * 1024 * 1024
TAKES_FILES = ("/customers/import",)
BODY_SECONDS, HEAD_SECONDS = 10.0, 10.0

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
            body.refuse_told_size(scope["headers"])
            await self._app(scope, body.receive, sending)
        except _Refused as refused:
            if not began:
                answer = problem(refused.status_code, refused.detail, refused.headers)
                await answer(scope, body.receive, send)


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
        return _Refused(413, f"At most {self._most // 1024} KiB are taken here")


class PatientProtocol(H11Protocol):
    """HTTP/1.1 that waits so long for a request's head, and no longer: uvicorn itself waits for ever."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._waiting = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is not None and self._waiting:
            self._waiting.cancel()
            self._waiting = None

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting:
            self._waiting.cancel()
        super().connection_lost(exc)

    def _give_up(self) -> None:
        if self.cycle is None and not self.transport.is_closing():
            self.transport.close()
