"""A TCP proxy on this machine that misbehaves on demand: between a node and its database, or its carrier."""

import contextlib
import selectors
import socket
import threading
import time

PIECE = 65536


class Proxy:
    """Forwards 127.0.0.1 to a port, which may change: the next connection goes there. `mode`: pass, refuse (connections are closed at once), silent (nothing goes through and
    nothing is closed), trickle (answers come a byte a second). `cut_at` ends a connection as soon as these bytes have
    gone to the server; `delay` is the seconds that each piece waits."""

    def __init__(self, to_port: int, port: int = 0) -> None:
        self.to_port, self.mode, self.delay, self.cut_at, self.cuts = to_port, "pass", 0.0, b"", 0
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = int(self._listener.getsockname()[1])
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._closed = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def change(self, mode: str, drop: bool = False) -> None:
        """From now on; `drop` ends the connections there are."""
        self.mode = mode
        if drop:
            for pair in self._pairs:
                _close(*pair)
            self._pairs.clear()

    def close(self) -> None:
        self._closed.set()
        self._listener.close()
        self.change("refuse", drop=True)

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if self.mode == "refuse":
                client.close()
                continue
            try:
                server = self._connected() if self.mode != "silent" else socket.socket()
            except OSError:
                client.close()  # nobody listens there
                continue
            pair = (client, server)
            self._pairs.append(pair)
            threading.Thread(target=self._forward, args=pair, daemon=True).start()

    def _connected(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.to_port))

    def _forward(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), selectors.DefaultSelector() as either:
            either.register(client, selectors.EVENT_READ, server)
            if self.mode != "silent":
                either.register(server, selectors.EVENT_READ, client)
            while not self._closed.is_set():
                for key, _ in either.select(0.2):
                    if not self._pass_on(key.fileobj, key.data, key.fileobj is server):  # type: ignore[arg-type]
                        return _close(client, server)

    def _pass_on(self, source: socket.socket, target: socket.socket, is_answer: bool) -> bool:
        if self.mode == "silent":
            time.sleep(0.05)
            return True
        if self.mode == "trickle" and is_answer:
            piece = source.recv(1)
            time.sleep(1)
        else:
            piece = source.recv(PIECE)
        if not piece:
            return False
        time.sleep(self.delay)
        target.sendall(piece)
        if self.cut_at and not is_answer and self.cut_at in piece:
            self.cuts, self.cut_at = self.cuts + 1, b""
            time.sleep(0.3)  # the server has carried it out; its answer is never seen
            return False
        return True


def _close(*ends: socket.socket) -> None:
    for end in ends:
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
