"""The carrier's request signature: HMAC-SHA1 over the address and the sorted form, base64."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit


def sign(token: str, url: str, form: Mapping[str, str]) -> str:
    """The signature of a POST of `form` to `url`; a fragment is not part of it."""
    text = without_fragment(url) + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def without_fragment(url: str) -> str:
    return url.partition("#")[0]


def with_port(url: str) -> str:
    """The address with its default port spelt out, as some of the carrier's requests are signed."""
    parts = urlsplit(url)
    if parts.port is None and parts.hostname:
        port = 443 if parts.scheme == "https" else 80
        return urlunsplit(parts._replace(netloc=f"{parts.hostname}:{port}"))
    return url
