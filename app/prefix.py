"""The path of the public address, put before every address of ours that a browser gets.

Pages, forms and redirects are written from the root. Where CALLBACKS_PUBLIC_URL has a path (`https://host/desk`), the
proxy takes it off what comes in, and this puts it on what goes out. Texts, calls and feeds have the whole address.
"""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders

# Words of people cannot look like this: their quotes are escaped.
FROM_ROOT = re.compile(rb'(\s(?:href|src|action|formaction)=")/(?!/)')

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


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
