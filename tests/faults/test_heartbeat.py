"""The heartbeat of a real process: it beats while all is well, and falls silent with the process."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from tests.conftest import fresh_database
from tests.faults.desk import Desk, eventually


class Listener:
    """Somebody else's dead-man switch: counts what it hears."""

    def __init__(self) -> None:
        heard: list[str] = []
        self.heard = heard

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                heard.append(self.path)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.server = HTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server.server_port}/beat"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


def test_a_living_process_beats_and_a_killed_one_is_silent(tmp_path: Path) -> None:
    """F86, I30."""
    listener, desk = Listener(), Desk(fresh_database("sqlite", tmp_path), tmp_path)
    desk.environment["CALLBACKS_HEARTBEAT_URL"] = listener.url
    try:
        desk.start()
        eventually(lambda: listener.heard, 40)
        desk.kill()
        before = len(listener.heard)
        assert listener.heard[0] == "/beat"
        threading.Event().wait(2)
        assert len(listener.heard) == before
    finally:
        desk.close()
        listener.server.shutdown()
