"""The carrier, through its SDK's client: one method per thing we ask, every failure sorted into a CarrierError.

Sources: 429 is never processed (error 20429); 5xx and a time-out after sending are ambiguous (20500); list filters are
by UTC day and newest first, so every list is filtered again here. A standard API key cannot read the account, so that
is asked with the auth token. No answer is used before `answers.py` has looked at it.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit, urlunsplit

import httpx
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from callbacks.delivery.delivery_policy import Direction
from callbacks.telephony import answers
from callbacks.telephony.answers import BrokenAnswer, Record
from callbacks.telephony.gateway import TOO_LARGE, CarrierCall, CarrierError, CarrierMessage, CarrierNumber
from callbacks.telephony.reports import CALL_SID, MESSAGE_SID
from callbacks.telephony.transport import HttpxTransport, TooLarge

T = TypeVar("T")
API = f"https://{answers.CARRIER_HOST}"
CALL_EVENTS = ["initiated", "ringing", "answered", "completed"]
LIST_LIMIT = 200
PAGE_SIZE = 200
MOST_PAGES = 100
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL)
CLOSED = (httpx.NetworkError, httpx.RemoteProtocolError)
WRONG_CREDENTIALS = 401
REDIRECTS = (301, 302, 303, 307, 308)
MEDIA_HOSTS = ("mms.twiliocdn.com", "media.twiliocdn.com")


class TwilioGateway:
    """Calls and texts from one support number of one account. `tokens`: those that may sign webhooks, two while one is
    being rotated. Without an API key they are also what requests are made with: whichever the carrier takes."""

    def __init__(
        self,
        account_sid: str,
        username: str,
        password: str,
        support_number: str,
        base_url: str | None = None,
        tokens: Sequence[str] = (),
    ) -> None:
        self._http = HttpxTransport(base_url)
        self._sid, self._from = account_sid, support_number
        self._client = Client(username, password, account_sid, http_client=self._http, environment={"": ""})
        self._tokens = [(account_sid, token) for token in tokens] or [(account_sid, password)]
        self._credentials = [(username, password)]
        if username == account_sid:
            self._credentials += [pair for pair in self._tokens if pair[1] != password]

    def send_text(self, to: str, body: str, status_url: str, valid_seconds: int) -> str:
        made = self._post(
            "Messages",
            {"To": to, "From": self._from, "Body": body, "StatusCallback": status_url, "ValidityPeriod": valid_seconds},
        )
        return _new_sid(made, MESSAGE_SID)

    def start_call(self, to: str, url: str, status_url: str, ring_seconds: int) -> str:
        form = {
            "To": to,
            "From": self._from,
            "Url": url,
            "Method": "POST",
            "Timeout": ring_seconds,
            "StatusCallback": status_url,
            "StatusCallbackEvent": CALL_EVENTS,
            "StatusCallbackMethod": "POST",
        }
        return _new_sid(self._post("Calls", form), CALL_SID)

    def fetch_call(self, sid: str) -> CarrierCall:
        answer = self._ask("GET", self._path(f"Calls/{quote(sid, safe='')}"))
        return _read(answers.call, answer)

    def calls_to(self, to: str, since: datetime) -> list[CarrierCall]:
        which = {"To": to, "From": self._from, "StartTime>": _day(since)}
        return self._calls(
            which, lambda c: c.to_number == to and _is_since(c.created_at or c.started_at, since), LIST_LIMIT
        )

    def legs_of(self, call_sid: str) -> list[CarrierCall]:
        return self._calls({"ParentCallSid": call_sid}, lambda c: c.parent_sid in (None, call_sid), LIST_LIMIT)

    def messages_to(self, to: str, since: datetime) -> list[CarrierMessage]:
        found = self._messages({"To": to, "From": self._from}, since, LIST_LIMIT)
        return [m for m in found if m.to_number == to]

    def inbound_calls(self, since: datetime) -> list[CarrierCall]:
        which = {"To": self._from, "StartTime>": _day(since)}
        return self._calls(
            which, lambda c: c.direction == Direction.INBOUND and _is_since(c.started_at or c.created_at, since)
        )

    def inbound_messages(self, since: datetime) -> list[CarrierMessage]:
        return self._sent_since(since, To=self._from)

    def outbound_messages(self, since: datetime) -> list[CarrierMessage]:
        return self._sent_since(since, From=self._from)

    def outbound_calls(self, since: datetime) -> list[CarrierCall]:
        which = {"From": self._from, "StartTime>": _day(since)}
        return self._calls(which, lambda c: _is_since(c.created_at or c.started_at, since))

    def recordings_of(self, call_sid: str) -> list[tuple[str, str, int]]:
        found = self._list("Recordings", "recordings", {"CallSid": call_sid}, answers.recording, most=20)
        return [(sid, status, seconds) for sid, status, seconds, of in found if of in ("", call_sid)]

    def delete_recording(self, sid: str) -> None:
        self._delete("Recordings", sid)

    def delete_message(self, sid: str) -> None:
        self._delete("Messages", sid)

    def delete_media(self, message_sid: str, media_sid: str) -> None:
        self._delete(_media(message_sid), media_sid)

    def media_of(self, message_sid: str) -> list[tuple[str, str]]:
        return self._list(_media(message_sid), "media_list", {}, answers.media, most=20)

    def fetch_media(self, message_sid: str, media_sid: str, limit: int) -> bytes:
        """The carrier answers with the address of its own store, which is asked without our credentials. Any other
        address is not followed."""
        path = self._path(f"{_media(message_sid)}/{quote(media_sid, safe='')}", "")
        status, body, headers = self._fetched(path, limit)
        if status in REDIRECTS and urlsplit(headers.get("location", "")).hostname in MEDIA_HOSTS:
            with _sorted_errors():
                status, body, _ = self._http.exchange("GET", _secure(headers["location"]), most=limit)
        if status != 200:
            raise CarrierError(f"media answered {status}", refused=status == 410)
        return body

    def delete_call(self, sid: str) -> None:
        self._delete("Calls", sid)

    def account(self) -> tuple[str, datetime | None]:
        for pair in self._tokens:
            status, text, headers = self._exchange("GET", self._account_path, pair)
            if status != WRONG_CREDENTIALS:
                break
        else:
            raise _failure(status, text)
        found = _read(lambda r: answers.account(r, self._sid), _answered(status, text))
        return found, answers.time(headers.get("date", ""))

    def tokens_taken(self) -> tuple[bool, ...]:
        found = []
        for pair in self._tokens:
            status, text, _ = self._exchange("GET", self._account_path, pair)
            if status != WRONG_CREDENTIALS:
                _answered(status, text)
            found.append(status != WRONG_CREDENTIALS)
        return tuple(found)

    def own_number(self) -> CarrierNumber | None:
        which = {"PhoneNumber": self._from}
        found = self._list("IncomingPhoneNumbers", "incoming_phone_numbers", which, answers.number, most=20)
        return next((n for n in found if n.number == self._from), None)

    def set_number(self, sid: str, voice_url: str, status_url: str, sms_url: str) -> None:
        form = {
            "VoiceUrl": voice_url,
            "VoiceMethod": "POST",
            "StatusCallback": status_url,
            "StatusCallbackMethod": "POST",
            "SmsUrl": sms_url,
            "SmsMethod": "POST",
        }
        self._post(f"IncomingPhoneNumbers/{quote(sid, safe='')}", form)

    def fetch_audio(self, recording_sid: str, limit: int) -> bytes:
        status, body, _ = self._fetched(self._path(f"Recordings/{quote(recording_sid, safe='')}", ".wav"), limit)
        if status != 200:  # credentials that are refused today say nothing of the recording
            raise CarrierError(f"audio answered {status}", refused=status == 410)
        return body

    # --- requests ---

    def _fetched(self, path: str, limit: int) -> tuple[int, bytes, httpx.Headers]:
        url = self._http.target(API + path)
        for pair in self._credentials:
            with _sorted_errors():
                status, body, headers = self._http.exchange("GET", url, most=limit, auth=pair)
            if status != WRONG_CREDENTIALS:
                break
        return status, body, headers

    @property
    def _account_path(self) -> str:
        return f"/2010-04-01/Accounts/{self._sid}.json"

    def _path(self, what: str, kind: str = ".json") -> str:
        return f"/2010-04-01/Accounts/{self._sid}/{what}{kind}"

    def _exchange(
        self, method: str, path: str, auth: tuple[str, str], **sent: Any
    ) -> tuple[int, str, httpx.Headers | dict[str, str]]:
        with _sorted_errors():
            answer = self._client.request(method, API + path, auth=auth, **sent)
        return int(answer.status_code), str(answer.text), answer.headers

    def _ask(self, method: str, path: str, **sent: Any) -> str:
        """The body of an answer that says yes. 401 is never processed, so the same is asked with the other token."""
        for pair in self._credentials:
            status, text, _ = self._exchange(method, path, pair, **sent)
            if status != WRONG_CREDENTIALS:
                break
        return _answered(status, text)

    def _post(self, what: str, form: dict[str, Any]) -> str:
        return self._ask("POST", self._path(what), data=form)

    def _delete(self, what: str, sid: str) -> None:
        self._ask("DELETE", self._path(f"{what}/{quote(sid, safe='')}"))

    def _calls(
        self, which: dict[str, str], wanted: Callable[[CarrierCall], bool], most: int | None = None
    ) -> list[CarrierCall]:
        return self._list("Calls", "calls", which, answers.call, wanted, most)

    def _messages(self, which: dict[str, str], since: datetime, most: int | None = None) -> list[CarrierMessage]:
        return self._list(
            "Messages", "messages", which, answers.message, lambda m: _is_since(m.created_at, since), most
        )

    def _sent_since(self, since: datetime, **which: str) -> list[CarrierMessage]:
        """By the day sent; a text that is still queued has none yet and is seen by a later sweep."""
        return self._messages({"DateSent>": _day(since), **which}, since)

    def _list(
        self,
        what: str,
        name: str,
        which: dict[str, str],
        read: Callable[[Any], T],
        wanted: Callable[[T], bool] = lambda _: True,
        most: int | None = None,
    ) -> list[T]:
        """Every page of a list, or its newest `most` records. Raises CarrierError, with what was `found` all the same:
        one record that cannot be read hides none of the others."""
        path, found, unreadable = self._path(what), list[T](), list[str]()
        sent: dict[str, Any] = {"params": {**which, "PageSize": str(most or PAGE_SIZE)}}
        try:
            for records in self._pages(path, name, sent):
                for record in records:
                    try:
                        found.append(read(record))
                    except BrokenAnswer as fault:
                        unreadable.append(str(fault))
                if most and len(found) + len(unreadable) >= most:
                    break
        except CarrierError as error:
            error.found = list(filter(wanted, found))
            raise
        good = list(filter(wanted, found))
        if unreadable:
            why = f"{len(unreadable)} records of {what} cannot be read: {unreadable[0]}"
            raise CarrierError(why, ambiguous=True, found=good)
        return good

    def _pages(self, path: str, name: str, sent: dict[str, Any]) -> Iterator[list[Any]]:
        following, seen = path, {path}
        while True:
            page = _read(lambda answer: answer, self._ask("GET", following, **sent))
            yield _looked_at(answers.items, page, name)
            further = _looked_at(answers.next_page, page, path)
            if further is None:
                return
            if further in seen or len(seen) >= MOST_PAGES:
                raise CarrierError(f"the pages of {name} have no end", ambiguous=True)
            seen.add(further)
            following, sent = further, {}


@contextmanager
def _sorted_errors() -> Iterator[None]:
    try:
        yield
    except TooLarge as error:
        raise CarrierError(type(error).__name__, ambiguous=True, code=TOO_LARGE) from None
    except NOT_SENT as error:
        raise CarrierError(type(error).__name__) from None
    except (httpx.HTTPError, TwilioException, ValueError) as error:
        raise CarrierError(type(error).__name__, ambiguous=True, closed=isinstance(error, CLOSED)) from None


def _answered(status: int, text: str) -> str:
    if 200 <= status < 300:
        return text
    raise _failure(status, text)


def _failure(status: int, text: str) -> CarrierError:
    """What an answer other than a yes means. A refusal is the carrier's own only in its own form: a proxy's may be over
    in a minute. What leads elsewhere, and what took too long, may have been carried out."""
    code = answers.error_code(text)
    if status == 429:
        return CarrierError("429", code=code or None)
    if status >= 500:
        return CarrierError(str(status), ambiguous=True, code=code or None)
    if status >= 400 and code is not None:
        return CarrierError(str(status), refused=True, code=code or None)
    if status >= 400 and status != 408:
        return CarrierError(f"{status}, not in the carrier's form")
    return CarrierError(f"{status}, which is no answer to this", ambiguous=True)


def _read(reader: Callable[[Record], T], text: str) -> T:
    return _looked_at(lambda body: reader(answers.record(body)), text)


def _looked_at(reader: Callable[..., T], *given: Any) -> T:
    try:
        return reader(*given)
    except BrokenAnswer as fault:
        raise CarrierError(f"an unreadable answer: {fault}", ambiguous=True) from None


def _new_sid(text: str, form: Any) -> str:
    """Of what was made just now. Without one it may have been made all the same."""
    return _read(lambda made: answers.sid(made, form), text)


def _media(message_sid: str) -> str:
    return f"Messages/{quote(message_sid, safe='')}/Media"


def _secure(address: str) -> str:
    """The address by https on its usual port, whatever was said."""
    parts = urlsplit(address)
    return urlunsplit(("https", parts.hostname or "", parts.path, parts.query, ""))


def _day(since: datetime) -> str:
    """A day earlier than asked: the carrier's filter may know whole UTC days only."""
    return (since.astimezone(UTC) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_since(at: datetime | None, since: datetime) -> bool:
    return at is None or at >= since
