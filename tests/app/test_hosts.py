"""Under another name than our own there is nothing: no page, and no redirect that leads there."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from app.main import create_app
from app.server import Server, listen_on
from sandbox.signing import sign
from tests import http
from tests.app.test_rights import all_routes
from tests.conftest import fresh_database
from tests.night import Night

EVIL = "evil.example"
CALL = "CA" + "a" * 32


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    folder: Path = tmp_path_factory.mktemp("hosts")
    opened = Night(fresh_database("sqlite", folder), folder)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def away(night: Night) -> Iterator[httpx.Client]:
    """The same product as it stands behind a proxy, at a public address."""
    listener = listen_on("127.0.0.1", 0)
    settings = night.settings.model_copy(update={"public_url": "https://callbacks.example"})
    server = Server(create_app(settings, night.context, without_login=False), listener)
    server.start()
    with http.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}") as web:
        yield web
    server.stop()


def addresses(night: Night) -> set[tuple[str, str]]:
    """Every route with every method, with and without a slash at its end; and the mounted files."""
    app = create_app(night.settings, night.context)
    found = {
        ("GET", "/static"),
        ("GET", "/static/base.css"),
        ("GET", "/sandbox"),
        ("GET", "/sandbox/"),
        ("GET", "/2010-04-01"),
    }
    for route in all_routes(app):
        path = route.path.format_map(dict.fromkeys(route.param_convertors, "1"))
        found |= {(method, path) for method in route.methods or ()}
    assert len(found) > 60
    return found | {(method, path.rstrip("/") + "/") for method, path in found}


def test_no_route_answers_under_a_strange_name_or_leads_there(night: Night) -> None:
    free = ("/twilio/", "/media/", "/t/", "/calendar/", "/api/v1/", "/sandbox", "/2010-04-01")
    for method, path in sorted(addresses(night)):
        answer = night.web.request(method, path, headers={"Host": EVIL})
        assert EVIL not in answer.headers.get("location", "") and EVIL not in answer.text, (method, path)
        if not path.startswith(free) and path not in ("/healthz", "/readyz", "/metrics"):
            assert answer.status_code == 400, (method, path)
        if path.startswith("/twilio/") and method == "POST":
            assert answer.status_code == 403, (method, path)


def test_no_slash_at_an_end_is_a_redirect(night: Night) -> None:
    for method, path in sorted(addresses(night)):
        if path.endswith("/") and path != "/":
            answer = night.web.request(method, path)
            assert answer.status_code != 307 and night.address not in answer.headers.get("location", ""), (method, path)


def test_a_webhook_with_a_slash_at_its_end_is_verified_and_then_taken(night: Night) -> None:
    form = {"CallSid": CALL, "AccountSid": night.settings.account_sid, "From": "+15145550142", "To": "+15145550100"}
    url = f"{night.address}/twilio/voice/"
    signature = sign(night.settings.webhook_tokens[0], url, form)
    for headers in ({}, {"Host": EVIL}):
        assert night.web.post(url, data=form, headers=headers).status_code == 403
        good = night.web.post(url, data=form, headers={**headers, "X-Twilio-Signature": signature})
        assert (good.status_code, "<Record" in good.text or "<Gather" in good.text) == (200, True)


def test_our_own_names_are_answered(night: Night, away: httpx.Client) -> None:
    port = night.address.rpartition(":")[2]
    for host in (f"127.0.0.1:{port}", f"localhost:{port}", "LOCALHOST", f"[::1]:{port}"):
        assert night.web.get("/", headers={"Host": host}).status_code == 200, host
    for host in ("callbacks.example", "callbacks.example:443", "Callbacks.Example"):
        answer = away.get("/", headers={"Host": host})
        assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/"), host
    for host in (EVIL, "callbacks.example.evil.example", "", "a b", "callbacks.example@evil.example", "10.0.0.7", "["):
        told = away.get("/login", headers={"Host": host})
        assert told.status_code == 400, host
        assert "https://callbacks.example" in told.text or host in ("a b",)


def test_probes_by_number_are_answered(away: httpx.Client) -> None:
    assert away.get("/healthz", headers={"Host": "10.0.0.7:8000"}).status_code == 200
    assert away.get("/readyz", headers={"Host": "10.0.0.7:8000"}).status_code == 200
    assert away.get("/metrics", headers={"Host": "10.0.0.7:8000"}).status_code == 401
