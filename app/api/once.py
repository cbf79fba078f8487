"""A POST that may be sent again: the same Idempotency-Key and body get the same answer, and nothing is done twice."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Header, HTTPException, Request, Response
from pydantic import BaseModel
from sqlmodel import Session

from callbacks.store import idempotency

LONGEST = 120
USED = (
    "This Idempotency-Key was used before, with another body; use a new key for a new request, "
    "or send the same body to have its answer again"
)
Answered = tuple[int, str]
KeyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", min_length=1, max_length=LONGEST, examples=["6f0c2f1e-8d0b-4f8e-9f0a-5d0c7b1c2a11"],
        description="Any text of your own, new for each request; a repeat within 48 h gets the first answer again.",
    ),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Once:
    """The key of a request, if it has one, and a digest of the token that sent it: no token meets another's keys."""

    key: str | None
    owner: str

    def act(
        self, session: Session, now: datetime, about: str, body: BaseModel, deed: Callable[[], Answered]
    ) -> tuple[Answered, bool]:
        """(what is answered, was it answered before). The deed and its answer are one transaction, the caller's.
        Raises 422 when the key was used with another body, Conflict when another is at it now."""
        if self.key is None:
            return deed(), False
        slot = idempotency.key_of(self.owner, about, self.key)
        request = hashlib.sha256(body.model_dump_json().encode()).hexdigest()
        try:
            found = idempotency.find(session, slot, request, now)
        except idempotency.OtherRequest:
            raise HTTPException(422, USED) from None
        if found:
            return found, True
        answered = deed()
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
