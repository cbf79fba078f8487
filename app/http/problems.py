"""Errors as RFC 9457 problem documents: what is wrong and what would be right."""

import json
from collections.abc import Sequence
from typing import Any

from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

TITLES = {
    400: "Bad request",
    401: "Not logged in",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    408: "Too slow",
    409: "Conflict",
    411: "Length required",
    413: "Too large",
    422: "Invalid",
    429: "Too many requests",
    431: "Too large",
    500: "Internal error",
    503: "Not ready",
}
NO_JSON = "The body cannot be read; send JSON in UTF-8"


class Mistake(BaseModel):
    """One thing that is wrong with a request."""

    pointer: str = Field(description="Where: body, query, path or header, and the field.")
    detail: str


class Problem(BaseModel):
    """An error, as RFC 9457 has it."""

    type: str = "about:blank"
    title: str
    status: int
    errors: list[Mistake] | None = None
    detail: str | None = Field(None, description="What is wrong here, and what would be right.")


def body_of(status: int, detail: str | None, errors: Sequence[Mistake] = ()) -> dict[str, Any]:
    """A problem document."""
    title = TITLES.get(status, "Error")
    told = detail if detail != title else None
    made = Problem(type="about:blank", title=title, status=status, errors=list(errors) or None, detail=told or None)
    return made.model_dump(exclude_none=True)


def problem(
    status: int, detail: str | None = None, headers: Any = None, errors: Sequence[Mistake] = ()
) -> JSONResponse:
    body = body_of(status, detail, errors)
    return JSONResponse(body, status, headers=headers, media_type="application/problem+json")


def problem_text(status: int, detail: str) -> str:
    """A problem document as text, to be kept and answered again."""
    return json.dumps(body_of(status, detail), ensure_ascii=False)
