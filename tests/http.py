"""HTTP as tests speak it: the authorities are read once per process, and nobody is hurried.

Several workers share the processors: that an answer takes six seconds there is no failure. The product sets its own limits.
"""

from typing import Any

import httpx

from callbacks.telephony.transport import trusted

PATIENCE = 60.0


class Client(httpx.Client):
    def __init__(self, **options: Any) -> None:
        super().__init__(**{"verify": trusted(), "timeout": PATIENCE, **options})


def get(url: str, **options: Any) -> httpx.Response:
    return request("GET", url, **options)


def post(url: str, **options: Any) -> httpx.Response:
    return request("POST", url, **options)


def request(method: str, url: str, **options: Any) -> httpx.Response:
    return httpx.request(method, url, **{"verify": trusted(), "timeout": PATIENCE, **options})
