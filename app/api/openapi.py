"""What the OpenAPI document says of an answer: its model, an example, and the problems that may come instead."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

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
    400: "The cursor is not one of ours; start without one",
    401: "Send a valid token as 'Authorization: Bearer …'",
    403: "This is not for the role auditor; ask a supervisor",
    404: "There is no emergency E-000099; a reference looks like E-000042",
    409: "E-000042: somebody else has it (ana); nothing was changed",
    422: "body.priority: String should match pattern '^P[1-3]$'",
    429: "A token may write 120 times a minute; ask again in 17 s",
}


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
