"""Errors as RFC 9457 problem documents: what is wrong and what would be right."""

import json
from typing import Any

from fastapi.responses import JSONResponse

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


def body_of(status: int, detail: str | None, **more: Any) -> dict[str, Any]:
    """A problem document."""
    body = {"type": "about:blank", "title": TITLES.get(status, "Error"), "status": status, **more}
    if detail and detail != body["title"]:
        body["detail"] = detail
    return body


def problem(status: int, detail: str | None = None, headers: Any = None, **more: Any) -> JSONResponse:
    body = body_of(status, detail, **more)
    return JSONResponse(body, status, headers=headers, media_type="application/problem+json")


def problem_text(status: int, detail: str) -> str:
    """A problem document as text, to be kept and answered again."""
    return json.dumps(body_of(status, detail), ensure_ascii=False)
