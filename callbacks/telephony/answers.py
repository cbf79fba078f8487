"""The carrier's JSON, checked field by field before any of it is used.

- What answers may be a proxy, a captive portal or another version of the API: HTML, a list, a record without its SID.
- Every reader raises BrokenAnswer. It names the field and never the value: values are numbers and words.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from callbacks.delivery.delivery_policy import CALL_OVER, CALL_UNDER_WAY
from callbacks.telephony.gateway import CarrierCall, CarrierMessage, CarrierNumber
from callbacks.telephony.reports import CALL_SID, MEDIA_SID, MESSAGE_SID, RECORDING_SID

Record = Mapping[str, Any]
ACCOUNT_SID = re.compile(r"AC[0-9a-fA-F]{32}")
NUMBER_SID = re.compile(r"PN[0-9a-fA-F]{32}")
ACCOUNT_STATES = ("active", "suspended", "closed")
CALL_STATES = (*CALL_UNDER_WAY, *CALL_OVER)
LONGEST_WORD = 40
CARRIER_HOST = "api.twilio.com"


class BrokenAnswer(ValueError):
    """An answer that is not of the documented form; the message says which part."""


def record(text: str) -> Record:
    """The JSON object of a body."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise BrokenAnswer("the body is not JSON") from None
    if not isinstance(found, dict):
        raise BrokenAnswer("the body is not a JSON object")
    return found


def error_code(text: str) -> int | None:
    """The carrier's own error code, 0 when an error is of its form and has none; None for anybody else's."""
    try:
        found = record(text)
    except BrokenAnswer:
        return None
    code, status = found.get("code"), found.get("status")
    if isinstance(code, int) and not isinstance(code, bool) and 0 < code < 10**6:
        return code
    return 0 if isinstance(status, int) and isinstance(found.get("message"), str) else None


def items(page: Record, name: str) -> list[Any]:
    """The records of a list's page."""
    found = page.get(name)
    if not isinstance(found, list):
        raise BrokenAnswer(f"{name} is not a list")
    return found


def next_page(page: Record, path: str) -> str | None:
    """Path and query of a list's next page: the same list at the same host, or it is not followed."""
    uri = page.get("next_page_uri")
    if uri is None or uri == "":
        return None
    if not isinstance(uri, str):
        raise BrokenAnswer("next_page_uri is not text")
    try:
        parts = urlsplit(uri)
    except ValueError:
        raise BrokenAnswer("next_page_uri is not an address") from None
    if parts.netloc not in ("", CARRIER_HOST) or parts.path != path or not parts.query.isascii():
        raise BrokenAnswer("next_page_uri leads elsewhere")
    return f"{parts.path}?{parts.query}"


def call(found: Any) -> CarrierCall:
    c = _object(found)
    return CarrierCall(
        sid=sid(c, CALL_SID),
        from_number=_text(c, "from"),
        to_number=_text(c, "to"),
        status=_one_of(c, "status", CALL_STATES),
        direction=_word(c, "direction"),
        started_at=_time(c, "start_time"),
        created_at=_time(c, "date_created"),
        seconds=_whole(c, "duration"),
        parent_sid=_parent(c),
        ended_at=_time(c, "end_time"),
        answered_by=_text(c, "answered_by")[:LONGEST_WORD] or None,
    )


def message(found: Any) -> CarrierMessage:
    m = _object(found)
    at = _time(m, "date_created") or _time(m, "date_sent")
    if at is None:
        raise BrokenAnswer("date_created is missing")  # nobody could say which texts it came before
    return CarrierMessage(
        sid=sid(m, MESSAGE_SID),
        from_number=_text(m, "from"),
        to_number=_text(m, "to"),
        status=_word(m, "status"),
        direction=_word(m, "direction"),
        body=_text(m, "body"),
        created_at=at,
        media=_whole(m, "num_media") or 0,
    )


def recording(found: Any) -> tuple[str, str, int, str]:
    """(SID, status, seconds, the call's SID or "")."""
    r = _object(found)
    return sid(r, RECORDING_SID), _word(r, "status"), _whole(r, "duration") or 0, _text(r, "call_sid")


def media(found: Any) -> tuple[str, str]:
    """(SID, content type) of what came with a text."""
    m = _object(found)
    return sid(m, MEDIA_SID), _text(m, "content_type")


def number(found: Any) -> CarrierNumber:
    n = _object(found)
    methods = (_text(n, "voice_method"), _text(n, "status_callback_method"), _text(n, "sms_method"))
    return CarrierNumber(
        sid(n, NUMBER_SID),
        _text(n, "voice_url"),
        _text(n, "status_callback"),
        _text(n, "sms_url"),
        methods,
        _text(n, "phone_number"),
    )


def account(found: Any, account_sid: str) -> str:
    """The account's status; of no other account."""
    a = _object(found)
    if sid(a, ACCOUNT_SID).lower() != account_sid.lower():
        raise BrokenAnswer("sid is another account's")
    return _one_of(a, "status", ACCOUNT_STATES)


def sid(found: Record, form: re.Pattern[str]) -> str:
    """A SID of the right form."""
    value = found.get("sid")
    if not isinstance(value, str) or not form.fullmatch(value):
        raise BrokenAnswer("sid is missing or malformed")
    return value


def time(text: str) -> datetime | None:
    """The carrier's RFC 2822 time, or RFC 3339, aware UTC; None when it is neither."""
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            at = read(text)
            return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


# --- one field ---


def _object(found: Any) -> Record:
    if not isinstance(found, dict):
        raise BrokenAnswer("a record is not a JSON object")
    return found


def _text(found: Record, name: str) -> str:
    """Text; "" for null or absent."""
    value = found.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BrokenAnswer(f"{name} is not text")
    return value


def _word(found: Record, name: str) -> str:
    value = _text(found, name)
    if not value or len(value) > LONGEST_WORD:
        raise BrokenAnswer(f"{name} is missing or too long")
    return value


def _one_of(found: Record, name: str, known: tuple[str, ...]) -> str:
    value = _word(found, name)
    if value not in known:
        raise BrokenAnswer(f"{name} is not a known one")
    return value


def _parent(found: Record) -> str | None:
    value = _text(found, "parent_call_sid")
    if value and not CALL_SID.fullmatch(value):
        raise BrokenAnswer("parent_call_sid is malformed")
    return value or None


def _whole(found: Record, name: str) -> int | None:
    """A whole number, which the carrier writes as text; None for null, absent or blank."""
    value = found.get(name)
    if value is None or value == "":
        return None
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not re.fullmatch(r"[0-9]{1,7}", text):
        raise BrokenAnswer(f"{name} is not a number")
    return int(text)


def _time(found: Record, name: str) -> datetime | None:
    text = _text(found, name)
    at = time(text) if text else None
    if text and at is None:
        raise BrokenAnswer(f"{name} is not a time")
    return at
