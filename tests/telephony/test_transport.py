"""The way out to the carrier: bounded in time and size, to one host only, and nowhere it is told to go instead."""

import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from callbacks.telephony import transport
from callbacks.telephony.gateway import CarrierError
from callbacks.telephony.transport import HttpxTransport
from callbacks.telephony.twilio import TwilioGateway
from tests.postgres import free_port


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


def why_not_sent(base_url: str, fault: Exception | None = None) -> CarrierError:
    """What became of a text; `fault` instead of a request."""
    gateway = TwilioGateway("AC" + "0" * 32, "user", "password", "+15145550100", base_url)
    if fault:

        def broken(_: httpx.Request) -> httpx.Response:
            raise fault

        gateway._http._client = httpx.Client(transport=httpx.MockTransport(broken))
    with pytest.raises(CarrierError) as told:
        gateway.send_text("+15145550111", "Words", "https://here.example/status", 300)
    return told.value


def test_a_connection_that_never_carried_the_request_is_no_reason_to_look_it_up(elsewhere: Elsewhere) -> None:
    """F25: refused, no such name, no TLS, nobody answers, no connection free."""
    faults = [
        why_not_sent(f"http://127.0.0.1:{free_port()}"), why_not_sent("http://nowhere.invalid"),
        why_not_sent(elsewhere.url.replace("http:", "https:")),
        why_not_sent(elsewhere.url, httpx.ConnectTimeout("")), why_not_sent(elsewhere.url, httpx.PoolTimeout("")),
    ]  # fmt: skip
    assert [fault.why for fault in faults] == ["ConnectError"] * 3 + ["ConnectTimeout", "PoolTimeout"]
    assert not any(fault.ambiguous or fault.closed or fault.refused for fault in faults)


def test_a_connection_that_was_closed_without_an_answer_is_told_from_one_that_went_silent(elsewhere: Elsewhere) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=lambda: listener.accept()[0].close(), daemon=True).start()
        closed = why_not_sent(f"http://127.0.0.1:{listener.getsockname()[1]}")
    silent = why_not_sent(elsewhere.url, httpx.ReadTimeout(""))
    assert [(fault.ambiguous, fault.closed) for fault in (closed, silent)] == [(True, True), (True, False)]
