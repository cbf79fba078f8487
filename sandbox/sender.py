"""Requests to the product: signed, form-encoded, retried as the address's fragment asks, and logged.

- Without overrides only a failed connection is tried again, once; an answer that is an error is not.
- All tries together take 15 s at most. A retry carries a token that is the same on each retry of one event.
- Redirects are followed, ten at most; 301, 302 and 303 lose the form, as they do at the carrier.
"""

import ssl
import time
import uuid
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode, urljoin

import httpx

from sandbox.config import SandboxClock
from sandbox.overrides import Overrides, overrides_of
from sandbox.signing import sign, with_port, without_fragment

CEILING_SECONDS = 15.0
MOST_REDIRECTS = 10
LOG_LENGTH = 200
USER_AGENT = "TwilioProxy/1.1"
FORM_TYPE = "application/x-www-form-urlencoded; charset=UTF-8"
XML_TYPES = ("text/xml", "application/xml", "text/html")


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` 0: nobody answered. `error`: the carrier's error code for what went wrong, or None.
    `failure`: its kind as connection overrides name it (ct, rt, 4xx, 5xx), or ""."""

    status: int
    content_type: str
    body: str
    error: int | None
    failure: str = ""


@cache
def _trusted() -> ssl.SSLContext:
    """Read once a process: it takes a twentieth of a second."""
    return httpx.create_ssl_context()


class Sender:
    """Holds one HTTP client; safe for threads."""

    def __init__(self, token: str, clock: SandboxClock) -> None:
        self.token, self._clock = token, clock
        timeout = httpx.Timeout(CEILING_SECONDS, connect=5)
        self._client = httpx.Client(timeout=timeout, verify=_trusted(), follow_redirects=False)
        self.log: deque[dict[str, Any]] = deque(maxlen=LOG_LENGTH)
        self.sign_port = False
        self.down = False

    def send(self, url: str, form: Mapping[str, str], method: str = "POST") -> Answer:
        """One webhook with its retries; never raises for what the other side does."""
        wish, token = overrides_of(url), ""
        ends = time.monotonic() + min(wish.total, CEILING_SECONDS)
        answer = self._try(url, form, method, wish, ends, token)
        for _ in range(wish.retries):
            if not wish.again(answer.failure) or time.monotonic() >= ends:
                break
            token = token or str(uuid.uuid4())
            answer = self._try(url, form, method, wish, ends, token)
        return answer

    def get(self, url: str) -> Answer:
        """Fetches audio to play."""
        try:
            response = self._client.get(url, follow_redirects=True)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return self._noted("GET", url, _nobody(error))
        fault = 11200 if response.status_code >= 400 else None
        kind = response.headers.get("content-type", "")
        return self._noted("GET", url, Answer(response.status_code, kind, "", fault))

    def note(self, direction: str, method: str, path: str, status: int) -> None:
        """Writes an exchange into the log."""
        at = self._clock.now().isoformat()
        self.log.append({"at": at, "direction": direction, "method": method, "path": path, "status": status})

    def close(self) -> None:
        self._client.close()

    def _try(self, url: str, form: Mapping[str, str], method: str, wish: Overrides, ends: float, token: str) -> Answer:
        """One attempt with the redirects it leads to."""
        for _ in range(MOST_REDIRECTS + 1):
            left = max(ends - time.monotonic(), 0.1)
            timeout = httpx.Timeout(min(wish.read, left), connect=min(wish.connect, left))
            got = self._once(without_fragment(url), form, method, timeout, token)
            if isinstance(got, Answer):
                return got
            url = urljoin(url, got.headers["location"])
            if got.status_code in (301, 302, 303):
                form, method = {}, "GET"
        return Answer(302, "", "more than ten redirects", 11215)

    def _once(
        self, url: str, form: Mapping[str, str], method: str, timeout: httpx.Timeout, token: str
    ) -> Answer | httpx.Response:
        """One request: its answer, or the response that leads elsewhere."""
        if self.down:
            return self._noted(method, url, Answer(0, "", "knob: webhooks down", 11205, "ct"))
        try:
            response = self._client.send(self._request(url, form, method, timeout, token))
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return self._noted(method, url, _nobody(error))
        answer = self._noted(method, url, _answer(response))
        return response if response.has_redirect_location else answer

    def _request(
        self, url: str, form: Mapping[str, str], method: str, timeout: httpx.Timeout, token: str
    ) -> httpx.Request:
        """A POST carries the form; a GET has it in the query, and there it is signed as part of the address."""
        headers = {"User-Agent": USER_AGENT, "Accept": "*/*"}
        if token:
            headers["I-Twilio-Idempotency-Token"] = token
        if method == "GET":
            url, form = _with_query(url, form), {}
        signed = with_port(url) if self.sign_port else url
        headers["X-Twilio-Signature"] = sign(self.token, signed, form)
        if method == "GET":
            return self._client.build_request("GET", url, headers=headers, timeout=timeout)
        headers["Content-Type"] = FORM_TYPE
        body = urlencode(form).encode()
        return self._client.build_request("POST", url, content=body, headers=headers, timeout=timeout)

    def _noted(self, method: str, url: str, answer: Answer) -> Answer:
        self.note("webhook", method, "/" + url.split("://", 1)[-1].partition("/")[2], answer.status)
        return answer


def _with_query(url: str, form: Mapping[str, str]) -> str:
    if not form:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(form)}"


def _nobody(error: Exception) -> Answer:
    early = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
    return Answer(0, "", type(error).__name__, 11205, "ct" if early else "rt")


def _answer(response: httpx.Response) -> Answer:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    error, failure = None, ""
    if response.status_code >= 400:
        error, failure = 11200, f"{response.status_code // 100}xx"
    elif 300 <= response.status_code < 400:
        error = 11215
    elif response.status_code != 204 and kind not in XML_TYPES:
        error = 12300
    return Answer(response.status_code, kind, response.text, error, failure)
