"""One HTTP server in this process: started, told when it listens, stopped by a signal or by hand."""

import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import uvicorn

STARTING_SECONDS = 20.0
GRACE_SECONDS = 10


class PortTaken(Exception):
    """Somebody else listens there."""


def listen_on(host: str, port: int) -> socket.socket:
    """A bound socket. Raises PortTaken."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise PortTaken(f"{host}:{port} is in use; choose another with --port") from None
    return listener


class Server:
    """Serves an application on a bound socket."""

    def __init__(self, app: Any, listener: socket.socket) -> None:
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, timeout_graceful_shutdown=GRACE_SECONDS, server_header=False
        )
        self._server, self._listener = uvicorn.Server(config), listener

    def run(self, when_listening: Callable[[], None] | None = None) -> None:
        """Serves until a signal asks it to stop; `when_listening` runs in a thread of its own."""
        if when_listening:
            threading.Thread(target=self._wait_then, args=(when_listening,), daemon=True).start()
        self._server.run([self._listener])

    def start(self) -> None:
        """Serves in a thread, for tests; returns when it listens."""
        self._server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
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
        act()
