"""Twilio's SDK over our own httpx client, because its own default never times out.

- 3 s to connect, 10 s in all, counted over the whole answer: a body that trickles is cut off too.
- What was given up is not sent any more: without a bound of its own the kernel goes on for minutes with a request whose
  connection we closed, and a carrier that is reachable again carries it out long after it was sent anew.
- `base_url` takes the place of the carrier's address; the path stays as the carrier has it.
- Nothing is logged: URLs hold phone numbers.
"""

import socket
import ssl
import time
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx
from twilio.http import HttpClient
from twilio.http.response import Response

# Whom a TLS connection trusts, read once a process: it takes a twentieth of a second, and each client would.


@cache
def trusted() -> ssl.SSLContext:
    """What httpx trusts by itself: the authorities of its own list, or those of SSL_CERT_FILE."""
    return httpx.create_ssl_context()


@cache
def trusted_by_system() -> ssl.SSLContext:
    """What this machine trusts, a company's own authority among it."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


CONNECT_SECONDS = 3.0
TOTAL_SECONDS = 10.0
MOST_BYTES = 12 * 1024 * 1024


class TooLarge(httpx.DecodingError):
    """More bytes than were wanted."""


class HttpxTransport(HttpClient):  # type: ignore[misc]  # the SDK ships no types
    """The SDK's HTTP client; raises httpx.HTTPError, never hangs."""

    def __init__(self, base_url: str | None = None, total_seconds: float = TOTAL_SECONDS) -> None:
        self._base = base_url.rstrip("/") if base_url else None
        self._total = total_seconds
        timeout = httpx.Timeout(total_seconds, connect=min(CONNECT_SECONDS, total_seconds))
        way = httpx.HTTPTransport(verify=trusted(), socket_options=_bounds(total_seconds))
        self._client = httpx.Client(timeout=timeout, follow_redirects=False, transport=way)

    def request(
        self,
        method: str,
        uri: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """One request as the SDK makes it. Raises httpx.HTTPError."""
        sent: dict[str, Any] = {"params": params or None, "data": data or None, "headers": headers, "auth": auth}
        status, body, answered = self.exchange(method, self.target(uri), **sent)
        return Response(status, body.decode("utf-8", "replace"), answered)

    def target(self, uri: str) -> str:
        """Where a carrier address really leads."""
        if self._base is None:
            return uri
        parts = urlsplit(uri)
        return f"{self._base}{parts.path}" + (f"?{parts.query}" if parts.query else "")

    def exchange(self, method: str, url: str, most: int = MOST_BYTES, **sent: Any) -> tuple[int, bytes, httpx.Headers]:
        """(status, body, headers) within the total time. Raises httpx.HTTPError, ReadTimeout included."""
        ends = time.monotonic() + self._total
        body = bytearray()
        with self._client.stream(method, url, **sent) as answer:
            for piece in answer.iter_bytes():
                body += piece
                if time.monotonic() > ends:
                    raise httpx.ReadTimeout("the answer took too long", request=answer.request)
                if len(body) > most:
                    raise TooLarge("the answer is too large", request=answer.request)
            return answer.status_code, bytes(body), answer.headers

    def close(self) -> None:
        self._client.close()


def _bounds(seconds: float) -> list[tuple[int, int, int]]:
    """For how long the kernel tries to get rid of what was written; systems other than Linux do not say."""
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    return [] if option is None else [(socket.IPPROTO_TCP, option, int(seconds * 1000))]
