"""A POST that may be sent again: the same Idempotency-Key and body get the same answer, and nothing is done twice."""

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import Header, HTTPException, Request, Response
from pydantic import BaseModel

from callbacks.store.sql import idempotency
from callbacks.store.sql.transaction import Transaction

LONGEST = 120
USED = (
    "This Idempotency-Key was already used with another body; use a new key for a new request, "
    "or send the same body to get the same answer"
)
Answered = tuple[int, str]
KeyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=LONGEST,
        examples=["6f0c2f1e-8d0b-4f8e-9f0a-5d0c7b1c2a11"],
        description="Any text of your own, new for each request; a repeat within 48 h gets the first answer again.",
    ),
]


@dataclass(frozen=True, slots=True)
class Once:
    """The key of a request, if it has one, and a digest of the token that sent it: no token meets another's keys."""

    key: str | None
    owner: str

    def act(
        self, session: Transaction, now: datetime, about: str, body: BaseModel, work: Callable[[], Answered]
    ) -> tuple[Answered, bool]:
        """(what is answered, was it answered before). The work and its answer are one transaction, the caller's.
        Raises 422 when the key was used with another body, Conflict when another is at it now."""
        if self.key is None:
            return work(), False
        slot = idempotency.key_of(self.owner, about, self.key)
        request = hashlib.sha256(body.model_dump_json().encode()).hexdigest()
        try:
            found = idempotency.find(session, slot, request, now)
        except idempotency.OtherRequest:
            raise HTTPException(422, USED) from None
        if found:
            return found, True
        answered = work()
        idempotency.keep(session, slot, request, *answered, now)
        return answered, False


def once_of(request: Request, key: KeyHeader = None) -> Once:
    """A dependency: how this request may be repeated."""
    owner = hashlib.sha256(request.headers.get("authorization", "").encode()).hexdigest()
    return Once(key, owner)


def as_response(answered: Answered, is_repeat: bool) -> Response:
    """The answer; a repeated one says so in a header."""
    status, body = answered
    media_type = "application/json" if status < 400 else "application/problem+json"
    headers = {"Idempotent-Replayed": "true"} if is_repeat else None
    return Response(body, status, headers, media_type)


# Where a list goes on: opaque words that name the last item given. Later items come after it, so nothing that is
# added meanwhile moves what follows. Also the bounds that an instant of a query may have.

NOT_OURS = "The cursor is not valid; start without one, or send next_cursor unchanged"
FIRST_YEAR = 1970
LAST_YEAR = 2999


@dataclass(frozen=True, slots=True)
class Cursor:
    """One list's cursors: `kind` keeps them apart from another list's, `parts` numbers place an item."""

    kind: str
    parts: int

    def write(self, *place: int) -> str:
        text = ":".join([self.kind, *map(str, place)])
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def read(self, cursor: str | None) -> tuple[int, ...] | None:
        """The place; None without a cursor. Raises 400 for anything that `write` does not make."""
        if cursor is None:
            return None
        try:
            text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        except ValueError:
            raise HTTPException(400, NOT_OURS) from None
        if not re.fullmatch(rf"{self.kind}(:(0|[1-9]\d{{0,8}})){{{self.parts}}}", text, re.ASCII):
            raise HTTPException(400, NOT_OURS)
        place = tuple(map(int, text.split(":")[1:]))
        if self.write(*place) != cursor:
            raise HTTPException(400, NOT_OURS)
        return place


def instant(name: str, at: datetime | None) -> datetime | None:
    """An instant of a query in UTC. Raises 400 without a time zone, or far from any call."""
    if at is None:
        return None
    if at.tzinfo is None:
        raise HTTPException(400, f"{name} has no time zone; use a form such as 2026-11-24T02:00:00Z")
    _near(name, at)
    return at.astimezone(UTC)


def day(name: str, at: date) -> date:
    """A date of a query. Raises 400 far from any call."""
    _near(name, at)
    return at


def _near(name: str, at: date) -> None:
    if not FIRST_YEAR < at.year < LAST_YEAR:
        raise HTTPException(400, f"{name} is in the year {at.year}; use one between {FIRST_YEAR} and {LAST_YEAR}")
