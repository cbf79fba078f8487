"""The carrier, through its SDK: one method per thing we ask, every failure sorted into a CarrierError.

Sources: 429 is never processed (error 20429); 5xx and a time-out after sending are ambiguous (20500);
list filters are by UTC day and newest first, so every list is filtered again here.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from callbacks.telephony.gateway import CarrierCall, CarrierError, CarrierMessage, CarrierNumber
from callbacks.telephony.transport import HttpxTransport

CALL_EVENTS = ["initiated", "ringing", "answered", "completed"]
LIST_LIMIT = 200
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class TwilioGateway:
    """Calls and texts from one support number of one account."""

    def __init__(
        self, account_sid: str, username: str, password: str, support_number: str, base_url: str | None = None
    ) -> None:
        self._http = HttpxTransport(base_url)
        self._sid, self._auth, self._from = account_sid, (username, password), support_number
        self._client = Client(username, password, account_sid, http_client=self._http, environment={"": ""})

    def send_text(self, to: str, body: str, status_url: str, valid_seconds: int) -> str:
        with _sorted_errors():
            message = self._client.messages.create(
                to=to, from_=self._from, body=body, status_callback=status_url, validity_period=valid_seconds
            )
            return str(message.sid)

    def start_call(self, to: str, url: str, status_url: str, ring_seconds: int) -> str:
        with _sorted_errors():
            call = self._client.calls.create(
                to=to, from_=self._from, url=url, method="POST", timeout=ring_seconds,
                status_callback=status_url, status_callback_event=CALL_EVENTS, status_callback_method="POST",
            )  # fmt: skip
            return str(call.sid)

    def fetch_call(self, sid: str) -> CarrierCall:
        with _sorted_errors():
            return _call(self._client.calls(sid).fetch())

    def calls_to(self, to: str, since: datetime) -> list[CarrierCall]:
        with _sorted_errors():
            found = self._client.calls.list(to=to, from_=self._from, start_time_after=_day(since), limit=LIST_LIMIT)
            return [c for c in map(_call, found) if _is_since(c.created_at or c.started_at, since)]

    def legs_of(self, call_sid: str) -> list[CarrierCall]:
        with _sorted_errors():
            return [_call(c) for c in self._client.calls.list(parent_call_sid=call_sid, limit=LIST_LIMIT)]

    def messages_to(self, to: str, since: datetime) -> list[CarrierMessage]:
        with _sorted_errors():
            found = self._client.messages.list(to=to, from_=self._from, limit=LIST_LIMIT)
            return [m for m in map(_message, found) if _is_since(m.created_at, since)]

    def inbound_calls(self, since: datetime) -> list[CarrierCall]:
        with _sorted_errors():
            found = self._client.calls.list(to=self._from, start_time_after=_day(since))
            calls = [c for c in map(_call, found) if c.direction == "inbound"]
            return [c for c in calls if _is_since(c.started_at or c.created_at, since)]

    def inbound_messages(self, since: datetime) -> list[CarrierMessage]:
        return self._messages(since, to=self._from)

    def outbound_messages(self, since: datetime) -> list[CarrierMessage]:
        return self._messages(since, from_=self._from)

    def outbound_calls(self, since: datetime) -> list[CarrierCall]:
        with _sorted_errors():
            found = self._client.calls.list(from_=self._from, start_time_after=_day(since))
            return [c for c in map(_call, found) if _is_since(c.created_at or c.started_at, since)]

    def _messages(self, since: datetime, **which: str) -> list[CarrierMessage]:
        """By the day sent; a text that is still queued has none yet and is seen by a later sweep."""
        with _sorted_errors():
            found = self._client.messages.list(date_sent_after=_day(since), **which)
            return [m for m in map(_message, found) if _is_since(m.created_at, since)]

    def recordings_of(self, call_sid: str) -> list[tuple[str, str, int]]:
        with _sorted_errors():
            found = self._client.recordings.list(call_sid=call_sid, limit=20)
            return [(str(r.sid), str(r.status), int(r.duration or 0)) for r in found]

    def delete_recording(self, sid: str) -> None:
        with _sorted_errors():
            self._client.recordings(sid).delete()

    def delete_message(self, sid: str) -> None:
        with _sorted_errors():
            self._client.messages(sid).delete()

    def delete_call(self, sid: str) -> None:
        with _sorted_errors():
            self._client.calls(sid).delete()

    def account(self) -> tuple[str, datetime | None]:
        path = f"https://api.twilio.com/2010-04-01/Accounts/{self._sid}.json"
        with _sorted_errors():
            status, body, headers = self._http.exchange("GET", self._http.target(path), auth=self._auth)
            if status != 200:
                raise CarrierError(f"the account answered {status}", refused=status in (401, 403, 404))
            return str(json.loads(body).get("status")), _http_date(headers.get("date", ""))

    def own_number(self) -> CarrierNumber | None:
        with _sorted_errors():
            found = self._client.incoming_phone_numbers.list(phone_number=self._from, limit=1)
        if not found:
            return None
        n = found[0]
        methods = (str(n.voice_method), str(n.status_callback_method), str(n.sms_method))
        return CarrierNumber(
            str(n.sid), str(n.voice_url or ""), str(n.status_callback or ""), str(n.sms_url or ""), methods
        )

    def set_number(self, sid: str, voice_url: str, status_url: str, sms_url: str) -> None:
        with _sorted_errors():
            self._client.incoming_phone_numbers(sid).update(
                voice_url=voice_url, voice_method="POST", status_callback=status_url, status_callback_method="POST",
                sms_url=sms_url, sms_method="POST",
            )  # fmt: skip

    def fetch_audio(self, recording_sid: str, limit: int) -> bytes:
        path = f"https://api.twilio.com/2010-04-01/Accounts/{self._sid}/Recordings/{recording_sid}.wav"
        with _sorted_errors():
            status, body, _ = self._http.exchange("GET", self._http.target(path), most=limit, auth=self._auth)
        if status != 200:
            raise CarrierError(f"audio answered {status}", refused=status in (401, 403, 410))
        return body


@contextmanager
def _sorted_errors() -> Iterator[None]:
    try:
        yield
    except TwilioRestException as error:
        raise _from_status(error) from None
    except NOT_SENT as error:
        raise CarrierError(type(error).__name__) from None
    except (httpx.HTTPError, TwilioException, ValueError) as error:
        raise CarrierError(type(error).__name__, ambiguous=True) from None


def _from_status(error: TwilioRestException) -> CarrierError:
    status = int(error.status)
    if status == 429:
        return CarrierError("429", code=error.code)
    if status >= 500:
        return CarrierError(str(status), ambiguous=True, code=error.code)
    return CarrierError(str(status), refused=True, code=error.code)


def _day(since: datetime) -> datetime:
    """A day earlier than asked: the carrier's filter may know whole UTC days only."""
    return since - timedelta(days=1)


def _is_since(at: datetime | None, since: datetime) -> bool:
    return at is None or at >= since


def _call(c: Any) -> CarrierCall:
    return CarrierCall(
        sid=str(c.sid), from_number=str(c._from or ""), to_number=str(c.to or ""), status=str(c.status),
        direction=str(c.direction or ""), started_at=_utc(c.start_time), created_at=_utc(c.date_created),
        seconds=int(c.duration) if c.duration else None, parent_sid=c.parent_call_sid, ended_at=_utc(c.end_time),
        answered_by=c.answered_by,
    )  # fmt: skip


def _message(m: Any) -> CarrierMessage:
    return CarrierMessage(
        sid=str(m.sid), from_number=str(m.from_ or ""), to_number=str(m.to or ""), status=str(m.status),
        direction=str(m.direction or ""), body=str(m.body or ""), created_at=_utc(m.date_created),
    )  # fmt: skip


def _http_date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text)
    except ValueError:
        return None


def _utc(at: datetime | None) -> datetime | None:
    if at is None:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
