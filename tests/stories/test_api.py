"""What programs rely on: lists that page, requests that may be sent again, problems that say what is right, rates,
and a document that describes all of it truly."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema
import pytest
from sqlmodel import select

from app.api.openapi import document
from app.main import create_app
from app.server import Server, listen_on
from app.settings import load_settings
from callbacks.store.sql import tables, tokens
from tests import http
from tests.night import Customer, Night, minutes, seconds

LIST = "/api/v1/emergencies"
NOTE = f"{LIST}/E-000001/note"


def api(night: Night, path: str, role: str = "supervisor", **more: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {night.token(role)}", **more.pop("headers", {})}
    return night.web.request(more.pop("method", "GET"), path, headers=headers, **more)


def write(night: Night, path: str, body: Any, key: str | None = None, role: str = "supervisor") -> httpx.Response:
    headers = {"Idempotency-Key": key} if key is not None else {}
    return api(night, path, role, method="POST", json=body, headers=headers)


def many(night: Night, first: int, count: int) -> None:
    """Signed ends of calls of as many callers."""
    for n in range(first, first + count):
        sid = f"CA{n:032x}"
        form = {"CallSid": sid, "AccountSid": night.settings.account_sid, "From": f"+1514555{n:04d}",
                "To": "+15145550100", "CallStatus": "completed", "Direction": "inbound", "CallDuration": "9"}  # fmt: skip
        assert night.webhook("/twilio/voice/ended", form).status_code == 200


def is_problem(answer: httpx.Response, status: int, *words: str) -> dict[str, Any]:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    told: dict[str, Any] = answer.json()
    assert (told["type"], told["status"], bool(told["title"])) == ("about:blank", status, True)
    for word in words:
        assert word in told["detail"], told["detail"]
    return told


def test_lists_page_and_nothing_moves_when_more_is_added(night: Night) -> None:
    many(night, 1, 5)
    seen, cursor = [], ""
    while True:
        got = api(night, LIST, params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [e["ref"] for e in got["items"]]
        if len(seen) == 4:
            many(night, 100, 2)
        if got["next_cursor"] is None:
            break
        cursor = got["next_cursor"]
        assert "after" not in cursor
    assert seen == [f"E-{n:06d}" for n in range(1, 8)]
    path = f"{LIST}/E-000001/ledger"
    whole = api(night, path).json()
    assert whole["next_cursor"] is None
    facts: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        got = api(night, path, params={"limit": 1} | ({"cursor": after} if after else {})).json()
        facts += got["items"]
        after = got["next_cursor"]
        if after is None:
            break
        ledger_cursor = after
    assert facts == whole["items"]
    is_problem(api(night, f"{LIST}/E-000002/ledger", params={"cursor": ledger_cursor}), 400, "another emergency")
    for bad in (ledger_cursor, "", "x", "ZTotMQ", "é", "ZTox=", "ZTo5OTk5OTk5OTk5OTk5OTk5OTk5"):
        is_problem(api(night, LIST, params={"cursor": bad}), 400, "start without one")
    is_problem(api(night, LIST, params={"cursor": "\x00"}), 400, "NUL")
    is_problem(api(night, LIST, params={"from": "2026-11-24T02:00:00"}), 400, "time zone")
    is_problem(api(night, LIST, params={"from": "0001-01-01T00:00:00+14:00"}), 400, "year")
    is_problem(api(night, "/api/v1/report", params={"from": "2026-01-01", "to": "9999-12-31"}), 400, "year")
    is_problem(api(night, "/api/v1/oncall", params={"at": "9999-12-31T23:59:59-14:00"}), 400, "year")
    head = api(night, LIST, method="HEAD")
    assert (head.status_code, head.content) == (200, b"")
    assert night.web.head("/healthz").status_code == 200
    night.nobody_else_was_contacted()


def test_a_repeat_has_the_same_answer_and_acts_once(night: Night) -> None:
    many(night, 1, 1)
    night.clock.turn(seconds=1)
    first = write(night, NOTE, {"words": "once"}, "k1")
    night.clock.turn(seconds=60)
    again = write(night, NOTE, {"words": "once"}, "k1")
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert ("idempotent-replayed" in first.headers, again.headers["idempotent-replayed"]) == (False, "true")
    assert night.facts().count("NoteAdded") == 1
    is_problem(write(night, NOTE, {"words": "other"}, "k1"), 422, "new key")
    assert night.facts().count("NoteAdded") == 1
    with night.database.write() as session:
        other = tokens.new_token(session, "supervisor", night.clock.now())
    headers = {"Authorization": f"Bearer {other}", "Idempotency-Key": "k1"}
    assert night.web.post(NOTE, json={"words": "theirs"}, headers=headers).status_code == 200
    priority = write(night, f"{LIST}/E-000001/priority", {"priority": "P2"}, "k1")
    assert (priority.status_code, priority.json()["priority"]) == (200, "P2")
    assert night.facts().count("NoteAdded") == 2
    is_problem(write(night, NOTE, {"words": "x"}, ""), 422, "Idempotency-Key")
    is_problem(write(night, NOTE, {"words": "x"}, "k" * 121), 422, "Idempotency-Key")
    night.nobody_else_was_contacted()


def test_a_refusal_is_answered_again_and_a_mistake_may_be_mended(night: Night) -> None:
    night.on_call("ana", "bob")
    night.customer_leaves_message()
    night.people["ana"].gets_sms("E-000001").replies("1").gets_sms("is yours")
    path = f"{LIST}/E-000001/acknowledgement"
    first = write(night, path, {"by": "bob"}, "k2")
    is_problem(first, 409, "ana", "nothing was changed")
    again = write(night, path, {"by": "bob"}, "k2")
    assert (again.content, again.headers["content-type"]) == (first.content, "application/problem+json")
    assert night.facts().count("CommandRefused") == 1
    is_problem(write(night, path, {"by": "nobody"}, "k3"), 422, "ana")
    is_problem(write(night, f"{LIST}/E-000001/handover", {"to": "nobody"}, "k3"), 422, "bob")
    assert write(night, f"{LIST}/E-000001/handover", {"to": "bob"}, "k3").status_code == 200
    night.people["bob"].gets_sms("was handed over to you")
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_the_same_key_at_the_same_time_acts_once_and_is_kept_two_days(night: Night) -> None:
    many(night, 1, 1)
    token, start, found = night.token("supervisor"), threading.Barrier(6), []

    def send() -> None:
        with http.Client(base_url=night.address, timeout=20) as client:
            start.wait()
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "race"}
            found.append(client.post(NOTE, json={"words": "once"}, headers=headers))

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {a.status_code for a in found} == {200}
    assert len({a.content for a in found}) == 1
    assert night.facts().count("NoteAdded") == 1
    night.clock.turn(hours=47)
    assert write(night, NOTE, {"words": "once"}, "race").content == found[0].content
    night.clock.turn(hours=2)
    write(night, NOTE, {"words": "later"}, "other")
    with night.database.read() as session:
        assert len(session.exec(select(tables.Answer)).all()) == 1
    Customer(night, "caller", "+15145550001").gets_all("we promised to call you")
    night.nobody_else_was_contacted()


def test_what_needs_no_words_needs_no_body(night: Night) -> None:
    """A technician's token rings the technician's own phone; a supervisor's must say whose."""
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    with night.database.write() as session:
        own = tokens.new_token(session, "technician", night.clock.now(), person="ana")
    headers = {"Authorization": f"Bearer {own}"}
    taken = night.web.post(f"{LIST}/E-000001/acknowledgement", headers=headers)
    assert (taken.status_code, taken.json()["acknowledged_by"]) == (200, "ana")
    is_problem(api(night, f"{LIST}/E-000001/callback", method="POST"), 422, "body.by", "roster")
    assert night.web.post(f"{LIST}/E-000001/callback", headers=headers).status_code == 200
    ana.is_rung()
    ana.answers().presses("1")
    night.customer.answers(and_talks_for=seconds(90))
    done = night.web.post(f"{LIST}/E-000001/resolution", headers=headers)
    assert (done.status_code, done.json()["state"]) == (200, "resolved")
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.nobody_else_was_contacted()


