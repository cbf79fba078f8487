"""Sends webhooks and fetches calendars: one request to somebody else's server, which may be slow, broken or hostile.

- 10 s in all (20 s for a calendar), names, connection, encryption, headers and body counted together: no server can
  hold a worker longer.
- The name is resolved here, every address it has is checked, and the checked one is connected to: what it leads to
  cannot change in between. The certificate is still held against the name.
- No redirect is followed, at most 4 KiB of a webhook's answer are read, nothing is decompressed, nothing is logged.
"""

import socket
import ssl
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import httpcore

from callbacks.lib.url_guard import check_addresses, read_url
from callbacks.telephony.gateway import CarrierError
from callbacks.telephony.transport import trusted_by_system

TOTAL_SECONDS = 10.0
NAME_SECONDS = 4.0
MOST_READ = 4096
CALENDAR_SECONDS = 20.0


class HookClient:
    """Sends a body to an address; (status, the answer's first words). Raises Refused, and CarrierError when no answer
    came. `in_sandbox`: this machine may be sent to as well, without encryption."""

    def __init__(self, in_sandbox: bool, total_seconds: float = TOTAL_SECONDS) -> None:
        self._in_sandbox, self._total = in_sandbox, total_seconds

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        sent = {**headers, "Content-Length": str(len(body))}
        status, read = _request("POST", url, sent, body, self._in_sandbox, self._total, MOST_READ)
        return status, read[:MOST_READ].decode("utf-8", "replace")


class CalendarClient:
    """Reads a calendar from an address: (status, body), at most `most` bytes and the piece that passes them. Raises
    as HookClient does."""

    def __init__(self, in_sandbox: bool, most: int, total_seconds: float = CALENDAR_SECONDS) -> None:
        self._in_sandbox, self._most, self._total = in_sandbox, most, total_seconds

    def __call__(self, url: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        sent = {"Accept": "text/calendar, */*;q=0.1", "User-Agent": "callbacks", **headers}
        return _request("GET", url, sent, None, self._in_sandbox, self._total, self._most)


def _request(
    method: str, url: str, headers: Mapping[str, str], body: bytes | None, in_sandbox: bool, total: float, most: int
) -> tuple[int, bytes]:
    ends = time.monotonic() + total
    receiver = read_url(url, in_sandbox=in_sandbox)
    found = _resolve(receiver.host, receiver.port, min(NAME_SECONDS, total))
    check_addresses(found, in_sandbox=in_sandbox)
    target = httpcore.URL(scheme=receiver.scheme, host=receiver.host, port=receiver.port, target=receiver.target)
    default = receiver.port == (443 if receiver.scheme == "https" else 80)
    name = f"[{receiver.host}]" if ":" in receiver.host else receiver.host
    sent = {"Host": name if default else f"{name}:{receiver.port}", "Accept-Encoding": "identity", **headers}
    raw = [(key.encode(), value.encode()) for key, value in sent.items()]
    try:
        with (
            httpcore.ConnectionPool(ssl_context=trusted_by_system(), network_backend=_To(found, ends)) as pool,
            pool.stream(method, target, headers=raw, content=body) as answer,
        ):
            return answer.status, _first(answer.iter_stream(), most)
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError) as error:
        raise CarrierError(_why(error)) from None


def _first(pieces: Iterable[bytes], most: int) -> bytes:
    read = bytearray()
    for piece in pieces:
        read += piece
        if len(read) >= most:
            break
    return bytes(read)


def _why(error: Exception) -> str:
    """Names the kind of fault; a certificate's says why."""
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return "the certificate is not trusted"
    return type(error).__name__


def _resolve(host: str, port: int, seconds: float) -> list[str]:
    """Every address of a name. The system's resolver has no time limit of its own, so it gets a thread. Raises
    CarrierError."""
    found: list[str] = []

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return
        found.extend(dict.fromkeys(str(answer[4][0]) for answer in answers))

    asking = threading.Thread(target=ask, name="resolve", daemon=True)
    asking.start()
    asking.join(seconds)
    if not found:
        raise CarrierError("the name cannot be resolved")
    return [address.partition("%")[0] for address in list(found)]


class _To(httpcore.NetworkBackend):
    """Connects to one of the checked addresses, whatever is asked for, and lets nothing last beyond the end."""

    def __init__(self, addresses: Sequence[str], ends: float) -> None:
        self._addresses, self._ends, self._inner = addresses, ends, httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        *others, last = self._addresses
        for n, address in enumerate(others):
            try:
                return self._connect(address, port, _left(self._ends) / (len(others) + 1 - n), socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._connect(last, port, _left(self._ends), socket_options)

    def _connect(self, address: str, port: int, seconds: float, options: Any) -> httpcore.NetworkStream:
        return _Stream(self._inner.connect_tcp(address, port, seconds, None, options), self._ends)


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, ends: float) -> None:
        self._inner, self._ends = inner, ends

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(self._ends))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(self._ends))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, _left(self._ends)), self._ends)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(ends: float) -> float:
    left = ends - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the total time is over")
    return left
