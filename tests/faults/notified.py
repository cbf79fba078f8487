"""Somebody who listens at a notify URL: what supervisors are told past the carrier."""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Notified:
    """Keeps what it hears, and when by the monotonic clock, in order."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        heard = self.heard = list[str]()
        times = self.times = list[float]()

        class Answer(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                times.append(time.monotonic())
                heard.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._listener = ThreadingHTTPServer((host, 0), Answer)
        self.url = f"json://{host}:{self._listener.server_port}/"
        threading.Thread(target=self._listener.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown()
        self._listener.server_close()
