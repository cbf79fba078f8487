"""What stands in the OpenAPI document of an answer: its model, an example, and the problems that may come instead."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel

from app.api.examples import DETAILS
from app.api.schemas import Problem
from app.problems import TITLES, body_of

Responses = dict[int | str, dict[str, Any]]
ALWAYS = (401, 403, 422, 429)
HEADERS = {
    name: {"description": told, "schema": {"type": "integer"}}
    for name, told in {
        "RateLimit-Limit": "Requests of this kind that a token has in a minute.",
        "RateLimit-Remaining": "How many of them are left.",
        "RateLimit-Reset": "Seconds until all of them are there again.",
    }.items()
}
RETRY = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}


def answers(
    model: type[BaseModel], example: Any, *problems: int, told: str = "Fine.", details: Mapping[int, str] = DETAILS
) -> Responses:
    """200 with its model and an example, and every problem of a route behind a token."""
    good = {
        "model": model,
        "description": told,
        "content": {"application/json": {"example": example}},
        "headers": HEADERS,
    }
    return {200: good, **problem_answers(*problems, details=details)}


def problem_answers(*problems: int, details: Mapping[int, str] = DETAILS) -> Responses:
    return {status: _problem(status, details.get(status)) for status in sorted({*ALWAYS, *problems})}


def _problem(status: int, detail: str | None) -> dict[str, Any]:
    example = body_of(status, detail)
    content = {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}, "example": example}
    told = {"description": TITLES.get(status, HTTPStatus(status).phrase)}
    headers = {"headers": HEADERS | RETRY} if status == 429 else {}
    return {**told, **headers, "content": {"application/problem+json": content}}
