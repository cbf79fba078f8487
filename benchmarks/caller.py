"""Signed webhooks at a rate, or as fast as they are answered: a process of its own, so that it slows nobody else.

`python -m benchmarks.caller ADDRESS PATH SECONDS RATE THREADS` prints the milliseconds that each took as a
JSON list; rate 0 is as fast as answered.
"""

import http.client
import itertools
import json
import secrets
import sys
import threading
import time
from urllib.parse import urlencode, urlsplit

from app.settings import SANDBOX_ACCOUNT, SANDBOX_NUMBER, SANDBOX_TOKEN
from sandbox.signing import sign


def form(number: int) -> dict[str, str]:
    """What the carrier tells of a call and its message, each call another one."""
    return {
        "AccountSid": SANDBOX_ACCOUNT, "CallSid": f"CA{secrets.token_hex(16)}", "From": f"+1438{number % 10**7:07d}",
        "To": SANDBOX_NUMBER, "Direction": "inbound", "CallStatus": "in-progress", "ApiVersion": "2010-04-01",
        "RecordingSid": f"RE{secrets.token_hex(16)}", "RecordingDuration": "20", "Digits": "hangup",
    }  # fmt: skip


class Line:
    """One kept connection."""

    def __init__(self, address: str, path: str) -> None:
        self._url, self._path = address + path, path
        self._connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)

    def call(self, number: int) -> float:
        """Milliseconds until the answer, signing not counted. Raises RuntimeError for an answer that is no success."""
        told = form(number)
        body = urlencode(told)
        headers = {
            "X-Twilio-Signature": sign(SANDBOX_TOKEN, self._url, told),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        began = time.perf_counter()
        self._connection.request("POST", self._path, body, headers)
        answer = self._connection.getresponse()
        answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{self._path} answered {answer.status}")
        return (time.perf_counter() - began) * 1000


def play(address: str, path: str, seconds: float, rate: float, threads: int) -> list[float]:
    """With a rate each has its instant; one that is late is called at once, so that none is left out."""
    took: list[float] = []
    numbers, began = itertools.count(secrets.randbelow(10**6) * 10), time.monotonic()
    first = next(numbers)

    def work() -> None:
        line = Line(address, path)
        while True:
            number = next(numbers)
            at = (number - first) / rate if rate else time.monotonic() - began
            if at >= seconds:
                return
            time.sleep(max(0.0, began + at - time.monotonic()))
            took.append(line.call(number))

    crew = [threading.Thread(target=work) for _ in range(threads)]
    for one in crew:
        one.start()
    for one in crew:
        one.join()
    return took


if __name__ == "__main__":
    where, what, *numbers_given = sys.argv[1:]
    long, often, many = map(float, numbers_given)
    print(json.dumps(play(where, what, long, often, int(many))))
