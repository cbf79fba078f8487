"""Is this request the carrier's? Checked over the public address as configured, never over Host.

Source: the carrier's request-validation page: HMAC-SHA1 over URL and sorted parameters, with the auth
token. The carrier signs some requests with the port and some without, so both forms are accepted.
"""

from collections.abc import Sequence
from urllib.parse import parse_qsl

from twilio.request_validator import RequestValidator

Form = list[tuple[str, str]]
MOST_FIELDS = 500


class _Fields(dict[str, str]):
    """The validator asks for repeated names by `getlist`."""

    def __init__(self, form: Sequence[tuple[str, str]]) -> None:
        super().__init__(form)
        self._pairs = form

    def getlist(self, name: str) -> list[str]:
        return [value for key, value in self._pairs if key == name]


def read_form(body: bytes) -> Form:
    """The pairs of a urlencoded body: blanks and repeats kept, undecodable bytes replaced. Raises
    ValueError when there are more fields than any carrier sends."""
    return parse_qsl(
        body.decode("utf-8", "replace"), keep_blank_values=True, errors="replace", max_num_fields=MOST_FIELDS
    )


def public_url(base: str, raw_path: bytes, query: bytes) -> str:
    """The address the carrier asked for: our public base and the bytes as they came."""
    url = base.rstrip("/") + raw_path.decode("ascii", "replace")
    return f"{url}?{query.decode('ascii', 'replace')}" if query else url


def signature_is_valid(signature: str | None, url: str, form: Sequence[tuple[str, str]], tokens: Sequence[str]) -> bool:
    """True if any token (two while rotating) signed this URL and form. A missing signature is False, and so is an
    address that is none."""
    if not signature or not signature.isascii():
        return False
    fields = _Fields(form)
    try:
        return any(RequestValidator(token).validate(url, fields, signature) for token in tokens if token)
    except ValueError:
        return False
