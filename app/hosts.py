"""Pages answer under our own name only, so that a strange name made to point at us (DNS rebinding) reads nothing.

- Ours are the public address's host and, on a connection that came by loopback, this machine's own names.
- What brings a proof of its own is not asked: a signature over the configured address, a token, a secret in the
  address. Nor are the health addresses, which probes ask by number.
- A slash at the end of a webhook's address changes nothing: it is signed as it came, and no redirect could follow.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from app.peers import is_loopback
from app.problems import problem

WEBHOOKS = "/twilio/"
OWN_PROOF = (WEBHOOKS, "/media/", "/t/", "/calendar/", "/api/v1/")
PROBED = ("/healthz", "/readyz", "/metrics")

Message = MutableMapping[str, Any]
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
