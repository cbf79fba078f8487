"""What the product asks of a carrier, and the one question an error must answer: is retrying pointless?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
TOO_LARGE = 413  # the code of an answer that was larger than we take


class CarrierError(Exception):
    """A request that did not plainly succeed.

    `refused`: the carrier said no; the same request will be refused again (`code` is its error code).
    `ambiguous`: it may have been carried out (5xx, time-out after sending). Neither: it was not (429,
    no connection), so sending again is safe. `closed`: ambiguous because the connection ended without an answer; none
    will come any more. `found`: what a list held all the same, when only a part of it could be read.
    """

    def __init__(
        self,
        why: str,
        *,
        refused: bool = False,
        ambiguous: bool = False,
        closed: bool = False,
        code: int | None = None,
        found: Sequence[Any] = (),
    ):
        super().__init__(why)
        self.why, self.refused, self.ambiguous, self.closed, self.code = why, refused, ambiguous, closed, code
        self.found = list(found)


@dataclass(frozen=True, slots=True)
class CarrierCall:
    """A call as the carrier's own records have it; times aware UTC."""

    sid: str
    from_number: str
    to_number: str
    status: str
    direction: str
    started_at: datetime | None
    created_at: datetime | None
    seconds: int | None
    parent_sid: str | None = None
    ended_at: datetime | None = None
    answered_by: str | None = None


@dataclass(frozen=True, slots=True)
class CarrierMessage:
    """A text as the carrier's own records have it."""

    sid: str
    from_number: str
    to_number: str
    status: str
    direction: str
    body: str
    created_at: datetime | None
    media: int = 0


@dataclass(frozen=True, slots=True)
class CarrierNumber:
    """The support number's addresses as the carrier has them; `method` of all three is POST when it is ours."""

    sid: str
    voice_url: str
    status_url: str
    sms_url: str
    methods: tuple[str, str, str]
    number: str = ""


def listed(ask: Callable[[], list[T]]) -> tuple[list[T], CarrierError | None]:
    """A list of the carrier's, and what kept it from being whole. Raises CarrierError when nothing of it was read."""
    try:
        return ask(), None
    except CarrierError as error:
        if not error.found:
            raise
        return error.found, error


class Gateway(Protocol):
    """Every method raises CarrierError, and returns within the hard time-out."""

    def send_text(self, to: str, body: str, status_url: str, valid_seconds: int) -> str:
        """Sends one SMS; its SID."""
        ...

    def start_call(self, to: str, url: str, status_url: str, ring_seconds: int) -> str:
        """Rings `to` and runs the TwiML at `url` when answered; the call's SID."""
        ...

    def fetch_call(self, sid: str) -> CarrierCall: ...

    def calls_to(self, to: str, since: datetime) -> list[CarrierCall]:
        """Our calls to a number created since then, newest first."""
        ...

    def legs_of(self, call_sid: str) -> list[CarrierCall]:
        """The calls that a call of ours dialled, newest first."""
        ...

    def messages_to(self, to: str, since: datetime) -> list[CarrierMessage]:
        """Our texts to a number created since then, newest first."""
        ...

    def inbound_calls(self, since: datetime) -> list[CarrierCall]:
        """Calls to the support number started since then."""
        ...

    def inbound_messages(self, since: datetime) -> list[CarrierMessage]:
        """Texts to the support number created since then."""
        ...

    def outbound_calls(self, since: datetime) -> list[CarrierCall]:
        """Calls that left from the support number since then."""
        ...

    def outbound_messages(self, since: datetime) -> list[CarrierMessage]:
        """Texts that left from the support number since then."""
        ...

    def recordings_of(self, call_sid: str) -> list[tuple[str, str, int]]:
        """(recording SID, status, seconds) of a call."""
        ...

    def delete_recording(self, sid: str) -> None:
        """For good. Refused with 404 when it is not there."""
        ...

    def delete_message(self, sid: str) -> None:
        """A finished text's record."""
        ...

    def delete_media(self, message_sid: str, media_sid: str) -> None:
        """What came with a text."""
        ...

    def media_of(self, message_sid: str) -> list[tuple[str, str]]:
        """(media SID, content type) of what came with a text."""
        ...

    def fetch_media(self, message_sid: str, media_sid: str, limit: int) -> bytes:
        """What came with a text, at most `limit` bytes."""
        ...

    def delete_call(self, sid: str) -> None:
        """A finished call's record."""
        ...

    def account(self) -> tuple[str, datetime | None]:
        """(status of the account, the carrier's own clock), asked with the tokens that sign webhooks. Refused when
        the carrier takes none of them."""
        ...

    def tokens_taken(self) -> tuple[bool, ...]:
        """Of each token that may sign webhooks, whether the carrier takes it for the account."""
        ...

    def own_number(self) -> CarrierNumber | None:
        """The support number, if the account owns it."""
        ...

    def set_number(self, sid: str, voice_url: str, status_url: str, sms_url: str) -> None:
        """Sets its three addresses, all by POST."""
        ...

    def fetch_audio(self, recording_sid: str, limit: int) -> bytes:
        """The recording's WAV bytes, at most `limit` of them."""
        ...
