"""One HTTP server in this process: started, told when it listens, stopped by a signal or by hand."""

import errno
import socket
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

import structlog
import uvicorn

from app.http import live
from app.http.middleware import MOST_HEAD, PatientProtocol
from callbacks.engine.runtime.watchdog import Pulse, Watchdog

log = structlog.get_logger()
STARTING_SECONDS = 20.0
GRACE_SECONDS = 10


class CannotListen(Exception):
    """Why we cannot listen there, and what to do."""


WHY = {
    errno.EADDRINUSE: "is in use; choose another with --port",
    errno.EACCES: "needs more rights than this user has; choose a port from 1024 on with --port",
    errno.EADDRNOTAVAIL: "is no address of this machine; choose one of its own with --host, or 0.0.0.0 for all",
    errno.EAFNOSUPPORT: "is of a kind that this machine does not speak; choose another with --host",
}


def at(host: str, port: int) -> str:
    """As an address is written: IPv6 in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def listen_on(host: str, port: int) -> socket.socket:
    """A bound socket. Raises CannotListen.

    The protocol is named because asyncio sends small answers at once (TCP_NODELAY) only on sockets that name it;
    without, each answer on a kept connection waits up to 40 ms for the other side's delayed acknowledgement.
    """
    host = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except OSError as error:
        raise CannotListen(f"{at(host, port)} {_why(error)}") from None
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except (OSError, UnicodeError) as error:
        listener.close()
        raise CannotListen(f"{at(host, port)} {_why(error)}") from None
    return listener


def _why(error: OSError | UnicodeError) -> str:
    if isinstance(error, socket.gaierror | UnicodeError):
        return "cannot be found; give --host an address of this machine, such as 127.0.0.1 or 0.0.0.0"
    return WHY.get(error.errno or 0, f"cannot be listened on ({error.strerror}); choose another --host or --port")


class _Uvicorn(uvicorn.Server):
    """Ends open event streams with the first signal: the server would wait for them. Its loop has a pulse."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.pulse = Pulse()

    async def on_tick(self, counter: int) -> bool:
        self.pulse.beat()
        return await super().on_tick(counter)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        live.stop_all()
        super().handle_exit(sig, frame)


class Server:
    """Serves an application on a bound socket."""

    def __init__(self, app: Any, listener: socket.socket) -> None:
        config = uvicorn.Config(
            app,
            log_level="warning",
            log_config=None,  # `app.http.logs` makes its lines ours
            access_log=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
            server_header=False,
            proxy_headers=False,  # it would believe any header from loopback; `app.http.peers` asks the settings
            http=PatientProtocol,
            h11_max_incomplete_event_size=MOST_HEAD,
            ws="none",
        )
        self._server, self._listener = _Uvicorn(config), listener
        self._stopped = threading.Event()
        self._broken: Exception | None = None

    def run(self, when_listening: Callable[[], None] | None = None) -> None:
        """Serves until a signal asks it to stop; `when_listening` runs in a thread of its own. Raises what that
        raises, once the server has stopped for it: webhooks answered without an engine would page nobody."""
        if when_listening:
            threading.Thread(target=self._wait_then, args=(when_listening,), daemon=True).start()
        Watchdog({"server": self._server.pulse}).start(self._stopped)
        self._server.run([self._listener])
        self._stopped.set()
        if self._broken:
            raise self._broken

    def start(self) -> None:
        """Serves in a thread, for tests; returns when it listens."""
        threading.Thread(target=self._server.run, args=([self._listener],), daemon=True).start()
        self._wait()

    def stop(self) -> None:
        self._server.should_exit = True

    def _wait(self) -> None:
        ends = time.monotonic() + STARTING_SECONDS
        while not self._server.started and time.monotonic() < ends:
            time.sleep(0.005)

    def _wait_then(self, act: Callable[[], None]) -> None:
        self._wait()
        try:
            act()
        except Exception as error:
            log.critical("server.cannot_start", exc_info=error)
            self._broken = error
            self.stop()
