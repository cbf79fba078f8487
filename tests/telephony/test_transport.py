"""The way out to the carrier: bounded in time and size, to one host only, and nowhere it is told to go instead."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from callbacks.telephony import transport
from callbacks.telephony.transport import HttpxTransport


class Elsewhere:
    """A server of this machine that notes who asked it for what, and answers as told by the path."""

    def __init__(self) -> None:
        asked = self.asked = list[str]()

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                if self.path.startswith("/moved"):
                    self.send_response(302)
                    self.send_header("Location", "http://169.254.169.254/latest/meta-data")
                    self.end_headers()
                    return
                self.send_response(200)
                self.end_headers()
                try:
                    for _ in range(1000 if self.path.startswith("/much") else 5):
                        self.wfile.write(b"x" * 65536 if self.path.startswith("/much") else b"x")
                        if self.path.startswith("/slow"):
                            self.wfile.flush()
                            time.sleep(0.4)
                except OSError:
                    asked.append("gone")

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    opened = Elsewhere()
    yield opened
    opened.server.shutdown()


def test_an_answer_that_trickles_is_cut_off_after_the_total_time(elsewhere: Elsewhere) -> None:
    """F27, I5."""
    carrier = HttpxTransport(total_seconds=1)
    began = time.monotonic()
    with pytest.raises(httpx.ReadTimeout):
        carrier.exchange("GET", f"{elsewhere.url}/slow")
    assert time.monotonic() - began < 2
    carrier.close()


def test_an_endless_answer_is_cut_off(elsewhere: Elsewhere) -> None:
    """F13: at most so many bytes are ever held."""
    carrier = HttpxTransport()
    with pytest.raises(httpx.DecodingError, match="too large"):
        carrier.exchange("GET", f"{elsewhere.url}/much", most=200_000)
    assert transport.MOST_BYTES < 20 * 1024 * 1024
    carrier.close()


def test_a_redirect_is_an_answer_and_not_a_way(elsewhere: Elsewhere) -> None:
    """SSRF: the carrier's word never sends us to another host."""
    carrier = HttpxTransport()
    status, _, headers = carrier.exchange("GET", f"{elsewhere.url}/moved")
    assert status == 302 and "169.254" in headers["location"]
    assert elsewhere.asked == ["/moved"]
    carrier.close()


HOSTS = ["http://169.254.169.254/x", "http://[::1]/x", "https://api.twilio.com@evil.example/x", "http://127.0.0.1:1/x",
         "https://evil.example/2010-04-01/Accounts/AC1/Recordings/RE1.wav"]  # fmt: skip


@pytest.mark.parametrize("uri", HOSTS)
def test_the_base_is_the_only_host(elsewhere: Elsewhere, uri: str) -> None:
    """SSRF: of an address only the path is taken when the carrier stands elsewhere."""
    carrier = HttpxTransport(elsewhere.url)
    assert carrier.target(uri).startswith(f"{elsewhere.url}/")
    carrier.request("GET", uri)
    assert len(elsewhere.asked) == 1
    carrier.close()