def test_every_kind_of_error_is_a_problem_that_says_what_is_right(night: Night) -> None:
    many(night, 1, 1)
    browser = {"Accept": "text/html"}
    is_problem(night.web.get("/api/v1/nothing", headers=browser), 404, "/api/docs")
    is_problem(night.web.get("/api/else"), 404, "/api/docs")
    is_problem(night.web.delete(LIST), 405, "GET")
    is_problem(night.web.get(NOTE), 405, "POST")
    is_problem(night.web.get(LIST), 401, "token")
    is_problem(night.web.get(LIST, headers={"Authorization": "Bearer x"}), 401, "token")
    assert night.web.get(LIST).headers["www-authenticate"] == "Bearer"
    is_problem(write(night, NOTE, {"words": "x"}, role="reader"), 403, "supervisor")
    is_problem(api(night, f"{LIST}/E-000099"), 404, "E-000042")
    is_problem(api(night, f"{LIST}/%ED%A0%80"), 404)
    told = is_problem(write(night, NOTE, {"words": "", "extra": 1}), 422, "body.words", "body.extra")
    assert {e["pointer"] for e in told["errors"]} == {"body.words", "body.extra"}
    for body in (b"{", b"[]", b'{"words": "\\ud800"}', b'{"\\ud800": 1, "words": "x"}', b"\xff", b"null"):
        got = api(night, NOTE, method="POST", content=body, headers={"Content-Type": "application/json"})
        is_problem(got, 400 if body == b"\xff" else 422)
    assert write(night, NOTE, {"words": "a\x00b"}).status_code == 200
    is_problem(api(night, LIST, params={"limit": 501}), 422, "500")
    is_problem(api(night, NOTE, method="POST", content=b"x" * 70_000), 413, "64 KiB")
    pieces = api(
        night, NOTE, method="POST", content=iter([b"x" * 40_000] * 2), headers={"Content-Type": "application/json"}
    )
    is_problem(pieces, 413, "64 KiB")
    night.nobody_else_was_contacted()


