"""Who calls the API, and which faults are set: credentials and the REST knobs."""

import hmac
import time
from collections.abc import Mapping
from typing import Annotated, cast
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from fastapi.security import HTTPBasic, HTTPBasicCredentials

from sandbox.network import Network
from sandbox.rest.errors import RestError, invalid, not_found

ROOT = "/2010-04-01/Accounts/{AccountSid}"
basic = HTTPBasic(auto_error=False)
Form = dict[str, list[str]]


def network_of(request: Request) -> Network:
    return cast(Network, request.app.state.network)


Net = Annotated[Network, Depends(network_of)]


def account(AccountSid: str, network: Net, given: Annotated[HTTPBasicCredentials | None, Depends(basic)]) -> Network:
    """The network, for the account's own credentials. Raises 401, 404, or what the knobs ask for."""
    config = network.config
    pairs = [(config.account_sid, network.token)]
    if config.api_key and config.api_secret:
        pairs.append((config.api_key, config.api_secret))
    known = given and any(_same(given.username, u) and _same(given.password, p) for u, p in pairs)
    if not known:
        raise RestError(401, 20003, "Authenticate", {"WWW-Authenticate": 'Basic realm="Twilio API"'})
    if config.account_sid != AccountSid:
        raise not_found(f"/2010-04-01/Accounts/{AccountSid}")
    return network


def willing(network: Annotated[Network, Depends(account)]) -> Network:
    """As `account`, unless the knobs refuse requests."""
    time.sleep(network.knobs.rest.slow_seconds)
    rest = network.knobs.rest
    if rest.rate_limited:
        raise RestError(429, 20429, "Too Many Requests")
    if rest.refuse:
        raise RestError(rest.refuse.status, rest.refuse.code, "The request was refused by a knob of the sandbox")
    return network


Mine = Annotated[Network, Depends(willing)]


async def form(request: Request) -> Form:
    """The parameters of a POST, each with all its values. Raises 400 for a body that is no form."""
    found: Form = {}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    body = await request.body()
    if body and kind != "application/x-www-form-urlencoded":
        raise invalid(20001, f"the body must be form-encoded, not {kind or 'untyped'}")
    for name, value in parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True):
        found.setdefault(name, []).append(value)
    return found


Given = Annotated[Form, Depends(form)]


def one(given: Mapping[str, list[str]], name: str, default: str = "") -> str:
    return given[name][0] if given.get(name) else default


def _same(a: str, b: str) -> bool:
    return hmac.compare_digest(a.encode(), b.encode())
