"""The OpenAPI document: made from the routes once, with the problem document's schema that every route refers to."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from app.api import actions, emergencies, health, oncall, report
from app.http.problems import Problem

PARTS = (emergencies, actions, oncall, report, health)
REF = "#/components/schemas/{model}"
TOLD = """What a program of yours may read and do. Send a token with each request: `Authorization: Bearer cb_…`.

- Times are RFC 3339 in UTC. Lists are `{"items": […], "next_cursor": … | null}`, oldest first.
- Errors are problem documents (RFC 9457); `detail` says what would be right.
- A POST with an `Idempotency-Key` may be sent again: the same key and body have the same answer for 48 hours.
- A token may read 600 times and write 120 times a minute; then 429, with `Retry-After`.
- Fields may be added to an answer; ignore what you do not know."""


def document(app: FastAPI, server: str, version: str) -> dict[str, Any]:
    """The document as JSON; the same object each time."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title, version=version, description=TOLD, routes=app.routes, servers=[{"url": server}]
        )
        problem = Problem.model_json_schema(ref_template=REF)
        parts = problem.pop("$defs", {})
        made["components"]["schemas"] |= {Problem.__name__: problem, **parts}
        for route in (route for part in PARTS for route in part.router.routes):
            if isinstance(route, APIRoute):
                _give_examples(made["paths"][route.path_format], route)
        app.openapi_schema = made
    return app.openapi_schema


def _give_examples(methods: dict[str, Any], route: APIRoute) -> None:
    """The examples as they were written: the framework drops every null in them."""
    for method in route.methods or ():
        for status, answer in route.responses.items():
            for kind, content in answer.get("content", {}).items():
                if "example" in content:
                    methods[method.lower()]["responses"][str(status)]["content"][kind]["example"] = content["example"]