def test_a_fault_of_ours_is_a_problem_too(night: Night) -> None:
    many(night, 1, 1)
    night.clock.turn(seconds=1)
    healthy = night.clock.now
    night.clock.now = lambda: 1 / 0  # type: ignore[assignment, return-value]
    answer = night.web.get(f"{LIST}/E-000001", headers={"Authorization": f"Bearer {'x' * 9}"})
    night.clock.now = healthy  # type: ignore[method-assign]
    is_problem(answer, 500, "safe to retry")
    night.nobody_else_was_contacted()


@pytest.mark.storage
def test_a_token_has_a_rate_on_all_nodes_together_and_the_carrier_has_none(make_night: Any) -> None:
    night: Night = make_night()
    many(night, 1, 1)
    for n in range(119):
        got = write(night, f"{LIST}/E-000099/note", {"words": "x"})
        assert (got.status_code, got.headers["ratelimit-remaining"]) == (404, str(119 - n))
    answer = write(night, NOTE, {"words": "the last"})
    assert (answer.status_code, answer.headers["ratelimit-limit"]) == (200, "120")
    night.clock.turn(seconds=20)
    refused = write(night, NOTE, {"words": "one more"})
    is_problem(refused, 429, "120", "40 s")
    assert (refused.headers["retry-after"], refused.headers["ratelimit-remaining"]) == ("40", "0")
    assert api(night, LIST).headers["ratelimit-limit"] == "600"
    with other_node(night) as address:
        headers = {"Authorization": f"Bearer {night.token('supervisor')}"}
        is_problem(http.post(f"{address}{NOTE}", json={"words": "x"}, headers=headers), 429)
        assert http.get(f"{address}{LIST}", headers=headers).status_code == 200
    assert write(night, NOTE, {"words": "x"}, role="reader").status_code == 403
    night.clock.turn(seconds=41)
    assert write(night, NOTE, {"words": "again"}).status_code == 200
    for n in range(620):
        assert night.web.get(LIST, headers={"Authorization": f"Bearer {n}"}).status_code == 401
    with night.database.read() as session:
        counted = [row.key for row in session.exec(select(tables.Rate)) if row.key.startswith(("read:", "write:"))]
        assert len(counted) == 3, "wrong tokens are not counted"
    night.nobody_else_was_contacted()


