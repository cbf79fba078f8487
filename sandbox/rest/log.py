"""Each request to the carrier's API, noted for the desk's log with what it was answered."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.network import Network

PREFIX = "/2010-04-01/"


class RestLog:
    """ASGI middleware; requests to the desk's own pages are not noted."""

    def __init__(self, app: ASGIApp, network: Network) -> None:
        self.app, self.network = app, network

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            return await self.app(scope, receive, send)

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._note(scope, message["status"])
            await send(message)

        return await self.app(scope, receive, noting)

    def _note(self, scope: Scope, status: int) -> None:
        with self.network.lock:
            self.network.sender.note("rest", scope["method"], scope["path"], status)
            self.network.changed()
