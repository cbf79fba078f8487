"""The API's nouns: what a supervisor's program may do."""

from typing import Any

import pytest

from tests.night import Night, met, seconds


def post(night: Night, noun: str, body: dict[str, Any], role: str = "supervisor", key: str | None = None) -> Any:
    headers = {"Authorization": f"Bearer {night.token(role)}"} | ({"Idempotency-Key": key} if key else {})
    answer = night.web.post(f"/api/v1/emergencies/E-000001/{noun}", json=body, headers=headers)
    night.settle()
    return answer


def test_acknowledged_for_somebody(called: Night) -> None:
    e = post(called, "acknowledgement", {"by": "bob"}).json()
    assert (e["state"], e["acknowledged_by"]) == ("acknowledged", "bob")
    called.minutes_pass(10)
    called.nobody_else_was_contacted()


def test_handed_over_and_the_new_owner_is_told(called: Night) -> None:
    called.people["ana"].replies("1").gets_sms("is yours")
    assert post(called, "handover", {"to": "bob"}).json()["acknowledged_by"] == "bob"
    called.people["bob"].gets_sms("was handed over to you", "02:30").proves("4").gets_sms("you reached")
    assert called.verdict() == met(by="declared")
    called.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    called.nobody_else_was_contacted()


def test_a_callback_rings_the_named_person(called: Night) -> None:
    assert post(called, "callback", {"by": "ana"}).status_code == 200
    called.people["ana"].is_rung().answers().presses("1")
    called.customer.answers(and_talks_for=seconds(31))
    called.people["ana"].presses("1")
    assert called.verdict() == met(by="carrier")
    called.customer.gets_sms("we have your message").gets_sms("is calling you now")
    called.nobody_else_was_contacted()


def test_priority_note_resolution_and_withdrawal(called: Night) -> None:
    assert post(called, "priority", {"priority": "P2", "reason": "digests only"}).json()["priority"] == "P2"
    assert post(called, "note", {"words": "their relay is down"}).status_code == 200
    called.people["ana"].proves("4").gets_sms("you reached")
    e = post(called, "resolution", {"how": "workaround", "note": "rerouted"}).json()
    assert (e["state"], e["resolution"]["how"]) == ("resolved", "workaround")
    kinds = called.facts()
    assert "PriorityChanged" in kinds
    assert "NoteAdded" in kinds
    called.customer.gets_sms("we have your message").gets_sms("did we reach you?")
    called.nobody_else_was_contacted()


def test_withdrawn(called: Night) -> None:
    e = post(called, "withdrawal", {"reason": "a test call"}).json()
    assert (e["state"], e["verdict"]["outcome"]) == ("withdrawn", "withdrawn")
    called.minutes_pass(40)
    called.nobody_else_was_contacted()


def test_the_same_key_twice_acts_once(called: Night) -> None:
    for _ in range(3):
        assert post(called, "note", {"words": "once"}, key="abc").status_code == 200
    assert called.facts().count("NoteAdded") == 1
    called.nobody_else_was_contacted()


@pytest.mark.parametrize(
    "noun,body,status,why",
    [
        ("acknowledgement", {"by": "nobody"}, 422, "ana"),
        ("handover", {}, 422, "to"),
        ("priority", {"priority": "P9"}, 422, "P[1-3]"),
        ("note", {"words": ""}, 422, "words"),
        ("withdrawal", {"reason": "x", "extra": 1}, 422, "extra"),
    ],
)
def test_a_wrong_body_is_a_problem_that_says_what_would_be_right(
    called: Night, noun: str, body: dict[str, Any], status: int, why: str
) -> None:
    before = called.facts()
    answer = post(called, noun, body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert why in answer.json()["detail"]
    assert called.facts() == before
    called.nobody_else_was_contacted()


def test_a_refusal_says_why(called: Night) -> None:
    called.people["ana"].replies("1").gets_sms("is yours")
    answer = post(called, "acknowledgement", {"by": "bob"})
    assert answer.status_code == 409
    assert "ana" in answer.json()["detail"]
    called.nobody_else_was_contacted()


@pytest.mark.parametrize(("role", "status"), [("technician", 404), ("auditor", 403), ("reader", 403)])
def test_only_supervisors_may_change_what_is_not_theirs(called: Night, role: str, status: int) -> None:
    assert post(called, "note", {"words": "x"}, role=role).status_code == status
    called.nobody_else_was_contacted()


def test_an_unknown_reference_is_404(called: Night) -> None:
    headers = {"Authorization": f"Bearer {called.token('supervisor')}"}
    assert called.web.post("/api/v1/emergencies/E-000099/note", json={"words": "x"}, headers=headers).status_code == 404
    called.nobody_else_was_contacted()


def test_excluded_by_a_program_and_who_acted_for_whom(called: Night) -> None:
    assert post(called, "acknowledgement", {"by": "bob"}).status_code == 200
    items = called.get("/api/v1/emergencies/E-000001/ledger")["items"]
    assert [(i["facts"]["by"], i["facts"]["set_by"]) for i in items if i["kind"] == "Acknowledged"] == [
        ("bob", "supervisor")
    ]
    assert post(called, "exclusion", {"reason": ""}).status_code == 422
    assert post(called, "exclusion", {"reason": "x" * 201}).status_code == 422
    assert post(called, "exclusion", {"reason": "our own test"}, role="reader").status_code == 403
    assert post(called, "exclusion", {"reason": "our own test"}).json()["verdict"]["outcome"] == "excluded"
    again = post(called, "exclusion", {"reason": "again"})
    assert (again.status_code, "already excluded from reports" in again.json()["detail"]) == (409, True)
    called.nobody_else_was_contacted()
