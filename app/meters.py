"""How long the carrier waits for our answers: a histogram by webhook."""

import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from prometheus_client import Histogram

SPANS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5)
webhooks = Histogram("callbacks_webhook_seconds", "From a webhook's arrival to its answer", ["webhook"], buckets=SPANS)
PREFIX = "/twilio/"
KNOWN = ("voice", "sms", "status", "page", "bridge", "callback", "customer", "check")
Message = MutableMapping[str, Any]


class Meters:
    """ASGI middleware: measures requests under /twilio/, by the first word of their path."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(
        self, scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
    ) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        began, word = time.perf_counter(), scope["path"].removeprefix(PREFIX).partition("/")[0]
        try:
            await self._app(scope, receive, send)
        finally:
            webhooks.labels(word if word in KNOWN else "other").observe(time.perf_counter() - began)