class other_node:
    """A second web node on the same database."""

    def __init__(self, night: Night) -> None:
        listener = listen_on("127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.server = Server(create_app(night.settings, night.context), listener)

    def __enter__(self) -> str:
        self.server.start()
        return self.address

    def __exit__(self, *_: object) -> None:
        self.server.stop()


def test_a_thousand_webhooks_are_never_limited(night: Night) -> None:
    """From one address, and with a token's header on them: neither is looked at."""
    headers = {"Authorization": f"Bearer {night.token('supervisor')}"}
    form = {"AccountSid": night.settings.account_sid, "MessageSid": "SM" + "a" * 32, "MessageStatus": "sent"}
    for _ in range(1000):
        answer = night.webhook("/twilio/status/message/x", form, **headers)
        assert answer.status_code == 200
    assert "ratelimit-limit" not in answer.headers
    for _ in range(700):
        assert night.web.get("/healthz", headers=headers).status_code == 200
    night.nobody_else_was_contacted()


# --- the document ---


@pytest.fixture
def made(night: Night) -> Iterator[dict[str, Any]]:
    app = create_app(night.settings, night.context)
    yield document(app, night.address, "test")


def test_the_document_is_valid_and_every_operation_has_examples(night: Night, made: dict[str, Any]) -> None:
    known = made["components"]["schemas"]
    for name, schema in known.items():
        jsonschema.Draft202012Validator.check_schema(schema)
        for example in schema.get("examples", []):
            check(made, {"$ref": f"#/components/schemas/{name}"}, example)
    for path, methods in made["paths"].items():
        for method, told in methods.items():
            at = f"{method} {path}"
            assert told["responses"]["200"]["content"], at
            for status, answer in told["responses"].items():
                for kind, content in answer["content"].items():
                    assert "example" in content, (at, status)
                    if "json" in kind:
                        check(made, content["schema"], content["example"])
            if path.startswith("/api/"):
                assert {"401", "403", "422", "429"} <= told["responses"].keys(), at
                assert told["security"], at
            if "{ref}" in path:
                assert "404" in told["responses"], at
            if method == "post":
                assert "409" in told["responses"], at
                assert "Idempotency-Key" in {p["name"] for p in told["parameters"]}, at
                name = told["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
                assert known[name]["examples"], at
    assert "HTTPValidationError" not in known
    night.nobody_else_was_contacted()


def test_real_answers_are_as_the_document_says(night: Night, made: dict[str, Any]) -> None:
    night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana = night.people["ana"].gets_sms("E-000001")
    ana.is_called_back_by("3").gets_sms("your phone is ringing").presses("1")
    night.customer.answers(and_talks_for=minutes(1))
    ana.presses("1")
    write(night, f"{LIST}/E-000001/priority", {"priority": "P2", "reason": "x"})
    write(night, f"{LIST}/E-000001/coverage", {"product": "modusMail", "coverage": "inside"})
    asked = {
        "/api/v1/emergencies": LIST, "/api/v1/emergencies/{ref}": f"{LIST}/E-000001",
        "/api/v1/emergencies/{ref}/ledger": f"{LIST}/E-000001/ledger", "/api/v1/oncall": "/api/v1/oncall",
        "/api/v1/report": "/api/v1/report?from=2026-11-01&to=2026-11-30", "/healthz": "/healthz",
    }  # fmt: skip
    for path, real in asked.items():
        answer = api(night, real)
        assert answer.status_code == 200, answer.text
        schema = made["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        check(made, schema, answer.json())
    assert schema["$ref"].endswith("Alive")
    known = made["components"]["schemas"]["Emergency"]["properties"]
    assert api(night, f"{LIST}/E-000001").json().keys() == known.keys()
    night.customer.gets_sms("we have your message").gets_sms("is calling you now")
    night.nobody_else_was_contacted()


def check(made: dict[str, Any], schema: dict[str, Any], value: Any) -> None:
    whole = {"components": made["components"], **schema}
    jsonschema.validate(json.loads(json.dumps(value)), whole, cls=jsonschema.Draft202012Validator)


def test_the_document_is_for_those_with_a_token_or_a_session(night: Night) -> None:
    settings = load_settings(
        mode="demo", database_url=night.settings.database_url, public_url=night.address, api_url=night.address,
        data_dir=night.settings.data_dir, _env_file=None,
    )  # fmt: skip
    listener = listen_on("127.0.0.1", 0)
    server = Server(create_app(settings, night.context, without_login=False), listener)
    server.start()
    with http.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}") as web:
        for path in ("/api/openapi.json", "/api/docs"):
            is_problem(web.get(path), 401, "token")
            to_login = web.get(path, headers={"Accept": "text/html"})
            assert (to_login.status_code, to_login.headers["location"]) == (303, f"/login?next={path}")
            for role in ("supervisor", "technician", "auditor"):
                assert web.get(path, headers={"Authorization": f"Bearer {night.token(role)}"}).status_code == 200
            is_problem(web.get(path, headers={"Authorization": "Bearer x", "Accept": "text/html"}), 401)
        page = web.get(
            "/api/docs", headers={"Authorization": f"Bearer {night.token('auditor')}", "Accept-Language": "fr"}
        )
        assert "Exemple de requête" in page.text
    server.stop()
    night.nobody_else_was_contacted()


def test_numbers_of_staff_stand_in_a_ledger_for_supervisors_alone(night: Night) -> None:
    """The customer's is for everybody who reads the emergency: they are called back under it."""
    ana, _ = night.on_call("ana", "bob")
    night.customer_leaves_message()
    ana.gets_sms("E-000001")
    path, found = "/api/v1/emergencies/E-000001/ledger", {}
    for role in ("supervisor", "auditor", "reader"):
        answer = night.web.get(path, headers={"Authorization": f"Bearer {night.token(role)}"})
        assert night.customer.number in answer.text
        found[role] = [i["facts"]["number"] for i in answer.json()["items"] if i["kind"] == "PageRequested"]
        assert (ana.number in answer.text) is (role == "supervisor")
    assert found == {"supervisor": [ana.number], "auditor": ["+1514…11"], "reader": ["+1514…11"]}
    night.nobody_else_was_contacted()
