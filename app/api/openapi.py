"""The OpenAPI document: for each answer an example, and the problems that may come instead."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from app.http.problems import TITLES, Problem, body_of

# Requests and answers to show in the OpenAPI document: one night, with a customer nobody has to look up.

Json = dict[str, Any]
EMERGENCY: Json = {
    "ref": "E-000042",
    "state": "reached",
    "priority": "P1",
    "drill": False,
    "customer": {"number": "+15145550142", "withheld": False, "name": "Priya Shah"},
    "call_sid": "CA" + "1f" * 16,
    "recording_sid": "RE" + "2e" * 16,
    "found_by": "webhook",
    "call_started_at": "2026-11-24T07:00:00Z",
    "message_ended_at": "2026-11-24T07:00:36Z",
    "opened_at": "2026-11-24T07:00:36.120000Z",
    "due_at": "2026-11-24T07:30:00Z",
    "first_page_at": "2026-11-24T07:00:36.430000Z",
    "acknowledged_at": "2026-11-24T07:04:10Z",
    "acknowledged_by": "ana",
    "attempts": [{"at": "2026-11-24T07:13:02Z", "by": "ana", "result": "bridged", "talk_seconds": 94}],
    "contact_at": "2026-11-24T07:13:32Z",
    "resolved_at": None,
    "transcript": None,
    "message_seconds": 24,
    "verdict": {
        "outcome": "met",
        "evidence": "carrier",
        "seconds": 812,
        "our_outage": False,
        "why": "A bridged call, timed by the carrier.",
    },
    "company": "Acme",
    "times": {
        "call_started": {"at": "2026-11-24T07:00:00Z", "source": "carrier"},
        "message_ended": {"at": "2026-11-24T07:00:36Z", "source": "carrier"},
        "first_page_sent": {"at": "2026-11-24T07:00:36.430000Z", "source": "carrier"},
        "page_delivered": {"at": "2026-11-24T07:00:39Z", "source": "carrier"},
        "acknowledged": {"at": "2026-11-24T07:04:10Z", "source": "person"},
        "first_attempt": {"at": "2026-11-24T07:13:02Z", "source": "carrier"},
        "human_contact": {"at": "2026-11-24T07:13:32Z", "source": "carrier"},
    },
    "clocks": {
        "decides": "call",
        "call": {"due_at": "2026-11-24T07:30:00Z", "outcome": "met"},
        "message": {"due_at": "2026-11-24T07:30:36Z", "outcome": "met"},
    },
    "resolution": {"due_at": "2026-11-24T11:00:00Z", "outcome": "pending", "how": None},
    "reclassified": None,
    "coverage": {"product": "modusMail", "coverage": "inside"},
}
EMERGENCIES: Json = {"items": [EMERGENCY], "next_cursor": "ZTo0Mg"}
LEDGER: Json = {
    "items": [
        {
            "seq": 9,
            "kind": "Acknowledged",
            "at": "2026-11-24T07:04:10Z",
            "recorded_at": "2026-11-24T07:04:10Z",
            "facts": {"by": "ana", "role": "technician", "via": "sms"},
            "hash": "9f" * 32,
        }
    ],
    "next_cursor": None,
}
ON_CALL: Json = {"at": "2026-11-24T07:00:00Z", "on_call": {"primary": "ana", "backup": "bob"}}
REPORT: Json = {
    "from": "2026-11-01",
    "to": "2026-11-30",
    "n": 44,
    "met": 39,
    "missed": 1,
    "void": 2,
    "withdrawn": 1,
    "excluded": 1,
    "pending": 0,
    "compliance": 0.975,
    "compliance_n": 40,
    "compliance_interval": [0.8712, 0.9956],
    "compliance_void_against": 0.9286,
    "compliance_void_against_n": 42,
    "compliance_void_against_interval": [0.8099, 0.9754],
    "met_by_evidence": {"carrier": 36, "customer": 1, "declared": 2},
    "our_outage": 0,
    "median_seconds": 498,
    "slowest_seconds": 1702,
    "resolution": {"met": 41, "missed": 2, "void": 1},
    "resolution_rate": {"share": 0.9535, "n": 43, "interval": [0.8454, 0.9872]},
    "by_priority": {"P1": 40, "P2": 3, "P3": 1},
    "by_coverage": {"inside": 42, "not said": 2},
    "times": {"human_contact": {"n": 39, "p50_seconds": 498, "p90_seconds": 1210, "slowest_seconds": 1702}},
    "groups": {"priority": [], "technician": [], "customer": [], "hour": []},
    "group_sizes": {"priority": 0, "technician": 0, "customer": 0, "hour": 0},
    "misses": ["E-000017"],
}
DETAILS = {
    400: "The cursor is not valid; start without one",
    401: "Send a valid token as 'Authorization: Bearer …'",
    403: "This is not for the role auditor; ask a supervisor",
    404: "There is no emergency E-000099; a reference looks like E-000042",
    409: "E-000042: somebody else has it (ana); nothing was changed",
    422: "body.priority: String should match pattern '^P[1-3]$'",
    429: "A token may write 120 times a minute; retry in 17 s",
}


Responses = dict[int | str, dict[str, Any]]
ALWAYS = (401, 403, 422, 429)
HEADERS = {
    name: {"description": told, "schema": {"type": "integer"}}
    for name, told in {
        "RateLimit-Limit": "Requests of this kind that a token may send per minute.",
        "RateLimit-Remaining": "How many of them remain.",
        "RateLimit-Reset": "Seconds until the full number is available again.",
    }.items()
}
RETRY = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}


def answers(example: Any, *problems: int, told: str = "Fine.", details: Mapping[int, str] = DETAILS) -> Responses:
    """200 with an example, and every problem of a route behind a token. The model is the route's own answer."""
    good: Json = {
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


# The document itself: made from the routes once, with the problem document's schema that every route refers to.

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
        for route in app.routes:
            if isinstance(route, APIRoute) and route.include_in_schema:
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
