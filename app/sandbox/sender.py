"""Requests to the product: signed, form-encoded, retried as the address's fragment asks, and logged.

Without overrides only a failed connection is tried again, once; an answer that is an error is not.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import httpx

from app.sandbox.config import SandboxClock
from app.sandbox.signing import sign, with_port, without_fragment

CEILING_SECONDS = 15.0
LOG_LENGTH = 200
USER_AGENT = "TwilioProxy/1.1"
XML_TYPES = ("text/xml", "application/xml", "text/html")


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` 0: nobody answered. `error`: the carrier's error code for what went wrong, or None."""

    status: int
    content_type: str
    body: str
    error: int | None


class Sender:
    """Holds one HTTP client; safe for threads."""

    def __init__(self, token: str, clock: SandboxClock) -> None:
        self._token, self._clock = token, clock
        self._client = httpx.Client(timeout=httpx.Timeout(CEILING_SECONDS, connect=5), follow_redirects=False)
        self.log: deque[dict[str, Any]] = deque(maxlen=LOG_LENGTH)
        self.sign_port = False
        self.down = False

    def post(self, url: str, form: Mapping[str, str]) -> Answer:
        """One webhook with its retries; never raises for what the other side does."""
        asked = parse_qs(url.partition("#")[2])
        tries, kinds = int(asked.get("rc", ["1"])[0]) + 1, asked.get("rp", ["ct"])[0].split(",")
        answer = Answer(0, "", "", 11205)
        for _ in range(tries):
            answer = self._once(url, form)
            if not _again(answer, kinds):
                break
        return answer

    def get(self, url: str) -> Answer:
        """Fetches audio to play."""
        try:
            response = self._client.get(url, follow_redirects=True)
        except httpx.HTTPError as error:
            return self._noted("GET", url, Answer(0, "", type(error).__name__, 11205))
        fault = 11200 if response.status_code >= 400 else None
        kind = response.headers.get("content-type", "")
        return self._noted("GET", url, Answer(response.status_code, kind, "", fault))

    def close(self) -> None:
        self._client.close()

    def _once(self, url: str, form: Mapping[str, str]) -> Answer:
        plain = without_fragment(url)
        if self.down:
            return self._noted("POST", plain, Answer(0, "", "knob: webhooks down", 11205))
        signed = with_port(plain) if self.sign_port else plain
        headers = {"X-Twilio-Signature": sign(self._token, signed, form), "User-Agent": USER_AGENT, "Accept": "*/*"}
        try:
            response = self._client.post(plain, data=dict(form), headers=headers)
        except httpx.HTTPError as error:
            return self._noted("POST", plain, Answer(0, "", type(error).__name__, 11205))
        return self._noted("POST", plain, _answer(response))

    def _noted(self, method: str, url: str, answer: Answer) -> Answer:
        path = "/" + url.split("://", 1)[-1].partition("/")[2]
        self.log.append(
            {"at": self._clock.now().isoformat(), "direction": "webhook", "method": method, "path": path,
             "status": answer.status}
        )  # fmt: skip
        return answer


def _answer(response: httpx.Response) -> Answer:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    error = None
    if response.status_code >= 400:
        error = 11200
    elif 300 <= response.status_code < 400:
        error = 11215
    elif response.status_code != 204 and kind not in XML_TYPES:
        error = 12300
    return Answer(response.status_code, kind, response.text, error)


def _again(answer: Answer, kinds: list[str]) -> bool:
    if answer.status == 0:
        return bool({"ct", "rt", "all"} & set(kinds))
    group = f"{answer.status // 100}xx"
    return answer.status >= 400 and bool({group, "all"} & set(kinds))
