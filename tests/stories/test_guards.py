"""The guards around every answer, whoever asks and whatever comes of it."""

import json

import httpx
import pytest

from app.main import create_app
from app.server import Server, listen_on
from tests import http
from tests.night import Night
from tests.stories.test_login import FIRST, add

PATHS = [
    "/",
    "/login",
    "/nowhere",
    "/healthz",
    "/metrics",
    "/static/base.css",
    "/api/v1/emergencies",
    "/api/openapi.json",
    "/t/x",
    "/twilio/voice",
]


class Away:
    """The same product as it stands at a public address with https."""

    def __init__(self, night: Night) -> None:
        listener = listen_on("127.0.0.1", 0)
        self.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings = night.settings.model_copy(update={"public_url": "https://callbacks.example"})
        self._server = Server(create_app(settings, night.context, without_login=False), listener)
        self._server.start()
        self.web = http.Client(base_url=self.address)

    def __enter__(self) -> httpx.Client:
        return self.web

    def __exit__(self, *_: object) -> None:
        self.web.close()
        self._server.stop()


def test_every_answer_carries_the_guards(night: Night) -> None:
    with Away(night) as web:
        for path in PATHS:
            for ask in (web.get, web.post, web.options):
                answer = ask(path)
                told = answer.headers
                policy = told["content-security-policy"]
                assert ("unsafe" not in policy and "object-src 'none'" in policy) or "default-src 'none'" in policy
                assert "frame-ancestors 'none'" in policy
                assert told["x-content-type-options"] == "nosniff"
                assert told["referrer-policy"] in ("same-origin", "no-referrer")
                assert "max-age=31536000" in told["strict-transport-security"]
                assert "access-control-allow-origin" not in told
                assert "server" not in told
                if not path.startswith("/static/"):
                    assert "no-store" in told["cache-control"], path
                if answer.content:
                    assert told["content-type"].split(";")[0] in (
                        "text/html", "text/css", "text/plain", "text/xml", "application/json", "application/problem+json"), path  # fmt: skip
    night.nobody_else_was_contacted()


def test_the_cookie_is_tied_to_host_and_https(night: Night) -> None:
    add(night, "sue@example.com", "supervisor")
    with Away(night) as web:
        form = {"email": "sue@example.com", "password": FIRST}
        answer = web.post("/login", data=form, headers={"Origin": "https://callbacks.example"})
        cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-callbacks=")
    for mark in ("Secure", "HttpOnly", "SameSite=lax", "Path=/"):
        assert mark in cookie
    assert "Domain" not in cookie
    with Away(night) as web:
        web.post("/login", data=form, headers={"Origin": "https://callbacks.example"})
        chosen = web.post("/language", data={"language": "fr"}, headers={"Origin": "https://callbacks.example"})
        assert chosen.headers["set-cookie"].startswith("__Host-callbacks-language=fr")
        page = web.get("/login", headers={"Cookie": "__Host-callbacks-language=fr"})
    assert '<html lang="fr">' in page.text
    night.nobody_else_was_contacted()


@pytest.mark.parametrize(
    "goal", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/%0d%0aSet-Cookie:x"]
)
def test_no_redirect_leaves_our_site(night: Night, goal: str) -> None:
    answer = night.web.post("/language", data={"language": "fr", "next": goal}, headers={"Origin": night.address})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/") and not answer.headers["location"].startswith(("//", "/\\"))
    assert "x" not in answer.cookies
    night.nobody_else_was_contacted()


def test_what_is_not_there_is_not_listed(night: Night) -> None:
    for path in (
        "/static/",
        "/static",
        "/.git/config",
        "/docs",
        "/redoc",
        "/static/../main.py",
        "/static/%2e%2e/main.py",
    ):
        assert night.web.get(path).status_code == 404, path
    assert night.web.request("TRACE", "/").status_code == 405
    night.nobody_else_was_contacted()


def test_unknown_fields_change_nothing(night: Night) -> None:
    """Mass assignment: a field that a form or a body does not have is refused."""
    night.on_call("ana", "bob")
    night.customer_leaves_message()
    headers = {"Authorization": f"Bearer {night.token('supervisor')}"}
    body = {"words": "x", "owner": "bob", "state": "resolved", "verdict": {"outcome": "met"}, "by": "zed"}
    answer = night.web.post("/api/v1/emergencies/E-000001/note", json=body, headers=headers)
    assert answer.status_code == 422
    found = night.emergency()
    assert (found["state"], found["acknowledged_by"], found["verdict"]["outcome"]) == ("open", None, "pending")
    night.people["ana"].gets_sms("P1 E-000001")
    night.nobody_else_was_contacted()


def test_refused_logins_and_rights_are_logged(night: Night, caplog: pytest.LogCaptureFixture) -> None:
    """With the digest of who and where, never with the words."""
    import structlog

    with structlog.testing.capture_logs() as told:
        night.web.post(
            "/login",
            data={"email": "sue@example.com", "password": "wrong wrong wrong"},
            headers={"Origin": night.address},
        )
        night.web.post(
            "/api/v1/emergencies/E-000001/note",
            json={"words": "x"},
            headers={"Authorization": f"Bearer {night.token('reader')}"},
        )
    events = {line["event"] for line in told}
    assert {"login.refused", "access.refused"} <= events
    assert "sue@" not in json.dumps(told) and "wrong wrong" not in json.dumps(told)
    night.nobody_else_was_contacted()
